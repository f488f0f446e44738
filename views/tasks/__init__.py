"""Tasks: lists, new ones, done ones and what comes next, handed over, many at once."""

from __future__ import annotations

from typing import Any

from flask import make_response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services import tasks as verbs
from app.wording import zone
from models.ground.actor import current_actor
from models.ground.refused import Refused, Stale
from models.tasks import Task
from views.base import CrmInterface, CrmModelView, committing, require
from views.deals.moving import is_fragment, version_of
from views.security import safe_next
from views.shell import say, settled
from views.tasks.dialogs import came_from, finish_dialog, task_dialog, transfer_dialog
from views.tasks.lists import TaskLists
from views.tasks.many import ManyTasks
from views.tasks.overtaken import overtaken, typed_again
from views.tasks.people import KINDS
from views.tasks.typed import handed_over, key_of, new_task, place_of, task_or_404, typed_task, values_of


class Tasks(TaskLists, ManyTasks, CrmModelView):
    """/tasks/…: what is to be done by whom and when."""

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
        """The dialog of a new task, on a deal or lead or alone; an address may bring its day and hour."""
        brought = {name: request.args[name][:10] for name in ("due_on", "due_time") if name in request.args}
        return task_dialog(place_of(request.args), brought)

    @expose("/new", methods=["POST"])
    @require("can_add")
    def new(self) -> Any:
        """Save the dialog of a new task."""
        place = place_of(request.form)
        try:
            with committing():
                verbs.add(new_task(request.form), on=place)
        except Refused as refusal:
            return make_response(task_dialog(place_of(request.form), request.form, refusal), 422)
        say(_("Task added."))
        return settled(came_from())

    @expose("/<int:pk>/change", methods=["GET", "POST"])
    @require("can_edit")
    def ask_change(self, pk: int) -> Any:
        """The dialog of a task, and its save."""
        task = task_or_404(pk)
        if request.method == "GET":
            return task_dialog(task.place, {}, task=task)
        try:
            with committing():
                verbs.change(task, typed_task(request.form), version_of(request.form))
        except Refused as refusal:
            task = task_or_404(pk)
            return make_response(task_dialog(task.place, request.form, refusal, task), 422)
        except Stale as stale:
            task, typed = task_or_404(pk), typed_again(request.form)
            who = {"assignee": task.assignee.name if task.assignee else ""}
            said = overtaken(stale, values_of(task), typed, who)
            return make_response(task_dialog(task.place, typed, said, task), 409)
        say(_("Saved."))
        return settled(came_from())

    @expose("/<int:pk>/finish", methods=["GET", "POST"])
    @require("can_edit")
    def finish(self, pk: int) -> Any:
        """Tick a task off; the dialog asks how it went and what comes next."""
        task = task_or_404(pk)
        if request.method == "GET":
            return finish_dialog(task, {})
        try:
            with committing():
                then = new_task(request.form) if request.form.get("then") == "next" else None
                verbs.finish(task, request.form.get("result", ""), then)
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(finish_dialog(task_or_404(pk), request.form, refusal), 422)
        say(_("Done: %(title)s.", title=task.title), undo=url_for("Tasks.reopen", pk=pk, next=came_from()))
        return settled(came_from())

    @expose("/<int:pk>/reopen", methods=["POST"])
    @require("can_edit")
    def reopen(self, pk: int) -> Any:
        """Undo of finish."""
        with committing():
            verbs.reopen(task_or_404(pk))
        return settled(safe_next(request.args.get("next", url_for("Tasks.list"))))

    @expose("/<int:pk>/tick", methods=["POST"])
    @require("can_edit")
    def tick(self, pk: int) -> Any:
        """A point of the checklist, ticked or not; the dialog stays open."""
        task = task_or_404(pk)
        with committing():
            verbs.tick(task, key_of(request.values.get("point", "")), request.values.get("done") == "1")
        task = task_or_404(pk)
        drawn = self.render_template("tasks/_points.html", task=task)
        # The dialog around it is saved over what its own tick has saved.
        return make_response(drawn, 200, {"HX-Trigger": f'{{"v:version": {{"version": {task.version}}}}}'})

    @expose("/<int:pk>/transfer", methods=["GET", "POST"])
    @require("can_edit")
    def transfer(self, pk: int) -> Any:
        """Hand a task over to a colleague, with a reason."""
        task = task_or_404(pk)
        if request.method == "GET":
            return transfer_dialog([task], {})
        try:
            person, reason = handed_over(request.form)
            with committing():
                verbs.transfer(task, person, reason)
        except Refused as refusal:
            return make_response(transfer_dialog([task_or_404(pk)], request.form, refusal), 422)
        say(_("Handed over to %(name)s.", name=person.name))
        return settled(came_from())
