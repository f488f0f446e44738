"""An estimate of a deal: versions, lines from the price list, discount, margin."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.deals import Deal
from models.ground.base import (
    BigId,
    Line,
    Model,
    Moment,
    Money,
    Percent,
    Quantity,
    Stamped,
    Tracked,
    Versioned,
)
from models.ground.money import rounded, vat_inside
from models.ground.through_deal import ThroughDeal


class EstimateState(StrEnum):
    """A draft may be edited; a sent or agreed version is frozen, edits make the next one."""

    DRAFT = "draft"
    SENT = "sent"
    AGREED = "agreed"


class Estimate(ThroughDeal, Tracked, Stamped, Versioned, Model):
    """`revision` counts from 1 within the deal; the quote of it is numbered deal-revision (1042-3)."""

    __tablename__ = "estimate"
    __table_args__ = (UniqueConstraint("deal_id", "revision"),)
    noun = "estimate"
    tracked = ("state", "total", "agreed_at", "prepayment_percent", "valid_until")

    id: Mapped[BigId]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=EstimateState.DRAFT)
    prepayment_percent: Mapped[Percent] = mapped_column(default=Decimal(50))
    valid_until: Mapped[dt.date | None]
    terms: Mapped[str] = mapped_column(default="")
    total: Mapped[Money] = mapped_column(default=Decimal(0))
    full: Mapped[Money] = mapped_column(default=Decimal(0))
    cost: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    sent_at: Mapped[Moment | None]
    agreed_at: Mapped[Moment | None]
    deal: Mapped[Deal] = relationship(foreign_keys=[deal_id])
    lines: Mapped[list["EstimateLine"]] = relationship(
        order_by="EstimateLine.position", back_populates="estimate", cascade="all, delete-orphan"
    )

    @property
    def number(self) -> str:
        """The number of its quote: 1042-3."""
        return f"{self.deal.number}-{self.revision}"

    @property
    def discount(self) -> Decimal:
        """What all discounts take off the list prices, in roubles."""
        return self.full - self.total

    @property
    def margin(self) -> Decimal:
        """Sum minus cost, both with VAT, in roubles."""
        return self.total - self.cost

    @property
    def margin_percent(self) -> Decimal:
        """The margin as a share of the sum, in percent with one digit; 0 without a sum."""
        if not self.total:
            return Decimal(0)
        return (self.margin * 100 / self.total).quantize(Decimal("0.1"), ROUND_HALF_UP)


class EstimateLine(ThroughDeal, Model):
    """`price` is the list price with VAT per unit, `discount` a percentage, `cost` with VAT per unit.

    `discount_sum` is set when a discount on the whole estimate was laid over its lines: roubles off this
    line, exact, and `discount` is then only its rounded share. `vat_percent` None means «без НДС»; the rate
    stays on the line (domain A.2). `root_id` is the line of an earlier version that this one continues:
    what was shipped of that one is shipped of this one.
    """

    __tablename__ = "estimate_line"
    noun = "estimate_line"
    scope_noun = "estimate"

    id: Mapped[BigId]
    estimate_id: Mapped[int] = mapped_column(ForeignKey("estimate.id", ondelete="CASCADE"), index=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(String(10), default="goods")
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    sku: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[Line]
    size: Mapped[str] = mapped_column(String(80), default="")
    quantity: Mapped[Quantity]
    unit: Mapped[str] = mapped_column(String(20), default="шт.")
    okei: Mapped[str] = mapped_column(String(4), default="796")
    price: Mapped[Money]
    discount: Mapped[Percent] = mapped_column(default=Decimal(0))
    discount_sum: Mapped[Money | None]
    cost: Mapped[Money] = mapped_column(default=Decimal(0))
    vat_percent: Mapped[Percent | None]
    root_id: Mapped[int | None] = mapped_column(BigInteger)
    estimate: Mapped[Estimate] = relationship(back_populates="lines")

    @property
    def root(self) -> int:
        """The line of the first version in which it stood."""
        return self.root_id or self.id

    @property
    def full(self) -> Decimal:
        """Quantity times list price, in roubles, half up."""
        return rounded(self.quantity * self.price)

    @property
    def sum(self) -> Decimal:
        """What the client pays for the line, VAT included, half up (domain A.2)."""
        if self.discount_sum is not None:
            return self.full - self.discount_sum
        return rounded(self.quantity * self.price * (100 - self.discount) / 100)

    @property
    def vat(self) -> Decimal:
        """The VAT inside the line's sum, half up."""
        return vat_inside(self.sum, self.vat_percent)

    @property
    def cost_sum(self) -> Decimal:
        """Quantity times cost, in roubles."""
        return rounded(self.quantity * self.cost)

    @property
    def margin(self) -> Decimal:
        """Sum minus cost of the line, in roubles."""
        return self.sum - self.cost_sum
