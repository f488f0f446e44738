"""Working time: moments counted along the firm's hours, holidays and absences; and the verbs that set them."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import event, select

from app.services.worktime.clockwork import ALWAYS, Clockwork
from app.services.worktime.reading import week_of
from models.ground.base import CrmSession, db
from models.staff import Person
from models.worktime import Absence, DayKind, Holiday, WorkHours

__all__ = ["after", "away_on", "between", "deputy_of", "hours_of", "is_open", "next_open", "on_duty", "today_of"]

KEPT = "worktime"
DEEPEST = 5


def hours_of(person: Person | None = None) -> Clockwork:
    """The hours of a person, or the firm's; round the clock until somebody sets them. Read once a session."""
    kept = db.session().info.setdefault(KEPT, {})
    if not kept:
        kept |= _read()
    own = kept.get(person.id) if person is not None else None
    found: Clockwork = own or kept[None]
    return found


def _read() -> dict[int | None, Clockwork]:
    days = db.session.execute(select(Holiday.day, Holiday.kind)).all()
    marked = {kind: frozenset(day for day, its in days if its == kind) for kind in DayKind}
    parts = (marked[DayKind.OFF], marked[DayKind.SHORT], marked[DayKind.WORKING])
    found: dict[int | None, Clockwork] = {None: Clockwork(ZoneInfo("UTC"), ALWAYS)}
    for row in db.session.execute(select(WorkHours)).scalars():
        found[row.person_id] = Clockwork(ZoneInfo(row.zone), week_of(row.week), *parts)
    return found


@event.listens_for(CrmSession, "after_flush")
def _forget(session: CrmSession, _context: object) -> None:
    """What was read of the hours is stale as soon as one of them is written."""
    if any(isinstance(row, WorkHours | Holiday) for row in (*session.new, *session.dirty, *session.deleted)):
        session.info.pop(KEPT, None)


def after(start: dt.datetime, minutes: float, person: Person | None = None) -> dt.datetime:
    """The moment when so many working minutes have passed since `start`."""
    return hours_of(person).after(start, minutes)


def between(first: dt.datetime, last: dt.datetime) -> float:
    """The firm's working minutes between two moments."""
    return hours_of().between(first, last)


def is_open(at: dt.datetime) -> bool:
    """Whether the firm works at that moment."""
    return hours_of().is_open(at)


def next_open(at: dt.datetime) -> dt.datetime:
    """That moment if the firm works then, else the next one when it does."""
    return hours_of().next_open(at)


def today_of(at: dt.datetime) -> dt.date:
    """The firm's day of a moment: absences are of days."""
    return at.astimezone(hours_of().zone).date()


def away_on(day: dt.date, people: Sequence[int] | None = None) -> dict[int, Absence]:
    """Who is away that day, by id, with the absence that says so."""
    found = select(Absence).where(Absence.begins <= day, ~Absence.cancelled).order_by(Absence.begins, Absence.id)
    if people is not None:
        found = found.where(Absence.person_id.in_(people))
    rows = db.session.execute(found.where((Absence.ends >= day) | Absence.ends.is_(None))).scalars()
    return {row.person_id: row for row in rows}


def on_duty(person: Person, at: dt.datetime) -> bool:
    """Whether the person works at that moment: not away, and within the hours."""
    return not away_on(today_of(at), [person.id]) and hours_of(person).is_open(at)


def deputy_of(person: Person, day: dt.date) -> Person | None:
    """Who stands in for the person that day; the person himself when he is there; None when nobody does."""
    here = person
    for _step in range(DEEPEST):
        absence = away_on(day, [here.id]).get(here.id)
        if absence is None:
            return here if here.active else None
        if absence.deputy is None:
            return None
        here = absence.deputy
    return None
