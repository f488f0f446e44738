"""Redis goes, workers are killed: no lead is lost, everybody is told, and the pages work meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import queue
from app.embedded import Redis
from app.jobs import scheduler, sweep
from app.worker import work
from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Event
from models.leads import Lead
from models.notices import DeadLetter, Delivery, DeliveryState
from tests import hooks

pytestmark = pytest.mark.slow
SECONDS = 60


class OwnRedis:
    """A Redis of this test alone, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.server = Redis(folder / "data", folder / "s", "faults")
        self.url = f"unix://:faults@{folder}/s/redis.sock"
        self.process = self.server.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = self.server.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def redis(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> Iterator[OwnRedis]:
    own = OwnRedis(tmp_path_factory.mktemp("r"))
    with app.app_context():
        monkeypatch.setitem(app.extensions, "queue", queue.QueueState(own.url))
    monkeypatch.setattr(sweep, "YOUNG", 0)
    monkeypatch.setattr(sweep, "JUST_RUNG", 5)
    sweep._rung.clear()
    yield own
    own.kill()


@pytest.fixture
def site(app: Flask) -> None:
    with app.app_context(), acting_as(SYSTEM) as session:
        hooks.open_channel(session)


def post(app: Flask, number: int) -> int:
    body = f"Name=Клиент {number}&Phone=8926123{number:04}&tranid={number}".encode()
    return app.test_client().post(hooks.ADDRESS, data=body, content_type=hooks.FORM).status_code


def counted(app: Flask) -> dict[str, int]:
    """How many leads there are, and how many of their owners were told."""
    with app.app_context(), acting_as(SYSTEM) as session:
        sent = select(func.count(Delivery.id)).where(Delivery.way == "email", Delivery.state == DeliveryState.SENT)
        unhandled = select(func.count(Event.id)).where(Event.handled_at.is_(None))
        return {
            "leads": session.execute(select(func.count(Lead.id))).scalar_one(),
            "letters": session.execute(sent).scalar_one(),
            "unhandled": session.execute(unhandled).scalar_one(),
            "buried": session.execute(select(func.count(DeadLetter.id))).scalar_one(),
        }


def until(done: Callable[[], bool], app: Flask) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline, counted(app)
        time.sleep(0.5)


def test_while_redis_is_away_leads_come_and_pages_work_and_then_all_are_told(app, site, redis, smtp, login):
    anna = login("anna")
    assert post(app, 1) == 200
    redis.kill()
    assert [post(app, number) for number in range(2, 6)] == [200] * 4
    assert anna.get("/health").json["queue"] == "away"
    assert anna.get("/login/").status_code in {200, 302}
    redis.start()
    with app.app_context():
        for _round in range(4):
            sweep._rung.clear()
            sweep.sweep()
            work(burst=True)
    assert counted(app) == {"leads": 5, "letters": 5, "unhandled": 0, "buried": 0}
    assert len(smtp.received) == 5


def test_the_sweep_needs_no_redis(app, site, redis, smtp):
    redis.kill()
    assert [post(app, number) for number in range(1, 4)] == [200] * 3
    with app.app_context():
        for _round in range(4):
            sweep.sweep()
    assert counted(app) == {"leads": 3, "letters": 3, "unhandled": 0, "buried": 0}
    assert len(smtp.received) == 3


def test_what_died_is_not_rung_for_until_a_person_replays_it(app, site, redis):
    assert post(app, 1) == 200
    with app.app_context(), acting_as(SYSTEM) as session:
        queue.queue_state().redis.flushdb()
        session.add(DeadLetter(job="app.jobs.inbound.read", args=[1], reason="…"))
        session.commit()
        assert sweep.sweep() == 0
        session.execute(select(DeadLetter)).scalar_one().replayed_at = func.now()
        session.commit()
        assert sweep.sweep() == 1
        assert sweep.sweep() == 0, "it was rung for a moment ago"


def test_two_clocks_tick_as_one(app, redis):
    from sqlalchemy import text

    from models.ground.base import db

    with app.app_context():
        assert scheduler.tick()
        with db.engine.connect() as other:
            other.execute(select(text(f"pg_advisory_lock({scheduler.LOCK})")))
            assert not scheduler.tick()
            other.execute(select(text(f"pg_advisory_unlock({scheduler.LOCK})")))
        assert scheduler.tick()


@pytest.fixture
def crews(app: Flask, redis: OwnRedis, smtp: Any, here: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start `flask crm worker` over this test's servers; whatever is left is killed."""
    config = replace(app.config["CRM"], REDIS_URL=redis.url)
    environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = (sys.executable, "-m", "flask", "--app", "app", "crm", "worker")
        process = subprocess.Popen(command, cwd=here, env=environ, process_group=0)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_workers_killed_in_the_middle_lose_nothing(app, site, redis, crews, smtp):
    first = crews()
    with app.app_context():
        until(lambda: (work_alive() or 0) == 3, app)
    for number in range(1, 11):
        assert post(app, number) == 200
        if number == 5:
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
    second = crews()
    with app.app_context():
        def all_told() -> bool:
            sweep.sweep()
            return counted(app)["letters"] == 10 and counted(app)["unhandled"] == 0

        until(all_told, app)
    assert counted(app)["leads"] == 10
    assert {letter["Message-ID"] for letter in smtp.received}.__len__() == 10
    second.send_signal(signal.SIGTERM)
    assert second.wait(10) == 0


def work_alive() -> int | None:
    from app.worker import alive

    return alive()
