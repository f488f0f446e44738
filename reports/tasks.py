"""The list of tasks: late, today, later; and what the dialog after a finished one shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.wording import now
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.tasks import Task

MINE, TEAM, DONE = "mine", "team", "done"
VIEWS = (MINE, TEAM, DONE)
LATE, TODAY, LATER, UNDATED = "late", "today", "later", "undated"
GROUPS = (LATE, TODAY, LATER, UNDATED)
SHOWN = 100


@dataclass
class Group:
    """Tasks of one urgency: how many there are, and those of this page."""

    name: str
    count: int = 0
    tasks: list[Task] = field(default_factory=list)


@dataclass
class Page:
    """A page of tasks in groups, or of done ones in one group."""

    groups: list[Group]
    count: int
    first: int
    has_more: bool


def page(view: str, skip: int = 0) -> Page:
    """Tasks of a view, those that are due first in front."""
    whose = _whose(view)
    if view == DONE:
        return _done(whose, skip)
    urgency = _urgency()
    open_ones = [*whose, Task.done_at.is_(None)]
    counted = select(urgency, func.count(Task.id)).where(*open_ones).group_by(urgency)
    groups = {name: Group(name) for name in GROUPS}
    for name, count in db.session.execute(counted):
        groups[name].count = count
    rows = select(Task, urgency).where(*open_ones).order_by(Task.due_at.asc().nulls_last(), Task.id)
    for task, name in db.session.execute(_loaded(rows).offset(skip).limit(SHOWN)):
        groups[name].tasks.append(task)
    total = sum(group.count for group in groups.values())
    return Page([group for group in groups.values() if group.tasks], total, skip, total > skip + SHOWN)


def counts() -> tuple[int, int]:
    """How many open tasks the actor has, and how many of them are late."""
    mine = [*_whose(MINE), Task.done_at.is_(None)]
    late = func.count(Task.id).filter(Task.due_at < now())
    found = db.session.execute(select(func.count(Task.id), late).where(*mine)).one()
    return found[0], found[1]


def sees_team() -> bool:
    """Whether there is anybody else's list to look at."""
    actor = current_actor()
    return actor.reads("task") is Scope.ALL or len(actor.own_ids) > 1


def others_open(task: Task) -> list[Task]:
    """What else is open on the deal or lead of a task, the first due in front."""
    if task.deal_id is None and task.lead_id is None:
        return []
    same = Task.deal_id == task.deal_id if task.deal_id else Task.lead_id == task.lead_id
    rows = select(Task).where(same, Task.done_at.is_(None), Task.id != task.id)
    ordered = rows.order_by(Task.due_at.asc().nulls_last(), Task.id).limit(5)
    return list(db.session.execute(ordered).scalars())


def _whose(view: str) -> list[ColumnElement[bool]]:
    actor = current_actor()
    if view == TEAM:
        return [] if actor.reads("task") is Scope.ALL else [Task.assignee_id.in_(sorted(actor.own_ids))]
    return [Task.assignee_id == actor.person_id]


def _urgency() -> ColumnElement[str]:
    moment = now()
    midnight = dt.datetime.combine(moment.date() + dt.timedelta(days=1), dt.time.min, moment.tzinfo)
    is_late, is_today = Task.due_at < moment, Task.due_at < midnight
    return case((Task.due_at.is_(None), UNDATED), (is_late, LATE), (is_today, TODAY), else_=LATER)


def _loaded(rows: Any) -> Any:
    return rows.options(joinedload(Task.assignee), selectinload(Task.deal), selectinload(Task.lead))


def _done(whose: list[ColumnElement[bool]], skip: int) -> Page:
    done = [*whose, Task.done_at.is_not(None)]
    total = int(db.session.execute(select(func.count(Task.id)).where(*done)).scalar_one())
    rows = _loaded(select(Task).where(*done).order_by(Task.done_at.desc(), Task.id.desc()))
    tasks = list(db.session.execute(rows.offset(skip).limit(SHOWN)).scalars())
    groups = [Group(DONE, total, tasks)] if tasks else []
    return Page(groups, total, skip, total > skip + SHOWN)
