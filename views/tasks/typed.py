"""What a form of a task says, as values of its verbs; and what its boxes show again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.wording import now, today, zone
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import clean_date, clean_line
from models.ground.refused import Refused
from models.leads import Lead
from models.staff import Person
from models.tasks import Repeat, Task, TaskKind
from views.deals.found import deal_or_404

END_OF_DAY = dt.time(18, 0)
REPEATS = [
    ("", _l("Does not repeat")),
    (Repeat.DAILY.value, _l("Every day")),
    (Repeat.WEEKDAYS.value, _l("On weekdays")),
    (Repeat.WEEKLY.value, _l("Every week")),
    (Repeat.MONTHLY.value, _l("Every month")),
]
REMINDERS = [
    ("", _l("Do not remind")),
    ("0", _l("When it is due")),
    ("15", _l("15 minutes before")),
    ("30", _l("30 minutes before")),
    ("60", _l("1 hour before")),
    ("180", _l("3 hours before")),
    ("1440", _l("1 day before")),
]
MORE = ("repeats", "remind_minutes", "minutes", "checklist", "script", "address")


def key_of(text: str) -> int:
    """A key of an address or a form, or 404."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        abort(404)
    return int(text)


def task_or_404(pk: int) -> Task:
    """The task, if the actor reaches it."""
    if pk >= 2**63:
        abort(404)
    task = db.session.execute(select(Task).where(Task.id == pk)).scalar_one_or_none()
    return task if task is not None else abort(404)


def place_of(source: Mapping[str, str]) -> Deal | Lead | None:
    """The deal or lead that an address or a form names."""
    deal, lead = source.get("deal", ""), source.get("lead", "")
    if deal:
        return deal_or_404(key_of(deal))
    if not lead:
        return None
    found = db.session.execute(select(Lead).where(Lead.id == key_of(lead))).scalar_one_or_none()
    return found if found is not None else abort(404)


def typed_task(form: Mapping[str, str]) -> dict[str, Any]:
    """The values of a task's form. Raises Refused."""
    values: dict[str, Any] = {"title": form.get("title", ""), "kind": form.get("kind") or TaskKind.OTHER}
    values["due_at"] = moment_of(form.get("due_on", ""), form.get("due_time", ""))
    if "assignee" in form:
        values["assignee"] = form["assignee"]
    values |= {name: form[name] for name in MORE if name in form}
    if "has_more" in form:
        values["is_important"] = "is_important" in form
    return values


def new_task(form: Mapping[str, str]) -> dict[str, Any]:
    """The values of a task that is not there yet: its day has not passed. Raises Refused."""
    values = typed_task(form)
    if values["due_at"] and values["due_at"].astimezone(zone()).date() < today():
        raise Refused(_("This day has passed. Choose today or later."), "due_on")
    return values


def moment_of(day: str, time: str) -> dt.datetime | None:
    """A day and a time as typed, in the reader's zone; the end of the working day without a time. Raises Refused."""
    if not day.strip():
        return None
    try:
        clock = dt.time.fromisoformat(time) if time else END_OF_DAY
    except ValueError:
        raise Refused(_("This is not a time. Type it as 11:30."), "due_time") from None
    return dt.datetime.combine(clean_date(day, "due_on"), clock.replace(tzinfo=None), zone())


def values_of(task: Task) -> dict[str, str]:
    """What the boxes of a task's form show."""
    due = task.due_at.astimezone(zone()) if task.due_at else None
    return {
        "title": task.title,
        "kind": task.kind,
        "due_on": f"{due:%d.%m.%Y}" if due else "",
        "due_time": f"{due:%H:%M}" if due else "",
        "assignee": str(task.assignee_id or ""),
        "repeats": task.repeats,
        "remind_minutes": "" if task.remind_minutes is None else str(task.remind_minutes),
        "minutes": str(task.minutes),
        "is_important": "1" if task.is_important else "",
        "checklist": "\n".join(str(point["words"]) for point in task.checklist),
        "script": task.script,
        "address": task.address,
        "version": str(task.version),
    }


def moments() -> list[tuple[dt.datetime, str]]:
    """Moments in one tap: in an hour, today, tomorrow, in three days, on Monday."""
    at = now()
    in_hour = (at + dt.timedelta(hours=1)).replace(second=0, microsecond=0)
    in_hour += dt.timedelta(minutes=-in_hour.minute % 15)
    monday = at.date() + dt.timedelta(days=7 - at.weekday())
    return [
        (in_hour, _("in 1 h")),
        (_at(at.date(), END_OF_DAY), _("today")),
        (_at(at.date() + dt.timedelta(days=1), dt.time(10)), _("tomorrow")),
        (_at(at.date() + dt.timedelta(days=3), dt.time(10)), _("in 3 days")),
        (_at(monday, dt.time(10)), _("next week")),
    ]


def _at(day: dt.date, clock: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, clock, zone())


def blank() -> dict[str, str]:
    """What a new task's boxes show."""
    who = current_actor().person_id
    return {"assignee": str(who or ""), "remind_minutes": "15", "minutes": "30"}


def handed_over(form: Mapping[str, str]) -> tuple[Person, str]:
    """To whom and why. Raises Refused."""
    text = form.get("assignee", "")
    person = db.session.get(Person, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if person is None or not person.active:
        raise Refused(_("Choose a colleague."), "assignee")
    reason = clean_line(form.get("reason", ""), "reason")
    if not reason:
        raise Refused(_("Say why: whoever gets the task and whoever gave it will read it."), "reason")
    return person, reason
