"""What the calendar draws: the days asked for, whose they are, their hours, holidays and absences."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import worktime
from app.services.visits.slots import hours, taken_by
from app.wording import month, now, today, weekday, zone
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import FIRST_YEAR, LAST_YEAR
from models.staff import Person
from models.worktime import DayKind
from reports import calendar as report
from reports.calendar import Day, Item, Sought, marks
from reports.tasks import asked as filters
from views.deals.found import common
from views.tasks.people import KINDS, kind_words

DAY, WEEK, MONTH = "day", "week", "month"
SPANS = (DAY, WEEK, MONTH)
MOST_COLUMNS = 12


@dataclass
class Wanted:
    """What the address asks for: which span around which day, of whom."""

    span: str
    day: dt.date
    asked: filters.Asked

    @property
    def days(self) -> list[dt.date]:
        """The days of the span; weeks begin on Monday, a month is whole weeks."""
        if self.span == DAY:
            return [self.day]
        if self.span == WEEK:
            monday = self.day - dt.timedelta(days=self.day.weekday())
            return [monday + dt.timedelta(days=n) for n in range(7)]
        return list(calendar.Calendar(0).itermonthdates(self.day.year, self.day.month))

    def beside(self, step: int) -> dt.date:
        """The day that the arrows lead to."""
        if self.span == MONTH:
            months = self.day.year * 12 + self.day.month - 1 + step
            return dt.date(months // 12, months % 12 + 1, 1)
        return self.day + dt.timedelta(days=step * (1 if self.span == DAY else 7))

    def around(self, days: int) -> dt.date:
        """A day so many days away."""
        return self.day + dt.timedelta(days=days)


def wanted_of() -> Wanted:
    """The address, or 400."""
    span, text = request.args.get("as", WEEK), request.args.get("day", "")
    asked = filters.asked_of(request.args)
    try:
        day = dt.date.fromisoformat(text) if text else today()
    except ValueError:
        raise BadRequest from None
    if span not in SPANS or asked is None or not FIRST_YEAR < day.year < LAST_YEAR:
        raise BadRequest
    return Wanted(span, day, asked)


def drawn() -> dict[str, Any]:
    """Everything the page shows."""
    wanted = wanted_of()
    people = choosable()
    person = _person(wanted.asked.who, people)
    shown = _people_shown(wanted, person)
    begins = dt.datetime.combine(wanted.days[0], dt.time.min, zone())
    ends = dt.datetime.combine(wanted.days[-1] + dt.timedelta(days=1), dt.time.min, zone())
    of_team = person is None and wanted.asked.view == filters.TEAM
    sought = Sought([one.id for one in shown], wanted.asked.kind, of_team, wanted.span == MONTH)
    found = report.items(begins, ends, sought)
    found += _busy(person, found, begins, ends)
    columns = _columns(wanted, [*shown, *_others(found, shown)])
    first, last = report.hours_shown(found)
    report.spread(found, columns)
    if wanted.span == WEEK:
        report.fold(columns)
    _mark(columns, shown[0] if len(shown) == 1 else None)
    kept = {name: request.args[name] for name in ("view", "who", "kind", "as") if name in request.args}
    return {
        "wanted": wanted, "columns": columns, "first": first, "last": last,
        "hours": list(range(first, last)), "people": people, "person": person,
        "title": _title(wanted), "kept": kept, "asked": wanted.asked, "view": wanted.asked.view, "kinds": KINDS,
        "kind_words": kind_words(), "sees_team": filters.sees_team(), "now_at": now(), "today_on": today(), **common(),
    }  # fmt: skip


def choosable() -> list[Person]:
    """Whose calendar may be looked at: one's people's, and of whoever visits are planned for everybody's."""
    if not current_actor().may("can_add", "Visits"):
        return filters.colleagues()
    wanted = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    return list(db.session.execute(wanted.limit(filters.MOST_PEOPLE)).scalars())


def _person(who: int | None, people: list[Person]) -> Person | None:
    """The colleague asked for, or the reader; nobody for the team."""
    if who is None:
        return None
    found = next((one for one in people if one.id == who), None)
    if found is None:
        raise BadRequest
    return found


def _people_shown(wanted: Wanted, person: Person | None) -> list[Person]:
    """One person; or the team, a column each on a day."""
    if person is not None:
        return [person]
    if wanted.asked.view == filters.TEAM:
        return filters.colleagues()
    return [me()]


def me() -> Person:
    """Whoever reads."""
    return db.session.get_one(Person, current_actor().person_id)


def _others(found: list[Item], shown: list[Person]) -> list[Person]:
    """Whoever goes for the team's deals and is not of the team."""
    known = {one.id for one in shown}
    going = [item.row.assignee for item in found if item.kind == report.VISIT and item.row.assignee_id not in known]
    return list(dict.fromkeys(going))


def _columns(wanted: Wanted, shown: list[Person]) -> list[Day]:
    if wanted.span == DAY and len(shown) > 1:
        return [Day(wanted.day, person=one) for one in shown[:MOST_COLUMNS]]
    return [Day(day) for day in wanted.days]


def _busy(person: Person | None, found: list[Item], begins: dt.datetime, ends: dt.datetime) -> list[Item]:
    """Visits of a colleague that the reader may not read are still taken time."""
    if person is None:
        return []
    known = {item.row.id for item in found if item.kind == report.VISIT}
    return [report.busy(one.starts, one.ends) for one in taken_by(person.id, begins, ends) if one.visit_id not in known]


def _mark(columns: list[Day], person: Person | None) -> None:
    """Hours that are not worked, holidays by name, absences."""
    first, last = columns[0].day, columns[-1].day
    named = marks.holidays(first, last)
    whose = {one.id for one in (person, *(column.person for column in columns)) if one is not None}
    away = marks.absences(sorted(whose), first, last) if whose else []
    for column in columns:
        one = column.person or person
        column.off = _off((hours(one) if one else worktime.hours_of()).spans(column.day))
        holiday = named.get(column.day)
        if holiday is not None:
            column.marks.append(holiday.words or _kind_of_day(holiday.kind))
        absence = next((a for a in away if one is not None and a.person_id == one.id and a.covers(column.day)), None)
        if absence is not None:
            column.off = [(0, 1440)]
            column.marks.append(absence.words or _("away"))


def _kind_of_day(kind: str) -> str:
    names = {DayKind.OFF: _("day off"), DayKind.SHORT: _("short day"), DayKind.WORKING: _("working day")}
    return names[DayKind(kind)]


def _off(spans: Any) -> list[tuple[int, int]]:
    """What lies between the worked spans of a day, in minutes."""
    found, at = [], 0
    for begins, ends in spans:
        if begins > at:
            found.append((at, begins))
        at = ends
    return [*found, (at, 1440)] if at < 1440 else found


def _title(wanted: Wanted) -> str:
    if wanted.span == DAY:
        return weekday(wanted.day)
    if wanted.span == MONTH:
        return month(wanted.day)
    first, last = wanted.days[0], wanted.days[-1]
    return f"{weekday(first).split(', ')[-1]} – {weekday(last).split(', ')[-1]}"
