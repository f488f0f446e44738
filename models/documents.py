"""A document: its number, the values frozen at issue, and the file made of them."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.clients import Client
from models.deals import Deal
from models.estimates import Estimate
from models.firms import Firm
from models.ground.base import BigId, Json, Line, Model, Moment, Money, Percent, Stamped, Tracked, Versioned
from models.ground.files import StoredFile
from models.ground.through_deal import ThroughDeal


class DocumentKind(StrEnum):
    """What paper it is; the closing papers come with their own issue."""

    QUOTE = "quote"
    INVOICE = "invoice"


class DocumentState(StrEnum):
    """How the paper is doing. A number, once given, is never used again, also of a cancelled one."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Document(ThroughDeal, Tracked, Stamped, Versioned, Model):
    """`values` are what the paper prints, frozen at issue: later edits of the deal do not reach it.

    `request_key` makes a twice-pressed button one document. `share` is the percentage of the estimate.
    `serial` counts per kind, firm and year; quotes have none, they are numbered after deal and version.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("kind", "firm_id", "year", "serial"),
        # Also the index by deal.
        UniqueConstraint("deal_id", "request_key"),
        Index("document_number", "number", postgresql_ops={"number": "text_pattern_ops"}),
        Index("document_payer", "payer_id", postgresql_where=text("payer_id IS NOT NULL")),
        Index("document_kind_date", "kind", "issued_on", "id"),
        Index("document_quote", "deal_id", "number", unique=True, postgresql_where=text("kind = 'quote'")),
    )
    noun = "document"
    tracked = ("state", "number", "amount", "due_on")

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(40))
    serial: Mapped[int | None]
    year: Mapped[int]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id"))
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    estimate_id: Mapped[int | None] = mapped_column(ForeignKey("estimate.id", ondelete="SET NULL"))
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"))
    issued_on: Mapped[dt.date]
    due_on: Mapped[dt.date | None]
    share: Mapped[Percent | None]
    amount: Mapped[Money]
    vat: Mapped[Money]
    state: Mapped[str] = mapped_column(String(10), default=DocumentState.MAKING)
    values: Mapped[Json] = mapped_column(default=dict, deferred=True)
    request_key: Mapped[str] = mapped_column(String(60))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Line] = mapped_column(default="")
    made_at: Mapped[Moment | None]
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id])
    firm: Mapped[Firm] = relationship(foreign_keys=[firm_id])
    estimate: Mapped[Estimate | None] = relationship(foreign_keys=[estimate_id])
    payer: Mapped[Client | None] = relationship(foreign_keys=[payer_id])
    file: Mapped[StoredFile | None] = relationship(foreign_keys=[file_id])
