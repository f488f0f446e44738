"""A shipment or finished works: the fact from which revenue is counted."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.deals import Deal
from models.ground.base import BigId, Erasable, Line, Model, Money, Quantity, Stamped, Tracked, Versioned
from models.ground.through_deal import ThroughDeal
from models.staff import Person


class Shipment(ThroughDeal, Tracked, Stamped, Versioned, Erasable, Model):
    """`amount` and `cost` are with VAT and equal the sums of the lines; `seller_id` gets it in the reports.

    `request_key` makes a twice-pressed button one shipment.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        # Also the index by deal.
        UniqueConstraint("deal_id", "request_key"),
        # Lists walk it, and the dashboard sums a year's shipments without touching the table.
        Index(
            "shipment_shipped_on",
            "shipped_on",
            "id",
            postgresql_include=["seller_id", "deal_id", "amount", "cost"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )
    noun = "shipment"
    tracked = ("shipped_on", "amount", "cost", "deleted_at")

    id: Mapped[BigId]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    shipped_on: Mapped[dt.date]
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    amount: Mapped[Money]
    cost: Mapped[Money] = mapped_column(default=Decimal(0))
    comment: Mapped[str] = mapped_column(default="")
    request_key: Mapped[str | None] = mapped_column(String(60))
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id])
    seller: Mapped[Person | None] = relationship(foreign_keys=[seller_id])
    lines: Mapped[list["ShipmentLine"]] = relationship(
        cascade="all, delete-orphan", order_by="ShipmentLine.id"
    )

    @property
    def margin(self) -> Decimal:
        """Sum minus cost, both with VAT, in roubles."""
        return self.amount - self.cost


class ShipmentLine(ThroughDeal, Model):
    """What was handed over: quantity of an estimate line, with its sum and cost, VAT included."""

    __tablename__ = "shipment_line"
    noun = "shipment_line"
    scope_noun = "shipment"

    id: Mapped[BigId]
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id", ondelete="CASCADE"), index=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    estimate_line_id: Mapped[int | None] = mapped_column(ForeignKey("estimate_line.id", ondelete="SET NULL"))
    name: Mapped[Line]
    quantity: Mapped[Quantity]
    unit: Mapped[str] = mapped_column(String(20), default="шт.")
    amount: Mapped[Money]
    cost: Mapped[Money] = mapped_column(default=Decimal(0))
