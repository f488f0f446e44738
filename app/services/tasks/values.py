"""What a task may be filled with: checked values, each refusal names its field."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from models.ground.base import db
from models.ground.limits import FIRST_YEAR, LAST_YEAR, clean_line, clean_text
from models.ground.refused import Refused
from models.staff import Person
from models.tasks import Repeat, Task, TaskKind

LONGEST_MINUTES = 24 * 60
FARTHEST_REMINDER = 7 * 24 * 60
MOST_POINTS = 30


def fill(task: Task, values: Mapping[str, Any]) -> None:
    """Put typed values into a task. Raises Refused."""
    for name, put in PUT.items():
        if name in values:
            put(task, values[name])
    if task.repeats and task.due_at is None:
        raise Refused(_("A task that repeats needs a date. Choose when it is first due."), "due_at")


def _title(task: Task, value: Any) -> None:
    task.title = clean_line(value, "title")
    if not task.title:
        raise Refused(_("Say what is to be done."), "title")


def _kind(task: Task, value: Any) -> None:
    try:
        task.kind = TaskKind(str(value or TaskKind.OTHER))
    except ValueError:
        raise Refused(_("There is no such kind of task."), "kind") from None


def _due(task: Task, value: Any) -> None:
    task.due_at = clean_moment(value, "due_at")


def _assignee(task: Task, value: Any) -> None:
    task.assignee_id = person_of(value, "assignee")


def _repeats(task: Task, value: Any) -> None:
    try:
        wanted = Repeat(str(value)).value if value else ""
    except ValueError:
        raise Refused(_("A task may repeat daily, on weekdays, weekly or monthly."), "repeats") from None
    if wanted != task.repeats:
        task.repeat_day = None
    task.repeats = wanted


def _remind(task: Task, value: Any) -> None:
    task.remind_minutes = None if value in (None, "", "none") else whole(value, "remind_minutes", FARTHEST_REMINDER)


def _minutes(task: Task, value: Any) -> None:
    task.minutes = max(whole(value, "minutes", LONGEST_MINUTES), 5)


def _important(task: Task, value: Any) -> None:
    task.is_important = value in (True, "1", "y", "on", "true")


def _checklist(task: Task, value: Any) -> None:
    task.checklist = checklist_of(value, task.checklist or [])


def _script(task: Task, value: Any) -> None:
    task.script = clean_text(value, "script")


def _address(task: Task, value: Any) -> None:
    task.address = clean_line(value, "address")


PUT: dict[str, Callable[[Task, Any], None]] = {
    "title": _title,
    "kind": _kind,
    "due_at": _due,
    "assignee": _assignee,
    "repeats": _repeats,
    "remind_minutes": _remind,
    "minutes": _minutes,
    "is_important": _important,
    "checklist": _checklist,
    "script": _script,
    "address": _address,
}


def checklist_of(value: Any, before: list[Any]) -> list[dict[str, Any]]:
    """Points of a checklist out of lines of text or of a list of words; a point that stays keeps its tick."""
    lines = value.splitlines() if isinstance(value, str) else list(value or ())
    words = [clean_line(line, "checklist") for line in lines]
    words = [line for line in words if line]
    if len(words) > MOST_POINTS:
        raise Refused(_("A checklist has at most %(n)s points.", n=MOST_POINTS), "checklist")
    ticked = {point["words"] for point in before if point.get("done")}
    return [{"words": line, "done": line in ticked} for line in words]


def whole(value: Any, field: str, highest: int) -> int:
    """A whole number from 0 to the highest. Raises Refused."""
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) > highest:
        raise Refused(_("Write a whole number from %(low)s to %(high)s.", low=0, high=highest), field)
    return int(text)


def clean_moment(value: Any, field: str) -> dt.datetime | None:
    """An aware moment between 2000 and 2100, or None."""
    if value is None or value == "":
        return None
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise Refused(_("This is not a time. Type it as 31.12.2026 11:30."), field)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Refused(_("The year must be between 2000 and 2100."), field)
    return value


def person_of(value: Any, field: str) -> int | None:
    """The id of somebody who works here, or None. Raises Refused."""
    if value is None or value == "":
        return None
    wanted = value.id if isinstance(value, Person) else value
    text = str(wanted)
    person = db.session.get(Person, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if person is None or not person.active:
        words = _("There is no such person, or they no longer work here. Choose another one.")
        raise Refused(words, field)
    return int(person.id)
