"""What a person chose: which event comes by which way, the quiet hours, the daily letter."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from app.services.notices.events import ALL, EVENTS, kind_of
from models.ground.base import db
from models.ground.refused import Refused
from models.staff import Person

WEEK = range(7)


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing but the bell is heard, and days that are quiet whole; Monday is 0."""

    begins: dt.time | None = None
    ends: dt.time | None = None
    days: frozenset[int] = frozenset()
    lets_urgent: bool = True

    @property
    def is_set(self) -> bool:
        """Whether anything is quiet at all."""
        return bool(self.begins and self.ends) or bool(self.days)

    def end_after(self, local: dt.datetime) -> dt.datetime:
        """When it is not quiet any more: `local` itself where it is not quiet."""
        moment = local
        # A quiet Sunday follows a quiet Saturday and is followed by a quiet night.
        for _step in range(2 * len(WEEK)):
            ended = self._end_of(moment)
            if ended == moment:
                break
            moment = ended
        return moment

    def _end_of(self, moment: dt.datetime) -> dt.datetime:
        day, time = moment.date(), moment.time()
        if day.weekday() in self.days:
            return _at(day + dt.timedelta(days=1), dt.time(), moment)
        if not (self.begins and self.ends):
            return moment
        if self.begins < self.ends:
            return _at(day, self.ends, moment) if self.begins <= time < self.ends else moment
        if time >= self.begins:
            return _at(day + dt.timedelta(days=1), self.ends, moment)
        return _at(day, self.ends, moment) if time < self.ends else moment


def _at(day: dt.date, time: dt.time, like: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(day, time, like.tzinfo)


def wants(person: Person, event: str, way: str) -> bool:
    """Whether this event comes to the person by this way: as chosen, else as it is at first."""
    chosen = _part(person, "events").get(event)
    usual = way in kind_of(event).ways
    return bool(chosen.get(way, usual)) if isinstance(chosen, dict) else usual


def quiet_of(person: Person) -> Quiet:
    """The person's quiet hours."""
    said = _part(person, "quiet")
    days = frozenset(day for day in said.get("days", ()) if day in WEEK)
    return Quiet(_time(said.get("from")), _time(said.get("until")), days, bool(said.get("urgent", True)))


def quiet_until(person: Person, at: dt.datetime, *, urgent: bool = False) -> dt.datetime | None:
    """Until when a notice waits; None when it may come at once."""
    quiet = quiet_of(person)
    if urgent and quiet.lets_urgent:
        return None
    local = at.astimezone(ZoneInfo(person.zone))
    ended = quiet.end_after(local)
    return ended.astimezone(dt.UTC) if ended > local else None


def digest_time(person: Person) -> dt.time | None:
    """When the person's daily letter comes, by their own clock; None for nobody who wants it."""
    return _time((person.notify or {}).get("digest"))


def digest_after(person: Person, at: dt.datetime) -> dt.datetime | None:
    """The moment of the first daily letter from `at` on, on a day that is not quiet."""
    time = digest_time(person)
    if time is None:
        return None
    quiet, local = quiet_of(person), at.astimezone(ZoneInfo(person.zone))
    for ahead in range(len(WEEK) + 2):
        day = local.date() + dt.timedelta(days=ahead)
        moment = _at(day, time, local)
        if moment >= local and day.weekday() not in quiet.days:
            return moment.astimezone(dt.UTC)
    return None


def choose(person: Person, said: Mapping[str, Any]) -> None:
    """Keep what the person chose: `events` {event: {way: bool}}, `quiet`, `digest`. Refuses what cannot be meant."""
    events = {
        event: {way: bool(ways[way]) for way in sorted(ALL) if way in ways}
        for event, ways in said.get("events", {}).items()
        if event in EVENTS
    }
    digest = _typed(said.get("digest"), "digest")
    kept = {"events": events, "quiet": _checked(said.get("quiet") or {})}
    person.notify = kept | ({"digest": digest} if digest else {})
    db.session.flush()


def _checked(said: Mapping[str, Any]) -> dict[str, Any]:
    begins, ends = _typed(said.get("from"), "quiet_from"), _typed(said.get("until"), "quiet_until")
    days = sorted({int(day) for day in said.get("days", ()) if str(day) in {str(number) for number in WEEK}})
    if bool(begins) != bool(ends):
        words = _("Quiet hours have a beginning and an end. Fill in both or neither.")
        raise Refused(words, "quiet_until" if begins else "quiet_from")
    if begins and begins == ends:
        raise Refused(_("Quiet hours cannot end when they begin. For a whole day tick the day."), "quiet_until")
    if len(days) == len(WEEK):
        raise Refused(_("Every day would be quiet. Leave at least one, or switch the ways off."), "quiet_days")
    hours = {"from": begins, "until": ends} if begins else {}
    return hours | {"days": days, "urgent": bool(said.get("urgent"))}


def _typed(typed: Any, field: str) -> str:
    text = str(typed or "").strip()
    if text and _time(text) is None:
        raise Refused(_("This is not a time of day. Type it as 08:30."), field)
    return _time(text).strftime("%H:%M") if text else ""  # type: ignore[union-attr]


def _time(text: Any) -> dt.time | None:
    try:
        return dt.datetime.strptime(str(text or ""), "%H:%M").time()  # noqa: DTZ007 (a time of day has no zone)
    except ValueError:
        return None


def _part(person: Person, name: str) -> dict[str, Any]:
    found = (person.notify or {}).get(name)
    return found if isinstance(found, dict) else {}
