"""Many tasks at once: ticked, put off, handed over; through the same verbs, with a way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import make_response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext as _n
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import tasks as verbs
from app.wording import now, zone
from models.ground.base import db
from models.ground.refused import Refused, Stale
from models.staff import Person
from models.tasks import Task
from views.base import committing, require
from views.shell import say, settled
from views.tasks.dialogs import came_from, transfer_dialog
from views.tasks.typed import handed_over

MOST = 200
# A toast's address stands in the cookie, which browsers cut off at 4 kB.
MOST_UNDONE = 60
MILLION = 1_000_000
LATER = {"tomorrow": 1, "days3": 3, "week": 7}


class ManyTasks:
    """The bulk bar of the list of tasks, and the undo of what it does."""

    @expose("/many/finish", methods=["POST"])
    @require("can_edit")
    def many_finish(self) -> Any:
        """Tick the chosen tasks off."""
        done, refused = _each(_chosen(), lambda task: (verbs.finish(task), str(task.id))[1])
        words = _n("%(num)s task is done.", "%(num)s tasks are done.", len(done))
        return _tell(words, refused, _address("Tasks.many_reopen", done))

    @expose("/many/later", methods=["POST"])
    @require("can_edit")
    def many_later(self) -> Any:
        """Put the chosen tasks off: tomorrow, in three days, in a week; the hour of each stays."""
        days = LATER.get(request.form.get("by", ""))
        if days is None:
            raise BadRequest
        done, refused = _each(_chosen(), lambda task: _put_off(task, days))
        words = _n("%(num)s task is put off.", "%(num)s tasks are put off.", len(done))
        return _tell(words, refused, _address("Tasks.many_back", done))

    @expose("/many/whom", methods=["POST"])
    @require("can_edit")
    def many_whom(self) -> Any:
        """The dialog: to whom, and why."""
        return transfer_dialog(_chosen(), {})

    @expose("/many/transfer", methods=["POST"])
    @require("can_edit")
    def many_transfer(self) -> Any:
        """Hand the chosen tasks over, with one reason for all."""
        rows = _chosen()
        try:
            person, reason = handed_over(request.form)
        except Refused as refusal:
            return make_response(transfer_dialog(rows, request.form, refusal), 422)
        done, refused = _each(rows, lambda task: _given(task, person, reason))
        words = _n(
            "%(num)s task is handed over to %(name)s.", "%(num)s tasks are handed over to %(name)s.", len(done),
            name=person.name,
        )  # fmt: skip
        return _tell(words, refused, _address("Tasks.many_give_back", [one for one in done if one]))

    @expose("/many/reopen", methods=["POST"])
    @require("can_edit")
    def many_reopen(self) -> Any:
        """Undo of a mass tick."""
        return _undone(lambda task, _was: verbs.reopen(task))

    @expose("/many/back", methods=["POST"])
    @require("can_edit")
    def many_back(self) -> Any:
        """Undo of putting off: each task is due when it was."""
        return _undone(lambda task, was: verbs.change(task, {"due_at": _moment(was)}))

    @expose("/many/give-back", methods=["POST"])
    @require("can_edit")
    def many_give_back(self) -> Any:
        """Undo of a mass hand-over."""
        return _undone(lambda task, was: verbs.change(task, {"assignee": was}))


def _each(rows: list[Task], act: Callable[[Task], str]) -> tuple[list[str], list[str]]:
    """Do it to each task; what is refused is rolled back alone and told in its own words."""
    done, refused = [], []
    with committing():
        for task in rows:
            title = task.title
            try:
                with db.session.begin_nested():
                    done.append(act(task))
            except Refused as refusal:
                refused.append(f"{title}: {refusal.words or _('You may not change this task.')}")
            except Stale as stale:
                refused.append(f"{title}: {_('%(person)s has just changed it.', person=stale.by)}")
    return done, refused


def _tell(words: str, refused: list[str], undo: str) -> Any:
    if undo or not refused:
        say(words, undo=undo)
    for said in refused[:3]:
        say(said, kind="warn")
    if len(refused) > 3:
        more = len(refused) - 3
        say(_n("And %(num)s more was refused.", "And %(num)s more were refused.", more), kind="warn")
    return settled(came_from())


def _put_off(task: Task, days: int) -> str:
    was = str(round(task.due_at.timestamp() * MILLION)) if task.due_at else "0"
    clock = task.due_at.astimezone(zone()).timetz() if task.due_at else dt.time(10, tzinfo=zone())
    day = now().date() + dt.timedelta(days=days)
    verbs.change(task, {"due_at": dt.datetime.combine(day, clock.replace(tzinfo=None), zone())})
    return f"{task.id}.{was}"


def _given(task: Task, person: Person, reason: str) -> str:
    """Its undo, where whoever gives it may take it back."""
    was = task.assignee_id
    may_take_back = not verbs.is_only_given(task)
    verbs.transfer(task, person, reason)
    return f"{task.id}.{was}" if was and may_take_back else ""


def _undone(act: Callable[[Task, str], object]) -> Any:
    # As the keys are written when the tasks are found: without zeros in front.
    parts = dict(one.lstrip("0").partition(".")[::2] for one in request.args.get("of", "").split(",")[:MOST] if one)
    _done, refused = _each(_rows(list(parts)), lambda task: (act(task, parts[str(task.id)]), "")[1])
    return _tell(_("Undone."), refused, "")


def _chosen() -> list[Task]:
    return _rows(request.form.getlist("rowid"))


def _rows(texts: list[str]) -> list[Task]:
    ids = [int(text) for text in texts[:MOST] if text.isascii() and text.isdigit() and len(text) < 18]
    return list(db.session.execute(select(Task).where(Task.id.in_(ids)).order_by(Task.id)).scalars())


def _moment(was: str) -> dt.datetime | None:
    is_time = was.isascii() and was.isdigit() and len(was) < 17 and was != "0"
    return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=int(was)) if is_time else None


def _address(endpoint: str, parts: list[str]) -> str:
    return url_for(endpoint, of=",".join(parts)) if 0 < len(parts) <= MOST_UNDONE else ""
