"""Tasks of my day: overdue, today, tomorrow, later; and what is done today already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, null, select
from sqlalchemy.orm import selectinload

from app.wording import now
from models.clients import Client
from models.deals import Deal
from models.ground.actor import Actor, Scope
from models.ground.base import db
from models.tasks import Task
from reports.day import phone_of

LATE, TODAY, TOMORROW, LATER = "late", "today", "tomorrow", "later"
GROUPS = (LATE, TODAY, TOMORROW, LATER)
# What the switch of the card opens: nothing beside today, the week, everything.
SPANS = {"today": (LATE, TODAY), "week": (LATE, TODAY, TOMORROW), "all": GROUPS}
SHOWN, DONE = 60, 5
# The table itself: for a phone, of deals that their tasks bring in reach.
DEALS: Any = Deal.__table__.alias("deal_of_task")


@dataclass
class Group:
    """Tasks of one urgency: how many there are, whether they are shown, and those that are."""

    name: str
    is_open: bool
    count: int = 0
    tasks: list[Task] = field(default_factory=list)
    phones: dict[int, str] = field(default_factory=dict)


@dataclass
class Todo:
    """`count` is of what is due today or was due before: what the menu counts."""

    groups: list[Group]
    done: list[Task]
    span: str

    @property
    def late(self) -> int:
        """How many are overdue."""
        return self.groups[0].count

    @property
    def count(self) -> int:
        return self.groups[0].count + self.groups[1].count

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do and nothing was done."""
        return not self.done and not any(group.count for group in self.groups)


def todo(actor: Actor, span: str = "today") -> Todo:
    """One's own open tasks by urgency."""
    mine = (Task.assignee_id == (actor.person_id or 0), Task.done_at.is_(None))
    urgency = _urgency()
    groups = {name: Group(name, name in SPANS[span]) for name in GROUPS}
    for name, count in db.session.execute(select(urgency, func.count(Task.id)).where(*mine).group_by(urgency)):
        groups[name].count = count
    if not any(group.count for group in groups.values()):
        return Todo(list(groups.values()), _done(actor), span)
    rows = select(Task, urgency, _phone(actor)).where(*mine).order_by(Task.due_at.asc().nulls_last(), Task.id)
    found = db.session.execute(_loaded(rows.limit(SHOWN))).all()
    phones = _phones({task.client_id for task, _urgency, _phone in found if task.client_id and not task.deal_id})
    for task, name, phone in found:
        groups[name].tasks.append(task)
        groups[name].phones[task.id] = phone or phones.get(task.client_id, "")
    return Todo(list(groups.values()), _done(actor), span)


def _phone(actor: Actor) -> Any:
    """The first phone of the deal's client: a live task brings its deal in reach, and a deal its client."""
    if actor.reads("client") is Scope.NONE:
        return null()
    client = select(DEALS.c.client_id).where(DEALS.c.id == Task.deal_id, DEALS.c.deleted_at.is_(None))
    return phone_of(client.correlate(Task).scalar_subquery())


def _phones(clients: set[int]) -> dict[int, str]:
    """First phones of those clients that are in reach: a task of a lead may name a client who is a rival's."""
    rows = select(Client.id, phone_of(Client.id)).where(Client.id.in_(clients))
    return {key: phone or "" for key, phone in db.session.execute(rows)} if clients else {}


def _loaded(rows: Any) -> Any:
    return rows.options(selectinload(Task.deal).joinedload(Deal.stage), selectinload(Task.lead))


def _done(actor: Actor) -> list[Task]:
    """What was ticked off since midnight, the latest first."""
    midnight = dt.datetime.combine(now().date(), dt.time.min, now().tzinfo)
    mine = (Task.assignee_id == (actor.person_id or 0), Task.done_by_id == actor.person_id, Task.done_at >= midnight)
    rows = select(Task).where(*mine).order_by(Task.done_at.desc()).limit(DONE)
    return list(db.session.execute(rows.options(selectinload(Task.deal))).scalars())


def _urgency() -> ColumnElement[str]:
    moment = now()
    midnights = [
        dt.datetime.combine(moment.date() + dt.timedelta(days=days), dt.time.min, moment.tzinfo) for days in (1, 2)
    ]
    ends = ((moment, LATE), (midnights[0], TODAY), (midnights[1], TOMORROW))
    return case(*((Task.due_at < end, name) for end, name in ends), else_=LATER)
