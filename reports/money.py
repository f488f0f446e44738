"""The money of one deal: its estimate, documents, payments and shipments, in a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate, EstimateLine, EstimateState
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.money import ZERO, share_of
from models.payments import Payment
from models.shipments import Shipment, ShipmentLine


@dataclass(frozen=True)
class Section:
    """Goods or works of an estimate: how many lines, and their sum."""

    code: str
    lines: int
    sum: Decimal


@dataclass
class DealMoney:
    """What the panels of the deal's card show. `current` is the agreed version, or else the last one."""

    versions: Sequence[Estimate] = ()
    current: Estimate | None = None
    sections: list[Section] = field(default_factory=list)
    documents: Sequence[Document] = ()
    payments: Sequence[Payment] = ()
    shipments: Sequence[Shipment] = ()
    left_to_ship: bool = False

    @property
    def total(self) -> Decimal:
        """What the deal costs by its current estimate."""
        return self.current.total if self.current else ZERO

    @property
    def is_agreed(self) -> bool:
        return self.current is not None and self.current.state == EstimateState.AGREED

    @property
    def prepayment(self) -> Decimal:
        """The part that is paid before the work."""
        return share_of(self.total, self.current.prepayment_percent) if self.current else ZERO

    @property
    def invoices(self) -> list[Document]:
        """Invoices that count."""
        live = (one for one in self.documents if one.state != DocumentState.CANCELLED)
        return [one for one in live if one.kind == DocumentKind.INVOICE]

    @property
    def invoiced(self) -> Decimal:
        return sum((one.amount for one in self.invoices), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((one.amount for one in self.payments), ZERO)

    @property
    def left(self) -> Decimal:
        """What the client still owes by the current estimate."""
        return max(ZERO, self.total - self.paid)

    @property
    def shipped(self) -> Decimal:
        return sum((one.amount for one in self.shipments), ZERO)

    @property
    def may_invoice(self) -> bool:
        """Whether something of the agreed estimate is not invoiced yet."""
        return self.is_agreed and self.invoiced < self.total

    @property
    def paid_percent(self) -> int:
        """Paid, in percent of the total, at most 100: for a bar."""
        return min(100, int(self.paid * 100 / self.total)) if self.total else 0


def deal_money(deal: Deal) -> DealMoney:
    """The money of a deal as the actor reaches it: at most five statements."""
    found = DealMoney(
        versions=_rows(Estimate, deal, Estimate.revision.desc()),
        documents=_rows(Document, deal, Document.id),
        payments=_rows(Payment, deal, Payment.paid_on),
        shipments=_rows(Shipment, deal, Shipment.shipped_on),
    )
    agreed = (one for one in found.versions if one.state == EstimateState.AGREED)
    found.current = next(agreed, None) or next(iter(found.versions), None)
    if found.current is not None:
        _look_into(found, found.current)
    return found


def _rows(model: Any, deal: Deal, order: Any) -> Sequence[Any]:
    if current_actor().reads(model.noun) is Scope.NONE:
        return ()
    rows = select(model).where(model.deal_id == deal.id).order_by(order, model.id)
    return db.session.execute(rows).scalars().all()


def _look_into(found: DealMoney, estimate: Estimate) -> None:
    """Sections of the estimate, and whether any ordered quantity is not shipped yet: in one statement."""
    shipped = (
        select(func.sum(ShipmentLine.quantity))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.deal_id == estimate.deal_id)
        .scalar_subquery()
    )
    rows = select(EstimateLine, shipped).where(EstimateLine.estimate_id == estimate.id)
    found_rows = db.session.execute(rows).all()
    lines = [row[0] for row in found_rows]
    for code in ("goods", "work"):
        some = [line for line in lines if line.section == code]
        if some:
            found.sections.append(Section(code, len(some), sum((line.sum for line in some), ZERO)))
    ordered = sum((line.quantity for line in lines), ZERO)
    found.left_to_ship = found.is_agreed and bool(lines) and (found_rows[0][1] or 0) < ordered
