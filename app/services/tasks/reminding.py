"""What a person is told about tasks because time has passed: soon due, and overdue; once per term each."""

import datetime as dt

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from models.deals import Deal
from models.ground.base import db, utcnow
from models.ground.history import record
from models.tasks import AlertKind, Task, TaskAlert

MOST = 200
# What was forgotten longer ago is in the lists in red; nobody is woken by it after a long stop of the server.
OLDEST = dt.timedelta(days=3)


def spare(task: Task) -> None:
    """Whoever knows of a task since this moment is not reminded of it in the same one; a new term is told anew."""
    if task.due_at is None or task.remind_minutes is None or task.assignee_id is None:
        return
    if task.due_at - dt.timedelta(minutes=task.remind_minutes) <= utcnow() < task.due_at:
        db.session.add(TaskAlert(task_id=task.id, kind=AlertKind.DUE, due_at=task.due_at))
        db.session.flush()


def tell_due() -> int:
    """Each task whose reminder has come, once. Runs as the system; returns how many were told."""
    reminder = func.make_interval(0, 0, 0, 0, 0, Task.remind_minutes)
    is_soon = Task.due_at > utcnow(), Task.remind_minutes.is_not(None), Task.due_at - reminder <= utcnow()
    return _tell(AlertKind.DUE, *is_soon)


def tell_overdue() -> int:
    """Each task whose term has passed, once. Runs as the system; returns how many were told."""
    return _tell(AlertKind.OVERDUE, Task.due_at <= utcnow(), Task.due_at > utcnow() - OLDEST)


def _tell(kind: AlertKind, *conditions: ColumnElement[bool]) -> int:
    deal = aliased(Deal, flat=True)
    told = select(TaskAlert.id).where(
        TaskAlert.task_id == Task.id, TaskAlert.kind == kind, TaskAlert.due_at == Task.due_at
    )
    # Of a deal on hold nobody is reminded until it is woken; the column is empty too where there is no deal.
    is_awake = deal.held_until.is_(None)
    wanted = (
        select(Task)
        .outerjoin(deal, deal.id == Task.deal_id)
        .where(Task.done_at.is_(None), Task.assignee_id.is_not(None), *conditions, is_awake, ~told.exists())
        .order_by(Task.due_at)
        .limit(MOST)
        .with_for_update(skip_locked=True, of=Task)
    )
    tasks = db.session.execute(wanted).scalars().all()
    for task in tasks:
        db.session.add(TaskAlert(task_id=task.id, kind=kind, due_at=task.due_at))
        record(f"task.{kind}", task, title=task.title, due_at=task.due_at)
    db.session.flush()
    return len(tasks)
