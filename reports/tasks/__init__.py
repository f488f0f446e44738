"""The list of tasks: late, today, later; and what the dialog after a finished one shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.wording import now
from models.ground.base import db
from models.tasks import Task
from reports.tasks.asked import (
    DONE,
    LATE,
    MINE,
    TEAM,
    TODAY,
    UNDATED,
    Asked,
    conditions,
    midnight_after,
    sees_team,
    whose,
)

__all__ = ["DONE", "MINE", "TEAM", "Asked", "Group", "Page", "counts", "others_open", "page", "sees_team"]

LATER = "later"
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


def page(asked: Asked, skip: int = 0) -> Page:
    """Tasks of a filter, those that are due first in front."""
    wanted = conditions(asked)
    if asked.view == DONE:
        return _done(wanted, skip)
    urgency = _urgency()
    open_ones = [*wanted, Task.done_at.is_(None)]
    counted = select(urgency, func.count(Task.id)).where(*open_ones).group_by(urgency)
    groups = {name: Group(name) for name in GROUPS}
    for name, count in db.session.execute(counted):
        groups[name].count = count
    rows = select(Task, urgency).where(*open_ones).order_by(Task.due_at.asc().nulls_last(), Task.id)
    for task, name in db.session.execute(loaded(rows).offset(skip).limit(SHOWN)):
        groups[name].tasks.append(task)
    total = sum(group.count for group in groups.values())
    return Page([group for group in groups.values() if group.tasks], total, skip, total > skip + SHOWN)


def counts() -> tuple[int, int]:
    """How many open tasks the actor has, and how many of them are late."""
    mine = [*whose(Asked()), Task.done_at.is_(None)]
    late = func.count(Task.id).filter(Task.due_at < now())
    found = db.session.execute(select(func.count(Task.id), late).where(*mine)).one()
    return found[0], found[1]


def others_open(task: Task) -> list[Task]:
    """What else is open on the deal or lead of a task, the first due in front."""
    if task.deal_id is None and task.lead_id is None:
        return []
    same = Task.deal_id == task.deal_id if task.deal_id else Task.lead_id == task.lead_id
    rows = select(Task).where(same, Task.done_at.is_(None), Task.id != task.id)
    ordered = rows.order_by(Task.due_at.asc().nulls_last(), Task.id).limit(5)
    return list(db.session.execute(ordered).scalars())


def _urgency() -> ColumnElement[str]:
    moment = now()
    is_late, is_today = Task.due_at < moment, Task.due_at < midnight_after(moment)
    return case((Task.due_at.is_(None), UNDATED), (is_late, LATE), (is_today, TODAY), else_=LATER)


def loaded(rows: Any) -> Any:
    """With what a row of a list shows."""
    return rows.options(joinedload(Task.assignee), selectinload(Task.deal), selectinload(Task.lead))


def _done(whose_done: list[ColumnElement[bool]], skip: int) -> Page:
    done = [*whose_done, Task.done_at.is_not(None)]
    total = int(db.session.execute(select(func.count(Task.id)).where(*done)).scalar_one())
    rows = loaded(select(Task).where(*done).order_by(Task.done_at.desc(), Task.id.desc()))
    tasks = list(db.session.execute(rows.offset(skip).limit(SHOWN)).scalars())
    groups = [Group(DONE, total, tasks)] if tasks else []
    return Page(groups, total, skip, total > skip + SHOWN)
