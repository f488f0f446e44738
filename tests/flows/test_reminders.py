"""Reminders by a real scheduler and a real worker: each is told once per term, also after both were killed."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.services import tasks
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.notices import Notice
from models.staff import Person
from models.tasks import Task
from tests.deals import who

pytestmark = pytest.mark.slow
TOLD = ("task.due", "task.overdue")


@pytest.fixture
def start(app: Flask, here: Path) -> Iterator[Callable[[], Callable[[], None]]]:
    """`kill = start()`: a worker and a scheduler as the supervisor starts them; `kill()` is kill -9 of both."""
    running: list[subprocess.Popen[bytes]] = []

    def both() -> Callable[[], None]:
        config = app.config["CRM"]
        environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
        for name in ("worker", "scheduler"):
            command = (sys.executable, "-m", "flask", "--app", "app", "crm", name)
            running.append(subprocess.Popen(command, cwd=here, env=environ, process_group=0))
        return kill

    def kill() -> None:
        while running:
            process = running.pop()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    yield both
    kill()


def told(app: Flask) -> list[tuple[str, str, str]]:
    """What the bells say of tasks: whose, which event, in which words."""
    with app.app_context(), acting_as(SYSTEM) as session:
        rows = session.execute(select(Notice).where(Notice.event.in_(TOLD)).order_by(Notice.id)).scalars()
        return [(session.get_one(Person, row.person_id).username, row.event, row.words) for row in rows]


def until(app: Flask, count: int, seconds: float = 60) -> list[tuple[str, str, str]]:
    deadline = time.monotonic() + seconds
    while len(found := told(app)) < count:
        assert time.monotonic() < deadline, f"{found} after {seconds} s"
        time.sleep(0.2)
    return found


def test_each_reminder_is_told_once_also_after_a_kill(
    app: Flask, start: Callable[[], Callable[[], None]], system: Any
) -> None:
    with system() as session:
        soon, late = utcnow() + dt.timedelta(minutes=10), utcnow() - dt.timedelta(minutes=5)
        anna, pavel = who(session, "anna"), who(session, "pavel")
        first = tasks.add({"title": "Позвонить Ирине", "due_at": soon, "assignee": anna})
        tasks.add({"title": "Отчёт", "due_at": late, "assignee": pavel})
        tasks.add({"title": "Без напоминания", "due_at": soon, "assignee": pavel, "remind_minutes": ""})
        tasks.add({"title": "Ещё не скоро", "due_at": soon + dt.timedelta(hours=2), "assignee": pavel})
        first_id = first.id
    kill = start()
    found = sorted(until(app, 2))
    assert [(who_is, event) for who_is, event, _words in found] == [("anna", "task.due"), ("pavel", "task.overdue")]
    assert found[0][2].startswith("Позвонить Ирине. сегодня") or "завтра" in found[0][2]
    kill()
    with system() as session:
        # A new term is told anew, the old one is not told again.
        tasks.change(session.get_one(Task, first_id), {"due_at": utcnow() + dt.timedelta(minutes=14)})
    start()
    until(app, 3)
    time.sleep(12)
    assert sorted(event for _who, event, _words in told(app)) == ["task.due", "task.due", "task.overdue"]
