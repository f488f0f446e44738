"""The calendar: a day, a week or a month of one's own, of a colleague, of the team; moved by mouse and keyboard."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import tasks, visits
from app.services.visits.slots import is_worked
from app.wording import zone
from models.ground.actor import current_actor
from models.ground.limits import FIRST_YEAR, LAST_YEAR
from models.ground.refused import Refused
from views.base import CrmView, committing, expose, require
from views.calendar.drawing import drawn
from views.security import safe_next
from views.shell import say, settled
from views.tasks.typed import key_of, task_or_404
from views.visits.found import visit_or_404

HOUR_MOST = 24 * 60


class Calendar(CrmView):
    """/calendar/."""

    route_base = "/calendar"
    default_view = "show"

    @expose("/")
    @require("can_list")
    def show(self) -> Any:
        """The whole page."""
        return self.page("calendar/show.html", **drawn())

    @expose("/now")
    @require("can_list")
    def now(self) -> Any:
        """The grid alone, for a page that keeps itself fresh."""
        return self.page("calendar/_now.html", **drawn())

    @expose("/move", methods=["POST"])
    @require("can_list")
    def move(self) -> Any:
        """Dropped or stretched: another moment, another length. The toast takes it back."""
        kind, key = request.values.get("kind", ""), key_of(request.values.get("id", ""))
        _check_may(kind)
        values = {"starts": _moment(request.values.get("at", "")), "minutes": request.values.get("minutes", "")}
        version = request.values.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
        words, undo = _move_task(key, values, seen) if kind == "task" else _move_visit(key, values, seen)
        say(words, undo=undo)
        if request.headers.get("HX-Request"):
            return Response("", 200, {"HX-Trigger": '{"v:changed": {}}'})
        return settled(safe_next(request.values.get("next", url_for("Calendar.show"))))


def _check_may(kind: str) -> None:
    """Moving is a change of a task or a visit, and asks for that right."""
    view = {"task": "Tasks", "visit": "Visits"}.get(kind)
    if view is None:
        raise BadRequest
    if not current_actor().may("can_edit", view):
        abort(403)


def _move_task(key: int, values: dict[str, Any], version: int | None) -> tuple[str, str]:
    task = task_or_404(key)
    if task.done_at is not None:
        raise Refused(_("This task is already done."))
    undo = _undo("task", key, task.due_at, task.minutes)
    with committing():
        changed = {"due_at": values["starts"]} | ({"minutes": values["minutes"]} if values["minutes"] else {})
        tasks.change(task, changed, version)
    return _("Moved."), undo


def _move_visit(key: int, values: dict[str, Any], version: int | None) -> tuple[str, str]:
    """An hour that is not worked is no refusal, as in the dialog: clients live by hours of their own."""
    visit = visit_or_404(key)
    undo = _undo("visit", key, visit.starts_at, visit.minutes)
    with committing():
        visits.move(visit, {"starts_at": values["starts"], "minutes": values["minutes"]}, version)
    if is_worked(visit.assignee, visit.starts_at, visit.ends_at):
        return _("Moved."), undo
    return _("Moved, though %(name)s does not work at this time.", name=visit.assignee.name), undo


def _undo(kind: str, key: int, starts: dt.datetime | None, minutes: int) -> str:
    if starts is None:
        return ""
    at = f"{starts.astimezone(zone()):%Y-%m-%dT%H:%M}"
    return url_for("Calendar.move", kind=kind, id=key, at=at, minutes=minutes)


def _moment(text: str) -> dt.datetime:
    """A moment of the reader's clock, as the page's script writes it."""
    try:
        at = dt.datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=zone())
    except ValueError:
        raise BadRequest from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Refused(_("The year must be between 2000 and 2100."))
    return at
