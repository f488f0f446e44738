"""Tasks of the API: list, get, create, change, finish, reopen."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import tasks
from models.deals import Deal
from models.ground.base import db
from models.ground.refused import Refused
from models.leads import Lead
from models.tasks import Task
from views.api import bodies
from views.api.columns import BOTH, NEW, Column, stamps_of
from views.api.resource import Resource, operation
from views.base import committing, require


def of_deal(number: int) -> Any:
    """Tasks of a deal by its number."""
    return Task.deal_id.in_(select(Deal.id).where(Deal.number == number))


class TasksApi(Resource):
    """A task is about a deal or a lead, or about nothing; whose it is can be changed by its author."""

    resource_name = "tasks"
    class_permission_name = "Tasks"
    openapi_spec_tag = "Tasks"
    noun = "task"
    model = Task
    needed = ("title",)
    loads = tuple(selectinload(part) for part in (Task.deal, Task.assignee))
    columns = (
        Column("id", "whole", _l("Key of the task"), by=Task.id, sort=True),
        Column("title", "text", _l("What is to be done"), taken=BOTH),
        Column("kind", "text", _l("What sort of work it is"), by=Task.kind, taken=BOTH),
        Column(
            "deal", "id", _l("Number of the deal"), lambda row: row.deal and row.deal.number,
            ask=of_deal, taken=NEW,
        ),
        Column("lead", "id", _l("Key of the lead"), lambda row: row.lead_id, by=Task.lead_id, taken=NEW),
        Column("client", "id", _l("Key of the client"), lambda row: row.client_id, by=Task.client_id),
        Column(
            "assignee", "id", _l("Who does it"), lambda row: row.assignee_id, by=Task.assignee_id, taken=BOTH
        ),
        Column("assignee_name", "text", _l("Their name"), lambda row: row.assignee and row.assignee.name),
        Column("due_at", "moment", _l("By when"), by=Task.due_at, sort=True, taken=BOTH),
        Column("minutes", "whole", _l("How many minutes it takes"), taken=BOTH),
        Column("remind_minutes", "whole", _l("How many minutes before the assignee is reminded"), taken=BOTH),
        Column("repeats", "text", _l("daily, weekdays, weekly, monthly, or nothing"), taken=BOTH),
        Column("is_important", "flag", _l("Whether it is important"), by=Task.is_important, taken=BOTH),
        Column("address", "text", _l("Where it is to be done"), taken=BOTH),
        Column(
            "is_done", "flag", _l("Whether it is done"), lambda row: row.done_at is not None,
            ask=lambda wanted: Task.done_at.is_not(None) if wanted else Task.done_at.is_(None),
        ),
        Column("done_at", "moment", _l("When it was done"), by=Task.done_at),
        Column("result", "text", _l("How it went")),
        *stamps_of(Task),
    )  # fmt: skip
    finishing = (
        Column("result", "text", _l("How it went")),
        Column("then", "object", _l("The next task: title, kind, due_at, assignee")),
    )

    def create(self, values: dict[str, Any]) -> Task:
        place = self.place(values.pop("deal", None), values.pop("lead", None))
        return tasks.add(values, on=place)

    def change(self, row: Task, values: dict[str, Any], version: int | None) -> Task:
        return tasks.change(row, values, version)

    @operation(_l("Tick off, and say what comes next"), body=finishing)
    @expose("/<key>/finish", methods=["POST"])
    @require("can_edit")
    def finish(self, key: str) -> Response:
        task = self.find(key)
        said = bodies.take(bodies.body(), self.finishing)
        then = bodies.take(said.get("then") or {}, self.taken("change"))
        with self.saying_fields(), committing():
            tasks.finish(task, said.get("result") or "", then or None)
        return self.answer(task)

    @operation(_l("Take the tick back"))
    @expose("/<key>/reopen", methods=["POST"])
    @require("can_edit")
    def reopen(self, key: str) -> Response:
        task = self.find(key)
        with committing():
            tasks.reopen(task)
        return self.answer(task)

    @staticmethod
    def place(number: int | None, lead_id: int | None) -> Deal | Lead | None:
        """What the task is about. Refuses what is out of reach like what is missing."""
        if number and lead_id:
            raise Refused(_("A task is about a deal or about a lead, not about both."), "lead")
        if number:
            return _found(select(Deal).where(Deal.number == min(number, 2**31 - 1)), "deal")
        return _found(select(Lead).where(Lead.id == lead_id), "lead") if lead_id else None


def _found(statement: Any, name: str) -> Any:
    row = db.session.execute(statement).scalar_one_or_none()
    if row is None:
        raise Refused(_("There is no such record, or you may not see it."), name)
    return row
