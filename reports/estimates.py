"""An estimate as its page shows it: lines for the grid, the room above the least margin, two versions compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import select

from models.deals import Deal
from models.estimates import Estimate, EstimateLine
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.money import ZERO

HUNDRED = Decimal(100)


def versions(deal: Deal) -> Sequence[Estimate]:
    """All versions of a deal, the newest first."""
    rows = select(Estimate).where(Estimate.deal_id == deal.id).order_by(Estimate.revision.desc())
    return db.session.execute(rows).scalars().all()


def sees_cost() -> bool:
    """Cost and margin follow from each other: who may not see one sees neither."""
    actor = current_actor()
    return actor.sees("estimate.cost") and actor.sees("estimate.margin")


def grid_line(line: EstimateLine) -> dict[str, Any]:
    """A line as the grid's script reads and sends it; without its cost for who may not see that."""
    found: dict[str, Any] = {
        "id": line.id,
        "product_id": line.product_id,
        "section": line.section,
        "sku": line.sku,
        "name": line.name,
        "size": line.size,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "price": plain(line.price),
        "discount": plain(line.discount),
        "discount_sum": None if line.discount_sum is None else str(line.discount_sum),
        "vat": None if line.vat_percent is None else plain(line.vat_percent),
    }
    return found | ({"cost": plain(line.cost)} if sees_cost() else {})


def plain(number: Decimal) -> str:
    """Digits with a point, without needless zeros: what a script computes with."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def totals(estimate: Estimate) -> dict[str, str]:
    """The sums that the server stands by."""
    found = {name: str(getattr(estimate, name)) for name in ("total", "full", "discount", "vat")}
    return found | ({"margin": str(estimate.margin), "cost": str(estimate.cost)} if sees_cost() else {})


def room(total: Decimal, cost: Decimal, least_percent: Decimal) -> Decimal:
    """How much may be given away before the margin falls under its least share, down to whole hundreds."""
    if least_percent >= HUNDRED:
        return ZERO
    lowest = cost * HUNDRED / (HUNDRED - least_percent)
    return max(ZERO, ((total - lowest) / HUNDRED).to_integral_value(ROUND_FLOOR) * HUNDRED)


@dataclass(frozen=True)
class Change:
    """A line in two versions; None where it is missing."""

    name: str
    before: EstimateLine | None
    after: EstimateLine | None

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def difference(self) -> Decimal:
        """By how much the sum of the line grew, in roubles."""
        was = self.before.sum if self.before else ZERO
        return (self.after.sum if self.after else ZERO) - was


SEEN = ("name", "size", "quantity", "price", "discount", "discount_sum")


def compare(before: Estimate, after: Estimate) -> list[Change]:
    """What differs between two versions, in the order of the later one; then what is gone."""
    old = {line.root: line for line in before.lines}
    new = {line.root: line for line in after.lines}
    found = [
        Change(line.name, old.get(root), line)
        for root, line in new.items()
        if root not in old or any(getattr(line, name) != getattr(old[root], name) for name in SEEN)
    ]
    return found + [Change(line.name, line, None) for root, line in old.items() if root not in new]
