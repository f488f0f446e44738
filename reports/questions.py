"""What a report looks at, and the conditions by which both its figures and the lists behind them are counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, select

from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import utcnow
from models.ground.history import StageVisit
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.shipments import Shipment
from models.tasks import Task

Conditions = Sequence[ColumnElement[bool]]
HOUR = dt.timedelta(hours=1)
# Rows of the deals in the trash are counted no more; the statement must not hide those deals from itself.
SEEING_ERASED = {"with_deleted": True}


@dataclass(frozen=True)
class Span:
    """The days from `first` up to and without `until`; moments are those of the firm's zone."""

    first: dt.date
    until: dt.date
    zone: ZoneInfo

    @property
    def begin(self) -> dt.datetime:
        """The first moment."""
        return dt.datetime.combine(self.first, dt.time(), self.zone)

    @property
    def end(self) -> dt.datetime:
        """The first moment after."""
        return dt.datetime.combine(self.until, dt.time(), self.zone)

    def holds(self, column: Any) -> Conditions:
        """A column of moments lies inside."""
        return (column >= self.begin, column < self.end)

    def holds_day(self, column: Any) -> Conditions:
        """A column of dates lies inside."""
        return (column >= self.first, column < self.until)


@dataclass(frozen=True)
class Lens:
    """A month, and whose and which deals are looked at; `people` None means everybody's.

    The zone is the firm's: all readers of a report see the same figures.
    """

    month: dt.date
    today: dt.date
    zone: ZoneInfo
    funnel_id: int | None = None
    people: frozenset[int] | None = None

    @property
    def is_current(self) -> bool:
        """Whether the month is not over."""
        return self.month <= self.today < following(self.month)

    @property
    def span(self) -> Span:
        """The whole month."""
        return Span(self.month, following(self.month), self.zone)

    @property
    def before(self) -> Span:
        """What the month is compared with: the one before; of a month that is not over, the same days."""
        earlier = months_back(self.month, 1)
        until = self.month
        if self.is_current:
            until = min(earlier + dt.timedelta(days=self.today.day), self.month)
        return Span(earlier, until, self.zone)

    @property
    def year(self) -> Span:
        """Twelve months, this one the last."""
        return Span(months_back(self.month, 11), following(self.month), self.zone)

    @property
    def months(self) -> list[dt.date]:
        """The first days of the twelve months."""
        return [months_back(self.month, back) for back in range(11, -1, -1)]

    @property
    def passed(self) -> float:
        """The share of the month's days that have come, from 0 to 1."""
        whole = (self.span.until - self.span.first).days
        return min(max((self.today - self.month).days + 1, 0), whole) / whole


def months_back(month: dt.date, count: int) -> dt.date:
    """The first day of the month `count` months earlier."""
    place = month.year * 12 + month.month - 1 - count
    return dt.date(place // 12, place % 12 + 1, 1)


def following(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return months_back(month, -1)


# ── what is counted ──────────────────────────────────────────────────────────


def both(lens: Lens) -> Span:
    """From the beginning of what the month is compared with to the month's end: one walk of an index."""
    return Span(lens.before.first, lens.span.until, lens.zone)


def shipped(lens: Lens, span: Span) -> Conditions:
    """Shipments by their date; a team's are those that its people sold."""
    found = [*span.holds_day(Shipment.shipped_on), *_of_people(lens, Shipment.seller_id)]
    return [*found, Shipment.deal_id.in_(_of_funnel(lens))] if lens.funnel_id else found


def received(lens: Lens, span: Span) -> Conditions:
    """Leads by the moment they came; a funnel's are those that became its deals and those that became none."""
    found = [*span.holds(Lead.received_at), *_of_people(lens, Lead.owner_id)]
    if lens.funnel_id:
        found.append(or_(Lead.deal_id.is_(None), Lead.deal_id.in_(_of_funnel(lens))))
    return found


def begun(lens: Lens, span: Span) -> Conditions:
    """Deals by the moment they were started."""
    return [*span.holds(Deal.created_at), *_deals(lens)]


def entered(lens: Lens, span: Span) -> Conditions:
    """Stays on a stage by the moment the deal came there. Needs SEEING_ERASED."""
    return [*span.holds(StageVisit.entered_at), *_stays(lens, span)]


def left(lens: Lens, span: Span) -> Conditions:
    """Stays on a stage by the moment the deal went on. Needs SEEING_ERASED."""
    return [*span.holds(StageVisit.left_at), *_stays(lens, span)]


def late(lens: Lens, stages: Sequence[Stage]) -> Conditions:
    """Open deals that stay on their stage longer than its norm, or than was planned where it has none; a deal on
    hold waits by its own will.

    Said stage by stage, each is one short walk of an index.
    """
    now = utcnow()
    ways = [
        and_(
            Deal.stage_id == stage.id,
            Deal.stage_since < now - dt.timedelta(hours=stage.norm_hours)
            if stage.norm_hours is not None
            else Deal.production_on < lens.today,
        )
        for stage in stages
    ]
    return [Deal.closed_at.is_(None), Deal.held_until.is_(None), or_(false(), *ways), *_deals(lens)]


def overdue(lens: Lens) -> Conditions:
    """Tasks that should have been done by now."""
    found = [Task.done_at.is_(None), Task.due_at < utcnow(), *_of_people(lens, Task.assignee_id)]
    return [*found, Task.deal_id.in_(_of_funnel(lens))] if lens.funnel_id else found


def _deals(lens: Lens) -> list[ColumnElement[bool]]:
    found = list(_of_people(lens, Deal.owner_id))
    return [*found, Deal.funnel_id == lens.funnel_id] if lens.funnel_id else found


def _stays(lens: Lens, span: Span) -> list[ColumnElement[bool]]:
    """Of deals that are not in the trash. These are few and the visits many, so it is said the other way round.

    Who reaches few deals is helped by what is true anyway: since a stay began or ended in the span, the deal has
    come to where it stands no earlier.
    """
    found = [StageVisit.deal_id.not_in(select(Deal.id).where(Deal.deleted_at.is_not(None)))]
    if current_actor().reads(Deal.noun) is not Scope.ALL:
        moved = select(Deal.id).where(Deal.stage_since >= span.begin, Deal.deleted_at.is_(None))
        found = [StageVisit.deal_id.in_(moved)]
    if lens.funnel_id:
        found.append(StageVisit.stage_id.in_(select(Stage.id).where(Stage.funnel_id == lens.funnel_id)))
    if lens.people is not None:
        found.append(StageVisit.deal_id.in_(select(Deal.id).where(Deal.owner_id.in_(lens.people))))
    return found


def _of_people(lens: Lens, column: Any) -> Conditions:
    return [] if lens.people is None else [column.in_(lens.people)]


def _of_funnel(lens: Lens) -> Any:
    return select(Deal.id).where(Deal.funnel_id == lens.funnel_id)
