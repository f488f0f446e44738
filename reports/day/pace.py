"""The plan of a week or month against what was shipped and paid, with the pace; and what was done on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, select

from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.ground.actor import Actor, Scope
from models.ground.base import db
from models.payments import Payment
from models.plans import Plan
from models.shipments import Shipment
from models.tasks import Task, TaskKind
from reports.questions import Span, following

WEEK, MONTH = "week", "month"
NOTHING = Decimal(0)
ROUNDED = 10_000
# The tables themselves: the people counted are those whose work the actor reaches anyway.
TASKS: Any = Task.__table__.alias("counted_task")
PAPERS: Any = Document.__table__.alias("counted_paper")
MONEY: Any = Payment.__table__.alias("counted_money")
SENT: Any = Shipment.__table__.alias("counted_shipment")
DEALS: Any = Deal.__table__.alias("counted_deal")


@dataclass(frozen=True)
class Stretch:
    """The days looked at, how many of their working days have come (today's too), and how many there are."""

    kind: str
    span: Span
    before: Span
    passed: int
    whole: int
    # Which part of each month's working days lies in the span: a week's plan is that part of the month's.
    parts: dict[dt.date, Decimal]

    @property
    def pace(self) -> float:
        """Which share of the plan should be done by now, from 0 to 1."""
        return self.passed / self.whole if self.whole else 0


@dataclass(frozen=True)
class Count:
    """Something that is done on the way to a sale: how often in this span, and in the whole of the one before."""

    name: Any
    now: int
    before: int

    @property
    def percent(self) -> float:
        """Of what it was before, for a bar."""
        return min(100.0, self.now * 100 / self.before) if self.before else 100.0 if self.now else 0.0


@dataclass(frozen=True)
class Progress:
    """How the plan does. `target` is None where there is none."""

    stretch: Stretch
    target: Decimal | None
    shipped: Decimal
    paid: Decimal
    counts: list[Count]

    @property
    def gap(self) -> Decimal:
        """Above or below what should be shipped by now, in thousands where it is many of them."""
        wanted = (self.target or NOTHING) * self.stretch.passed / (self.stretch.whole or 1)
        gap = self.shipped - wanted
        return round(gap, -3 if abs(gap) >= ROUNDED else 0)


def stretch(kind: str, today: dt.date, zone: ZoneInfo, works: Callable[[dt.date], bool]) -> Stretch:
    """This week or month. `works` tells whether the firm works on a day."""
    if kind == WEEK:
        first = today - dt.timedelta(days=today.weekday())
        until, earlier = first + dt.timedelta(days=7), first - dt.timedelta(days=7)
    else:
        first = today.replace(day=1)
        until, earlier = following(first), (first - dt.timedelta(days=1)).replace(day=1)
    days = [day for day in _days(first, until) if works(day)]
    months = dict.fromkeys(day.replace(day=1) for day in days)
    parts = {month: _part(month, days, works) for month in months}
    passed = sum(day <= today for day in days)
    return Stretch(kind, Span(first, until, zone), Span(earlier, first, zone), passed, len(days), parts)


def _days(first: dt.date, until: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((until - first).days)]


def _part(month: dt.date, days: list[dt.date], works: Callable[[dt.date], bool]) -> Decimal:
    whole = sum(works(day) for day in _days(month, following(month)))
    return Decimal(sum(day.replace(day=1) == month for day in days)) / (whole or 1)


def progress(actor: Actor, over: Stretch) -> Progress | None:
    """One's own, or of the people that one heads; nothing for who may not see sums."""
    if not actor.sees("deal.amount") or Scope.NONE in {actor.reads(noun) for noun in ("shipment", "payment")}:
        return None
    people = sorted(actor.people_ids | {actor.person_id or 0})
    shipped, paid, *counted = db.session.execute(select(*_sums(people, over), *_counts(people, over))).one()
    names = (_l("Calls"), _l("Measurements"), _l("Quotes"), _l("Invoices"))
    counts = [Count(name, now, was) for name, now, was in zip(names, counted[::2], counted[1::2], strict=True)]
    return Progress(over, _target(people, over), shipped or NOTHING, paid or NOTHING, counts)


def _target(people: list[int], over: Stretch) -> Decimal | None:
    sums = select(Plan.month, func.sum(Plan.amount)).where(Plan.month.in_(over.parts), Plan.person_id.in_(people))
    rows = db.session.execute(sums.group_by(Plan.month))
    found = sum((amount * over.parts[month] for month, amount in rows), NOTHING)
    # A part of a month is said in thousands: a plan to the rouble would be false precision.
    return found.quantize(Decimal(1)) if over.kind == MONTH and found else round(found, -3) if found else None


def _sums(people: list[int], over: Stretch) -> list[Any]:
    shipped = select(func.sum(SENT.c.amount)).where(
        *over.span.holds_day(SENT.c.shipped_on), SENT.c.seller_id.in_(people), SENT.c.deleted_at.is_(None)
    )
    paid = (
        select(func.sum(MONEY.c.amount))
        .join(DEALS, DEALS.c.id == MONEY.c.deal_id)
        .where(*over.span.holds_day(MONEY.c.paid_on), MONEY.c.deleted_at.is_(None), DEALS.c.owner_id.in_(people))
    )
    return [shipped.scalar_subquery(), paid.scalar_subquery()]


def _counts(people: list[int], over: Stretch) -> list[Any]:
    """Calls and measurements are tasks that were ticked off, quotes and invoices the papers that were issued."""
    return [
        counted(kind, people, span).scalar_subquery()
        for counted, kind in (
            (_calls, TaskKind.CALL),
            (_measures, TaskKind.MEASURE),
            (_papers, DocumentKind.QUOTE),
            (_papers, DocumentKind.INVOICE),
        )
        for span in (over.span, over.before)
    ]


def _done(kind: TaskKind, span: Span) -> Any:
    within = and_(*span.holds(TASKS.c.done_at), TASKS.c.deleted_at.is_(None), TASKS.c.kind == kind)
    return select(func.count()).select_from(TASKS).where(within)


def _calls(kind: TaskKind, people: list[int], span: Span) -> Any:
    return _done(kind, span).where(TASKS.c.done_by_id.in_(people))


def _measures(kind: TaskKind, people: list[int], span: Span) -> Any:
    """Of their deals, whoever went there."""
    return _done(kind, span).where(TASKS.c.deal_id.in_(select(DEALS.c.id).where(DEALS.c.owner_id.in_(people))))


def _papers(kind: DocumentKind, people: list[int], span: Span) -> Any:
    issued = and_(PAPERS.c.kind == kind, *span.holds_day(PAPERS.c.issued_on), PAPERS.c.state != DocumentState.CANCELLED)
    of_deals = select(func.count()).select_from(PAPERS).join(DEALS, DEALS.c.id == PAPERS.c.deal_id)
    return of_deals.where(issued, DEALS.c.owner_id.in_(people))
