"""Open tasks by day: late ones, the days of a week ahead, later, without a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.wording import now, zone
from models.ground.base import db
from models.tasks import Task
from reports.tasks import loaded
from reports.tasks.asked import LATE, UNDATED, Asked, conditions

DAYS = 7
LATER = "later"
SHOWN = 50


@dataclass
class Column:
    """A day, or late, later, undated: how many tasks, and the first of them."""

    name: str
    day: dt.date | None = None
    count: int = 0
    tasks: list[Task] = field(default_factory=list)


def board(asked: Asked) -> list[Column]:
    """The columns from late to undated; one statement counts, one brings the first of each."""
    today = now().date()
    columns = {LATE: Column(LATE)}
    for number in range(DAYS):
        day = today + dt.timedelta(days=number)
        columns[day.isoformat()] = Column("day", day)
    columns |= {LATER: Column(LATER), UNDATED: Column(UNDATED)}
    wanted = [*conditions(asked), Task.done_at.is_(None)]
    # One expression in both places: the database must see that it groups by what it selects.
    on_day = func.date(func.timezone(str(zone()), Task.due_at))
    place = func.row_number().over(partition_by=on_day, order_by=(Task.due_at, Task.id)).label("place")
    placed = select(Task.id, place).where(*wanted).subquery()
    counted = select(on_day, func.count(Task.id)).where(*wanted).group_by(on_day)
    rows = loaded(select(Task).join(placed, placed.c.id == Task.id).where(placed.c.place <= SHOWN))
    for day, count in db.session.execute(counted):
        columns[_name(day, today)].count += count
    for task in db.session.execute(rows.order_by(Task.due_at, Task.id).limit(SHOWN * len(columns))).scalars():
        column = columns[_name(task.due_at.astimezone(zone()).date() if task.due_at else None, today)]
        if len(column.tasks) < SHOWN:
            column.tasks.append(task)
    return list(columns.values())


def _name(day: dt.date | None, today: dt.date) -> str:
    if day is None:
        return UNDATED
    if day < today:
        return LATE
    return day.isoformat() if day < today + dt.timedelta(days=DAYS) else LATER
