"""Free time of a person: what is taken, with the way between two visits, and where a new visit would fit."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.services import worktime
from app.services.worktime.clockwork import ALWAYS, Clockwork, Span
from models.ground.base import db, utcnow
from models.staff import Person
from models.visits import Visit, VisitState

STEP = 30
# Where nobody has said when the firm works, visits are made by day.
BY_DAY: tuple[Span, ...] = ((8 * 60, 20 * 60),)
FARTHEST_DAYS = 21
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Taken:
    """A visit of somebody: from when until when, and how many minutes of way before and after it."""

    starts: dt.datetime
    ends: dt.datetime
    travel: int
    visit_id: int = 0


def clash(wanted: Taken, others: Iterable[Taken]) -> Taken | None:
    """The first of the others that leaves no time for the way, or overlaps; None when it fits."""
    for other in others:
        way = max(wanted.travel, other.travel) * MINUTE
        if wanted.starts < other.ends + way and other.starts < wanted.ends + way:
            return other
    return None


def fitting(spans: Iterable[tuple[dt.datetime, dt.datetime]], taken: Sequence[Taken], wanted: Taken) -> list[Taken]:
    """Every place for a visit as long as `wanted` in these spans, each half an hour, that clashes with nothing.

    Places begin at `wanted.starts` or later.
    """
    lasts = wanted.ends - wanted.starts
    found: list[Taken] = []
    for begins, ends in spans:
        at = begins
        while at + lasts <= ends:
            slot = Taken(at, at + lasts, wanted.travel)
            if at >= wanted.starts and clash(slot, taken) is None:
                found.append(slot)
            at += STEP * MINUTE
    return found


def taken_by(person_id: int, since: dt.datetime, until: dt.datetime, but: int = 0) -> list[Taken]:
    """The planned visits of a person in a time, whoever planned them: read from the table itself.

    Whether somebody is free does not depend on whose deals the asker may read.
    """
    visit = Visit.__table__.c
    rows = select(visit.starts_at, visit.ends_at, visit.travel_minutes, visit.id).where(
        visit.assignee_id == person_id,
        visit.state == VisitState.PLANNED,
        visit.deleted_at.is_(None),
        visit.id != but,
        visit.starts_at < until,
        visit.ends_at > since,
    )
    return [Taken(*row) for row in db.session.execute(rows.order_by(visit.starts_at))]


def hours(person: Person) -> Clockwork:
    """When visits of a person may be: the working hours, or by day where nobody set any."""
    found = worktime.hours_of(person)
    if found.week is not ALWAYS:
        return found
    return Clockwork(ZoneInfo(person.zone), dict.fromkeys(range(7), BY_DAY), found.off, found.short, found.working)


def is_worked(person: Person, starts: dt.datetime, ends: dt.datetime) -> bool:
    """Whether the whole of a time lies in the hours of a person; the way there and back is not asked."""
    return any(begins <= starts and ends <= till for begins, till in islice(hours(person).hours(starts), 1))


def free(person: Person, day: dt.date, minutes: int, travel: int, but: int = 0) -> list[Taken]:
    """The free places of a person on a day, none when they are away; what has passed is no place."""
    if worktime.away_on(day, [person.id]):
        return []
    clock = hours(person)
    worked = clock.spans(day)
    # Whoever works round the clock still goes to clients by day.
    spans = [_moments(clock, day, span) for span in (BY_DAY if worked == ALWAYS[0] else worked)]
    if not spans:
        return []
    around = dt.timedelta(hours=6)
    taken = taken_by(person.id, spans[0][0] - around, spans[-1][1] + around, but)
    now = utcnow()
    return fitting(spans, taken, Taken(now, now + minutes * MINUTE, travel))


def nearest(person: Person, wanted: Taken, most: int = 3) -> list[Taken]:
    """The free places that are nearest to a wanted one, on its day or after it, in order of time."""
    minutes = int((wanted.ends - wanted.starts) / MINUTE)
    day = wanted.starts.astimezone(hours(person).zone).date()
    for number in range(FARTHEST_DAYS):
        places = free(person, day + dt.timedelta(days=number), minutes, wanted.travel, wanted.visit_id)
        if places:
            by_distance = sorted(places, key=lambda slot: abs(slot.starts - wanted.starts))
            return sorted(by_distance[:most], key=lambda slot: slot.starts)
    return []


def _moments(clock: Clockwork, day: dt.date, span: Span) -> tuple[dt.datetime, dt.datetime]:
    begins, ends = (_moment(clock.zone, day, minute) for minute in span)
    return begins, ends


def _moment(zone: ZoneInfo, day: dt.date, minute: int) -> dt.datetime:
    day, minute = day + dt.timedelta(days=minute // 1440), minute % 1440
    return dt.datetime.combine(day, dt.time(minute // 60, minute % 60), zone)
