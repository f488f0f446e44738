"""Verbs of a shipment: what of the agreed estimate was handed over; the fact that revenue is counted from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import estimates, firms
from app.services.estimates.lines import clean_quantity
from app.services.versions import locked, locked_deal
from models.deals import Deal
from models.estimates import EstimateLine
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_date, clean_text
from models.ground.money import ZERO, rounded
from models.ground.refused import NotFound, Refused
from models.shipments import Shipment, ShipmentLine


@dataclass(frozen=True)
class Left:
    """A line of the agreed estimate and how much of it is still to be shipped."""

    line: EstimateLine
    shipped: Decimal

    @property
    def quantity(self) -> Decimal:
        return max(self.line.quantity - self.shipped, Decimal(0))


def remaining(deal: Deal) -> list[Left]:
    """The lines of the agreed estimate with what is left of each; nothing without an agreed one."""
    estimate = estimates.agreed_version(deal)
    if estimate is None:
        return []
    shipped = estimates.shipped_by_root(deal.id)
    return [Left(line, shipped.get(line.root, Decimal(0))) for line in estimate.lines]


def ship(
    deal: Deal,
    lines: Mapping[int, Any] | None,
    shipped_on: object = None,
    comment: str = "",
    request_key: str | None = None,
) -> Shipment:
    """Record a shipment: quantities by the id of the estimate's line, None for all that is left.

    Sum and cost are computed, never typed; more than was ordered is refused. The same `request_key` gives
    the same shipment. Raises Refused.
    """
    deal = locked(deal)
    before = _same(deal, request_key)
    if before is not None:
        return before
    chosen = _chosen(remaining(deal), lines)
    rows = [_line(deal, left, quantity) for left, quantity in chosen]
    shipment = Shipment(
        deal_id=deal.id,
        shipped_on=_shipped_on(shipped_on),
        seller_id=deal.owner_id,
        amount=sum((row.amount for row in rows), ZERO),
        cost=sum((row.cost for row in rows), ZERO),
        comment=clean_text(comment, "comment", 1000),
        request_key=request_key or None,
        lines=rows,
    )
    db.session.add(shipment)
    db.session.flush()
    record("shipment.recorded", shipment, amount=shipment.amount, shipped_on=shipment.shipped_on)
    return shipment


def _same(deal: Deal, request_key: str | None) -> Shipment | None:
    if not request_key:
        return None
    twin = select(Shipment).where(Shipment.deal_id == deal.id, Shipment.request_key == request_key)
    return db.session.execute(twin.execution_options(with_deleted=True)).scalar_one_or_none()


def _shipped_on(value: object) -> dt.date:
    today = firms.today_of(firms.own())
    if value is None or value == "":
        return today
    day = clean_date(value, "shipped_on")
    if day > today:
        words = _("This date has not come yet. A shipment is recorded when it has happened.")
        raise Refused(words, "shipped_on")
    return day


def _chosen(lefts: Sequence[Left], lines: Mapping[int, Any] | None) -> list[tuple[Left, Decimal]]:
    """What is shipped of which line. Raises Refused for nothing, for too much and for a foreign line."""
    if not lefts:
        raise Refused(_("There is no agreed estimate yet: first mark a version as agreed by the client."))
    if lines is None:
        chosen = [(left, left.quantity) for left in lefts if left.quantity]
    else:
        by_id = {left.line.id: left for left in lefts}
        if not set(lines) <= set(by_id):
            raise NotFound("")
        typed = {line: value for line, value in lines.items() if str(value or "").strip() not in ("", "0")}
        chosen = [(by_id[line], _fitting(by_id[line], value)) for line, value in typed.items()]
    if not chosen:
        words = _("Nothing is left to ship, or no quantity is given. Type how much was shipped.")
        raise Refused(words, "lines")
    return chosen


def _fitting(left: Left, value: object) -> Decimal:
    field = f"line-{left.line.id}"
    quantity = clean_quantity(value, field)
    if quantity > left.quantity:
        words = _("Only %(left)s %(unit)s of “%(name)s” are left to ship.", left=said(left.quantity),
                  unit=left.line.unit, name=left.line.name)  # fmt: skip
        raise Refused(words, field)
    return quantity


def said(quantity: Decimal) -> str:
    """A quantity without needless zeros: 10,4."""
    return f"{quantity.normalize():f}".replace(".", ",")


def _line(deal: Deal, left: Left, quantity: Decimal) -> ShipmentLine:
    line = left.line
    amount, cost = _worth(left, quantity)
    return ShipmentLine(
        deal_id=deal.id,
        estimate_line_id=line.id,
        name=line.name,
        quantity=quantity,
        unit=line.unit,
        amount=amount,
        cost=cost,
    )


def _worth(left: Left, quantity: Decimal) -> tuple[Decimal, Decimal]:
    """A part of the line's sum and cost; the last part takes what is left of them to the kopeck."""
    line = left.line
    if quantity == left.quantity and left.shipped:
        shipped, amount, cost = _shipped_of(line)
        if shipped == left.shipped:
            return line.sum - amount, line.cost_sum - cost
    return rounded(line.sum * quantity / line.quantity), rounded(line.cost_sum * quantity / line.quantity)


def _shipped_of(line: EstimateLine) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, sum and cost shipped of this very line: earlier versions may have had other prices."""
    sums = (
        select(func.sum(ShipmentLine.quantity), func.sum(ShipmentLine.amount), func.sum(ShipmentLine.cost))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.estimate_line_id == line.id)
    )
    quantity, amount, cost = db.session.execute(sums).one()
    return quantity or Decimal(0), amount or ZERO, cost or ZERO


def withdraw(shipment: Shipment) -> Shipment:
    """Take back a shipment recorded by mistake: it goes to the trash, and revenue without it."""
    shipment = locked(shipment)
    shipment.deleted_at = utcnow()
    shipment.deleted_by_id = current_actor().person_id
    db.session.flush()
    record("shipment.withdrawn", shipment, amount=shipment.amount)
    return shipment


def restore(shipment: Shipment) -> Shipment:
    """Undo of `withdraw`. Refused when the same goods were shipped otherwise meanwhile."""
    if shipment.deleted_at is not None:
        locked_deal(shipment)
        require_room(shipment)
        shipment.deleted_at = None
        shipment.deleted_by_id = None
        db.session.flush()
        record("shipment.recorded", shipment, amount=shipment.amount, shipped_on=shipment.shipped_on)
    return shipment


def require_room(shipment: Shipment) -> None:
    """Refuse to bring back a withdrawn shipment when others took its place meanwhile."""
    left = {item.line.root: item.quantity for item in remaining(shipment.deal)}
    for row in shipment.lines:
        line = db.session.get(EstimateLine, row.estimate_line_id) if row.estimate_line_id else None
        if line is not None and row.quantity > left.get(line.root, Decimal(0)):
            raise Refused(_("“%(name)s” was shipped otherwise meanwhile.", name=row.name))
