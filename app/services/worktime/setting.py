"""Verbs of working time: the hours of a week, days that differ, absences with a deputy."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import select

from app.services.versions import check_version
from app.services.worktime.reading import spans_of
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.history import record
from models.ground.limits import clean_date, clean_line
from models.ground.refused import NotFound, Refused
from models.staff import Person
from models.worktime import Absence, AbsenceKind, DayKind, Holiday, WorkHours

LONGEST = dt.timedelta(days=3 * 366)


def set_hours(
    zone: str, days: Mapping[int, str], person: Person | None = None, version: int | None = None
) -> WorkHours:
    """The hours of the firm, or of one person, by weekday as they were typed; an empty one is a day off.

    Raises Refused, which names the day as `day.0` … `day.6`, and Stale.
    """
    if zone not in available_timezones():
        raise Refused(_("Choose one of the time zones."), "zone")
    week = {str(day): spans_of(days.get(day, ""), f"day.{day}") for day in range(7)}
    if person is None and not any(week.values()):
        raise Refused(_("The firm works on no day at all: write the hours of at least one."), "day.0")
    row = _hours_of(person)
    if row is None:
        row = WorkHours(person_id=person.id if person else None, zone=zone, week=week)
        db.session.add(row)
    else:
        check_version(row, version, {"week": week, "zone": zone})
        row.zone, row.week = zone, week
    db.session.flush()
    record("worktime.set", row, person_id=row.person_id)
    return row


def drop_hours(person: Person) -> None:
    """The person works as the firm does."""
    row = _hours_of(person)
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _hours_of(person: Person | None) -> WorkHours | None:
    whose = WorkHours.person_id == person.id if person else WorkHours.person_id.is_(None)
    return db.session.execute(select(WorkHours).where(whose).with_for_update(of=WorkHours)).scalar_one_or_none()


def mark_day(day: dt.date, kind: str, words: str = "") -> Holiday | None:
    """A day of the yearly calendar is off, short or worked; with no kind it is again like its weekday."""
    row = db.session.execute(select(Holiday).where(Holiday.day == clean_date(day, "day"))).scalar_one_or_none()
    if not kind:
        if row is not None:
            db.session.delete(row)
            db.session.flush()
        return None
    if kind not in set(DayKind):
        raise Refused(_("Choose what kind of day it is."), "kind")
    if row is None:
        row = Holiday(day=day)
        db.session.add(row)
    row.kind, row.words = kind, clean_line(words, "words")
    db.session.flush()
    return row


def go_away(said: Mapping[str, Any]) -> Absence:
    """Somebody will be away: person, begins, ends (empty: open), kind, deputy, words. One's own, or one's people's.

    Raises NotFound for a person who is not one's own to send away, Refused for what cannot be.
    """
    row = Absence()
    _fill(row, said)
    db.session.add(row)
    db.session.flush()
    record("absence.added", row, person_id=row.person_id, begins=row.begins.isoformat())
    return row


def change_absence(row: Absence, said: Mapping[str, Any], version: int | None = None) -> Absence:
    """Other days, another deputy. Raises Stale when somebody changed it meanwhile."""
    _check_mine(row.person_id)
    check_version(row, version, said)
    _fill(row, said)
    db.session.flush()
    return row


def come_back(row: Absence) -> Absence:
    """The absence is taken back; `leave_again` is its undo."""
    _check_mine(row.person_id)
    row.cancelled = True
    db.session.flush()
    return row


def leave_again(row: Absence) -> Absence:
    """Undo of come_back."""
    _check_mine(row.person_id)
    row.cancelled = False
    _check_free(row)
    db.session.flush()
    return row


def may_send_away(person_id: int | None) -> bool:
    """Whether the actor may say that this person is away: himself, his people, or anybody as an administrator."""
    actor = current_actor()
    return actor.everything or person_id == actor.person_id or person_id in actor.people_ids


def _check_mine(person_id: int | None) -> None:
    if not may_send_away(person_id):
        raise NotFound("")


def _fill(row: Absence, said: Mapping[str, Any]) -> None:
    person, deputy = _person(said.get("person"), "person"), _person(said.get("deputy"), "deputy")
    if person is None:
        raise Refused(_("Choose who will be away."), "person")
    _check_mine(person.id)
    if not said.get("begins"):
        raise Refused(_("Write from which day."), "begins")
    begins = clean_date(said["begins"], "begins")
    ends = clean_date(said["ends"], "ends") if said.get("ends") else None
    if ends is not None and ends < begins:
        raise Refused(_("The absence ends before it begins."), "ends")
    if ends is not None and ends - begins > LONGEST:
        raise Refused(_("This is longer than three years. Leave the end empty."), "ends")
    if deputy is not None and deputy.id == person.id:
        raise Refused(_("Nobody stands in for himself. Choose somebody else."), "deputy")
    if said.get("kind") not in set(AbsenceKind):
        raise Refused(_("Choose why."), "kind")
    row.person_id, row.deputy_id = person.id, deputy.id if deputy else None
    row.begins, row.ends, row.kind = begins, ends, str(said["kind"])
    row.words = clean_line(said.get("words") or "", "words")
    _check_free(row)


def _check_free(row: Absence) -> None:
    """One is away once at a time."""
    with db.session.no_autoflush:
        other = select(Absence).where(Absence.person_id == row.person_id, Absence.id != (row.id or 0))
        other = other.where(~Absence.cancelled)
        other = other.where((Absence.ends >= row.begins) | Absence.ends.is_(None))
        if row.ends is not None:
            other = other.where(Absence.begins <= row.ends)
        found = db.session.execute(other.limit(1)).scalar_one_or_none()
    if found is not None:
        words = _("An absence from %(day)s covers these days already.", day=f"{found.begins:%d.%m.%Y}")
        raise Refused(words, "begins")


def _person(said: Any, field: str) -> Person | None:
    text = str(said or "").strip()
    if not text:
        return None
    found = db.session.get(Person, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if found is None or not found.active:
        raise Refused(_("There is no such person. Choose somebody else."), field)
    return found
