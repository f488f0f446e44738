"""Visits of the demo company's surveyor: those of today and tomorrow, one that fell through, those that were made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select, text

from app.demo.company.board import ESTIMATE, MEASURE
from app.demo.company.clock import ZONE, Clock
from app.demo.company.people import Staff, acting
from app.demo.company.walk import Walk
from app.services import tasks, visits
from app.services.worktime import setting
from models.ground.base import clock_at, db
from models.ground.refused import Refused
from models.tasks import AlertKind, Task, TaskAlert

HOURS = dict.fromkeys(range(6), "9:00–19:00")
NOTES = {
    "Ольга Рыбина": "Подъезд 2, домофон 17. Собака, позвонить за 10 минут.",
    "Салон «Лайм»": "Вход со двора, спросить администратора Веру. Парковка платная.",
    "Глеб Ермолин": "9 этаж, грузового лифта нет.",
}
RESULTS = ("3 проёма, размеры сняты", "2 проёма, нужен подоконник 400 мм", "Размеры сняты, стена требует выравнивания")
REPEATED = (
    ("pavel", "Проверить рулетку и лазер", "other", "weekly", 1, "9:00"),
    ("marina", "Планёрка отдела", "other", "weekdays", 1, "9:15"),
    ("marina", "План отдела на месяц", "other", "monthly", 5, "17:00"),
    ("nina", "Сверка оплат с банком", "payment", "weekdays", 1, "10:00"),
)

# At or after seven in the evening it was due at six; before eight in the morning, at six of the day before.
LATE_IN_THE_EVENING = """
    UPDATE task SET due_at = date_trunc('day', due_at, :zone) + interval '18 hours'
    WHERE done_at IS NOT NULL AND extract(hour FROM due_at AT TIME ZONE :zone) >= 19
"""
EARLY_IN_THE_MORNING = """
    UPDATE task SET due_at = date_trunc('day', due_at, :zone) - interval '6 hours'
    WHERE done_at IS NOT NULL AND extract(hour FROM due_at AT TIME ZONE :zone) < 8
"""


def go(walks: Sequence[Walk], staff: Staff, clock: Clock) -> None:
    """Plan what lies ahead and tell what was made; the surveyor has hours of his own."""
    setting.set_hours("Europe/Moscow", HOURS, staff["pavel"])
    for number, walk in enumerate(walks):
        if walk.spec.stage == MEASURE and walk.spec.due is not None:
            _ahead(walk, staff, clock)
        elif walk.spec.stage == ESTIMATE:
            _made(walk, staff, RESULTS[number % len(RESULTS)])
    for username, title, kind, repeats, days, time in REPEATED:
        values = {"title": title, "kind": kind, "repeats": repeats, "due_at": clock.at(days, time)}
        with clock_at(clock.was(-1, "12:00")), acting(staff[username]):
            tasks.add(values)


def _ahead(walk: Walk, staff: Staff, clock: Clock) -> None:
    """A visit at the hour of the measuring task; what lies in the past has fallen through."""
    spec, due = walk.spec, walk.spec.due or (0, "12:00")
    with clock_at(walk.moments[-1] + dt.timedelta(minutes=20)), acting(walk.owner):
        values = {"assignee": staff["pavel"].id, "starts_at": clock.at(*due), "address": f"Москва, {spec.address}"}
        visit = visits.plan(walk.deal, values | {"place_note": NOTES.get(spec.client, "")})
    if due[0] < 0:
        with clock_at(clock.was(due[0], "9:10")), acting(walk.owner):
            visits.cancel(visit, "Клиент попросил другой день")


def _made(walk: Walk, staff: Staff, result: str) -> None:
    """The surveyor was there before the deal came to the estimate."""
    left = walk.moments[2]
    begins = (left - dt.timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    values = {"assignee": staff["pavel"].id, "starts_at": begins, "address": f"Москва, {walk.spec.address}"}
    try:
        with clock_at(begins - dt.timedelta(hours=20)), acting(walk.owner), db.session.begin_nested():
            visit = visits.plan(walk.deal, values)
    except Refused:
        # Two of them at once: the other one is told.
        return
    with clock_at(begins + dt.timedelta(hours=1)), acting(staff["pavel"]):
        visits.finish(visit, result)


def settle(clock: Clock) -> None:
    """Make tasks look as if the year had been lived through: done by day, and what is late long told."""
    _done_by_day()
    _told_already(clock)


def _told_already(clock: Clock) -> None:
    """What is late in the demo was told long ago: nobody is woken by it now."""
    late = select(Task.id, Task.due_at).where(Task.done_at.is_(None), Task.due_at < clock.now)
    for task_id, due_at in db.session.execute(late):
        db.session.add(TaskAlert(task_id=task_id, kind=AlertKind.OVERDUE, due_at=due_at))
    db.session.flush()


def _done_by_day() -> None:
    """What is done was due by then and in the hours of the day: a company makes no calls at night.

    By SQL: the history of the demo shall not tell of it.
    """
    connection = db.session.connection()
    connection.execute(text("UPDATE task SET due_at = done_at WHERE done_at < due_at"))
    connection.execute(text(LATE_IN_THE_EVENING), {"zone": str(ZONE)})
    connection.execute(text(EARLY_IN_THE_MORNING), {"zone": str(ZONE)})
    db.session.expire_all()
