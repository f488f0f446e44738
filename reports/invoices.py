"""The accountant's first screen: invoices that wait for money, what came last, deals to be invoiced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload

from models.clients import Client
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate, EstimateState
from models.ground.base import db
from models.payments import Payment

ALL, OVERDUE = "all", "overdue"
FILTERS = (ALL, OVERDUE)
SIZE = 50
LAST = 8


@dataclass(frozen=True)
class Waiting:
    """An invoice that is not paid yet, or only partly."""

    document: Document
    paid: Decimal
    overdue_days: int

    @property
    def left(self) -> Decimal:
        return self.document.amount - self.paid

    @property
    def payer(self) -> str:
        """Whom it was issued to: as the client is called now."""
        return self.document.payer.name if self.document.payer else ""


@dataclass(frozen=True)
class Totals:
    """How many invoices wait and for how much; of them overdue."""

    count: int
    left: Decimal
    overdue: int
    overdue_left: Decimal


def _paid() -> Any:
    """What came by invoice: read once for the whole list."""
    came = select(Payment.invoice_id, func.sum(Payment.amount).label("paid"))
    return came.where(Payment.invoice_id.is_not(None)).group_by(Payment.invoice_id).subquery()


def _unpaid(paid: Any) -> ColumnElement[bool]:
    is_live = (Document.kind == DocumentKind.INVOICE) & (Document.state != DocumentState.CANCELLED)
    return is_live & (func.coalesce(paid.c.paid, 0) < Document.amount)


def waiting(which: str, today: dt.date, page: int = 0) -> tuple[list[Waiting], bool]:
    """A page of invoices that wait, the longest overdue first, and whether there are more."""
    paid = _paid()
    rows = (
        select(Document, func.coalesce(paid.c.paid, 0))
        .outerjoin(paid, paid.c.invoice_id == Document.id)
        .where(_unpaid(paid))
        .options(joinedload(Document.payer), joinedload(Document.deal))
        .order_by(Document.due_on, Document.id)
    )
    if which == OVERDUE:
        rows = rows.where(Document.due_on < today)
    found = db.session.execute(rows.offset(page * SIZE).limit(SIZE + 1)).all()
    return [_waiting(document, came, today) for document, came in found[:SIZE]], len(found) > SIZE


def _waiting(document: Document, paid: Any, today: dt.date) -> Waiting:
    late = (today - document.due_on).days if document.due_on else 0
    return Waiting(document, Decimal(paid), max(late, 0))


def totals(today: dt.date) -> Totals:
    """Counts and sums of all that waits, in one statement."""
    paid = _paid()
    left = Document.amount - func.coalesce(paid.c.paid, 0)
    is_late = Document.due_on < today
    statement = (
        select(
            func.count(Document.id),
            func.coalesce(func.sum(left), 0),
            func.count(case((is_late, 1))),
            func.coalesce(func.sum(case((is_late, left))), 0),
        )
        .outerjoin(paid, paid.c.invoice_id == Document.id)
        .where(_unpaid(paid))
    )
    count, rest, late, late_rest = db.session.execute(statement).one()
    return Totals(count, Decimal(rest), late, Decimal(late_rest))


def last_payments() -> Sequence[Payment]:
    """What came last."""
    rows = select(Payment).options(joinedload(Payment.invoice), joinedload(Payment.deal))
    newest = rows.order_by(Payment.paid_on.desc(), Payment.id.desc()).limit(LAST)
    return db.session.execute(newest).scalars().all()


@dataclass(frozen=True)
class Billable:
    """A deal whose agreed estimate is not invoiced yet."""

    deal: Deal
    client: str
    total: Decimal


def billable(limit: int = LAST) -> list[Billable]:
    """Open deals that wait for their first invoice, the longest agreed first."""
    live = (Document.kind == DocumentKind.INVOICE) & (Document.state != DocumentState.CANCELLED)
    invoiced = select(Document.id).where(Document.deal_id == Deal.id, live).exists()
    rows = (
        select(Deal, Client.name, Estimate.total)
        .join(Estimate, Estimate.deal_id == Deal.id)
        .outerjoin(Client, Client.id == func.coalesce(Deal.payer_id, Deal.client_id))
        .where(Estimate.state == EstimateState.AGREED, Deal.closed_at.is_(None), ~invoiced)
        .order_by(Estimate.agreed_at, Deal.id)
        .limit(limit)
    )
    return [Billable(deal, name or "", total) for deal, name, total in db.session.execute(rows)]
