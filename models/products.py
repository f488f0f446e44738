"""The price list: goods and works with unit, price, cost and VAT."""

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Computed, Index, String
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.clients import FOLDED
from models.ground.access import Public
from models.ground.base import Erasable, Line, Model, Money, Stamped, Tracked, Versioned


class ProductKind(StrEnum):
    """Goods are shipped, works are done."""

    GOODS = "goods"
    WORK = "work"


class Product(Public, Tracked, Stamped, Versioned, Erasable, Model):
    """A row of the price list; `price` and `cost` include VAT; `vat_code` None means the firm's usual rate."""

    __tablename__ = "product"
    __table_args__ = (Index("product_words", "words", postgresql_using="gin"),)
    tracked = ("sku", "name", "unit", "price", "cost", "active", "deleted_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Line]
    folded: Mapped[str] = mapped_column(String(250, collation="C"), Computed(FOLDED, persisted=True))
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(f"to_tsvector('simple'::regconfig, {FOLDED})", persisted=True)
    )
    price_list: Mapped[str] = mapped_column(String(60), default="")
    kind: Mapped[str] = mapped_column(String(10), default=ProductKind.GOODS)
    unit: Mapped[str] = mapped_column(String(20), default="шт.")
    okei: Mapped[str] = mapped_column(String(4), default="796")
    price: Mapped[Money] = mapped_column(default=Decimal(0))
    cost: Mapped[Money] = mapped_column(default=Decimal(0))
    vat_code: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)

    def __repr__(self) -> str:
        return self.name
