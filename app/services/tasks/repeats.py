"""When a repeated task comes again, and the next one itself."""

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.services.tasks.hands import hands_of
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import LAST_YEAR
from models.tasks import Repeat, Task

SATURDAY = 5


def next_due(repeats: str, due: dt.datetime, day: int, after: dt.datetime) -> dt.datetime:
    """The first term of a repeated task that is later than both `due` and `after`, on the same hour of the clock.

    `due` is in the zone whose clock counts: 9:00 stays 9:00 when the clocks change. `day` is the day of the month
    that a monthly one was first due on: 31 January, 28 February, 31 March.
    """
    number = 1
    while True:
        found = _step(repeats, due, day, number)
        if found > after and found > due:
            return found
        number += _leap(repeats, found, after)


def _step(repeats: str, due: dt.datetime, day: int, number: int) -> dt.datetime:
    if repeats == Repeat.MONTHLY:
        months = due.year * 12 + due.month - 1 + number
        year, month = divmod(months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return due.replace(year=year, month=month + 1, day=min(day, last))
    if repeats == Repeat.WEEKLY:
        return due + dt.timedelta(days=7 * number)
    found = due + dt.timedelta(days=number)
    while repeats == Repeat.WEEKDAYS and found.weekday() >= SATURDAY:
        found += dt.timedelta(days=1)
    return found


def _leap(repeats: str, found: dt.datetime, after: dt.datetime) -> int:
    """How many steps may be passed over at once: a task forgotten for years is not walked day by day."""
    days = (after - found).days
    length = {Repeat.MONTHLY: 32, Repeat.WEEKLY: 8}.get(Repeat(repeats), 2)
    return max(days // length, 1)


def come_again(task: Task) -> Task | None:
    """The next one of a repeated task that was just done; none when its deal is closed."""
    if not task.repeats or task.due_at is None:
        return None
    deal = db.session.get(Deal, task.deal_id) if task.deal_id else None
    if deal is not None and deal.closed_at is not None:
        return None
    zone = ZoneInfo(task.assignee.zone if task.assignee else current_actor().zone)
    due = task.due_at.astimezone(zone)
    day = task.repeat_day or due.day
    coming = next_due(task.repeats, due, day, utcnow())
    if coming.year > LAST_YEAR:
        return None
    following = Task(
        title=task.title, kind=task.kind, assignee_id=hands_of(task.assignee_id), due_at=coming, minutes=task.minutes,
        deal_id=task.deal_id, lead_id=task.lead_id, client_id=task.client_id, stage_id=task.stage_id,
        remind_minutes=task.remind_minutes, is_important=task.is_important, repeats=task.repeats, repeat_day=day,
        script=task.script, address=task.address, repeated_from_id=task.id,
        checklist=[{"words": point["words"], "done": False} for point in task.checklist],
        created_by_id=task.created_by_id,
    )  # fmt: skip
    db.session.add(following)
    db.session.flush()
    record("task.repeated", following, assignee_id=following.assignee_id, title=following.title)
    return following


def take_back(task: Task) -> None:
    """The next one goes with the tick that made it, unless somebody has begun with it."""
    mine = select(Task).where(Task.repeated_from_id == task.id, Task.done_at.is_(None), Task.version == 1)
    for following in db.session.execute(mine).scalars():
        following.deleted_at, following.deleted_by_id = utcnow(), current_actor().person_id
    db.session.flush()
