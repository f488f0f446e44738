"""The price list as the line of an estimate searches it: by the beginnings of words and by article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, or_, select

from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.beginnings import begun
from models.products import Product

SHOWN = 8


@dataclass(frozen=True)
class Found:
    """A product that may go into an estimate; `cost` is None for who may not see it."""

    id: int
    sku: str
    name: str
    unit: str
    kind: str
    price: Decimal
    cost: Decimal | None
    price_list: str


def find(text: str, limit: int = SHOWN) -> list[Found]:
    """Products in use whose name has words that begin so, or whose article does; nearest names first."""
    folded = text.lower().replace("ё", "е")
    words = re.findall(r"\w+", folded)[:6]
    rows = select(Product).where(Product.active.is_(True))
    if words:
        article = func.lower(Product.sku).startswith(text.strip().lower(), autoescape=True)
        rows = rows.where(or_(Product.words.op("@@")(begun(words)), article))
    is_start = Product.folded.startswith(folded.strip(), autoescape=True)
    rows = rows.order_by(is_start.desc(), Product.folded, Product.id).limit(limit)
    sees_cost = current_actor().sees("product.cost")
    return [
        Found(
            id=row.id,
            sku=row.sku,
            name=row.name,
            unit=row.unit,
            kind=row.kind,
            price=row.price,
            cost=row.cost if sees_cost else None,
            price_list=row.price_list,
        )
        for row in db.session.execute(rows).scalars()
    ]
