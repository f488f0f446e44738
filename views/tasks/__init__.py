"""Tasks: the list, new ones, done ones and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from app.services import tasks as verbs
from app.wording import now, zone
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import clean_date
from models.ground.refused import Refused
from models.leads import Lead
from models.tasks import Task, TaskKind
from reports import tasks as report
from views.base import CrmInterface, CrmModelView, committing, require
from views.deals.found import common, deal_or_404
from views.deals.moving import is_fragment, version_of
from views.security import safe_next
from views.shell import say
from views.tasks.people import KINDS, assignees, kind_words

LAST = 100_000
END_OF_DAY = dt.time(18, 0)


class Tasks(CrmModelView):
    """/tasks/…: the first screen of surveyor and master."""

    datamodel = CrmInterface(Task)
    route_base = "/tasks"
    class_permission_name = "Tasks"
    list_title = _l("Tasks")
    add_title = _l("New task")
    edit_title = _l("Task")
    add_columns = ["title", "kind", "due_at", "assignee", "deal"]
    edit_columns = ["title", "kind", "due_at", "assignee"]
    search_columns = ["title", "due_at", "assignee"]
    list_columns = ["title", "due_at", "assignee"]
    choices_columns = {"kind": KINDS}
    label_columns = {
        "title": _l("What is to be done"),
        "kind": _l("Kind"),
        "due_at": _l("When"),
        "assignee": _l("Who"),
        "deal": _l("Deal"),
    }

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        """Late, today, later."""
        view = request.args.get("view", report.MINE)
        if view not in report.VIEWS:
            raise BadRequest
        values = {"found": report.page(view, _skip()), "view": view, "sees_team": report.sees_team()}
        return self.render_template("tasks/list.html", kind_words=kind_words(), **common(), **values)

    def create(self, form: Any) -> Task:
        """A task of the whole form."""
        values = {name: form[name].data for name in ("title", "kind")}
        due = form.due_at.data.replace(tzinfo=zone()) if form.due_at.data else None
        who = form.assignee.data or current_actor().person_id
        return verbs.add(values | {"due_at": due, "assignee": who}, on=form.deal.data)

    def change(self, row: Task, form: Any) -> None:
        """Save the whole form."""
        due = form.due_at.data.replace(tzinfo=zone()) if form.due_at.data else None
        values = {"title": form.title.data, "kind": form.kind.data, "due_at": due}
        if not form.assignee.is_kept:
            values["assignee"] = form.assignee.data
        verbs.change(row, values)

    @expose("/ask")
    @require("can_add")
    def ask(self) -> Any:
        """The dialog of a new task, on a deal or lead or alone."""
        return _dialog(_place_of(request.args), {})

    @expose("/new", methods=["POST"])
    @require("can_add")
    def new(self) -> Any:
        """Save the dialog of a new task."""
        place = _place_of(request.form)
        try:
            with committing():
                verbs.add(_typed(), on=place)
        except Refused as refusal:
            return make_response(_dialog(_place_of(request.form), request.form, refusal), 422)
        say(_("Task added."))
        return _away()

    @expose("/<int:pk>/change", methods=["GET", "POST"])
    @require("can_edit")
    def ask_change(self, pk: int) -> Any:
        """The dialog of a task, and its save."""
        task = _task_or_404(pk)
        if request.method == "GET":
            return _dialog(task.place, _values_of(task), task=task)
        try:
            with committing():
                verbs.change(task, _typed(), version_of(request.form))
        except Refused as refusal:
            task = _task_or_404(pk)
            return make_response(_dialog(task.place, request.form, refusal, task), 422)
        say(_("Saved."))
        return _away()

    @expose("/<int:pk>/finish", methods=["GET", "POST"])
    @require("can_edit")
    def finish(self, pk: int) -> Any:
        """Tick a task off; the dialog asks how it went and what comes next."""
        task = _task_or_404(pk)
        if request.method == "GET":
            return _finish_dialog(task, {})
        try:
            with committing():
                then = _typed() if request.form.get("then") == "next" else None
                verbs.finish(task, request.form.get("result", ""), then)
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(_finish_dialog(_task_or_404(pk), request.form, refusal), 422)
        say(_("Done: %(title)s.", title=task.title), undo=url_for("Tasks.reopen", pk=pk, next=_came_from()))
        return _away()

    @expose("/<int:pk>/reopen", methods=["POST"])
    @require("can_edit")
    def reopen(self, pk: int) -> Any:
        """Undo of finish."""
        with committing():
            verbs.reopen(_task_or_404(pk))
        return redirect(safe_next(request.args.get("next", url_for("Tasks.list"))))


def _task_or_404(pk: int) -> Task:
    if pk >= 2**63:
        abort(404)
    task = db.session.execute(select(Task).where(Task.id == pk)).scalar_one_or_none()
    if task is None:
        abort(404)
    return task


def _skip() -> int:
    text = request.args.get("skip", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 7 or int(text) > LAST:
        raise BadRequest
    return int(text)


def _place_of(source: Any) -> Deal | Lead | None:
    """The deal or lead that an address or a form names."""
    deal, lead = source.get("deal", ""), source.get("lead", "")
    for text in (deal, lead):
        if text and (not (text.isascii() and text.isdigit()) or len(text) > 18):
            abort(404)
    if deal:
        return deal_or_404(int(deal))
    if not lead:
        return None
    found = db.session.execute(select(Lead).where(Lead.id == int(lead))).scalar_one_or_none()
    return found if found is not None else abort(404)


def _typed() -> dict[str, Any]:
    """Title, kind, moment and person of the form at hand. Raises Refused."""
    form = request.form
    values: dict[str, Any] = {"title": form.get("title", ""), "kind": form.get("kind") or TaskKind.OTHER}
    values["due_at"] = _moment(form.get("due_on", ""), form.get("due_time", ""))
    if "assignee" in form:
        values["assignee"] = form["assignee"]
    return values


def _moment(day: str, time: str) -> dt.datetime | None:
    if not day.strip():
        return None
    try:
        clock = dt.time.fromisoformat(time) if time else END_OF_DAY
    except ValueError:
        raise Refused(_("This is not a time. Type it as 11:30."), "due_time") from None
    return dt.datetime.combine(clean_date(day, "due_on"), clock.replace(tzinfo=None), zone())


def _values_of(task: Task) -> dict[str, str]:
    due = task.due_at.astimezone(zone()) if task.due_at else None
    return {
        "title": task.title,
        "kind": task.kind,
        "due_on": f"{due:%d.%m.%Y}" if due else "",
        "due_time": f"{due:%H:%M}" if due else "",
        "assignee": str(task.assignee_id or ""),
        "version": str(task.version),
    }


def _form_values(place: Any, typed: Any) -> dict[str, Any]:
    """What both dialogs draw: the typed values, the lists to choose from, moments in one tap."""
    tomorrow = now().date() + dt.timedelta(days=1)
    week = now().date() + dt.timedelta(days=7)
    return {
        "place": place,
        "is_deal": isinstance(place, Deal),
        "typed": {"assignee": str(current_actor().person_id or "")} | dict(typed.items()),
        "kinds": KINDS,
        "people": assignees(place),
        "days": [(now().date(), _("today")), (tomorrow, _("tomorrow")), (week, _("in a week"))],
        "came_from": _came_from(),
    }


def _dialog(place: Any, typed: Any, refusal: Refused | None = None, task: Task | None = None) -> str:
    values = _form_values(place, typed)
    return render_template("tasks/_dialog.html", task=task, refusal=refusal, **values, **common())


def _finish_dialog(task: Task, typed: Any, refusal: Refused | None = None) -> str:
    values = _form_values(task.place, typed or {"assignee": str(task.assignee_id or "")})
    is_over = isinstance(task.place, Deal) and task.place.closed_at is not None
    others = report.others_open(task)
    return render_template(
        "tasks/_finish.html", task=task, refusal=refusal, others=others, is_over=is_over, **values, **common()
    )


def _came_from() -> str:
    """The page under the dialog: htmx says its address."""
    return safe_next(request.form.get("next") or request.headers.get("HX-Current-URL") or url_for("Tasks.list"))


def _away() -> Any:
    if is_fragment():
        return Response("", 200, {"HX-Refresh": "true"})
    return redirect(_came_from())
