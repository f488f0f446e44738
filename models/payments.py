"""A payment that came for a deal, by an invoice or without one."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.deals import Deal
from models.documents import Document
from models.ground.base import BigId, Erasable, Line, Model, Money, Stamped, Tracked, Versioned
from models.ground.through_deal import ThroughDeal


class PaymentMethod(StrEnum):
    """How the money came."""

    BANK = "bank"
    CASH = "cash"
    CARD = "card"
    SBP = "sbp"


class Payment(ThroughDeal, Tracked, Stamped, Versioned, Erasable, Model):
    """Money received, in roubles, above zero; a mistaken one goes to the trash and is counted no more.

    `request_key` makes a twice-pressed button one payment.
    """

    __tablename__ = "payment"
    # The twin's constraint is also the index by deal.
    __table_args__ = (UniqueConstraint("deal_id", "request_key"), Index("payment_paid_on", "paid_on", "id"))
    noun = "payment"
    tracked = ("amount", "paid_on", "method", "invoice_id", "deleted_at")

    id: Mapped[BigId]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)
    amount: Mapped[Money]
    paid_on: Mapped[dt.date]
    method: Mapped[str] = mapped_column(String(10), default=PaymentMethod.BANK)
    payer: Mapped[Line] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    request_key: Mapped[str | None] = mapped_column(String(60))
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id])
    invoice: Mapped[Document | None] = relationship(foreign_keys=[invoice_id])
