"""Real processes killed while they send: what the client got once is never sent again by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.jobs import sweep
from app.queue import queue_state
from models.leads import Lead
from models.messages import Message
from models.notices import Delivery
from tests.bot_api import BotApi
from tests.talks import System, all_of, deliver_all, hurry, one, say, way

pytestmark = pytest.mark.slow
SENDER = """
import sys
from app import create_app
from app.jobs import outbound
from config import Config
app = create_app(Config.from_env())
print("ready", flush=True)
with app.app_context():
    outbound.deliver(int(sys.argv[1]))
"""


@pytest.fixture
def sender(app: Flask, here: Path) -> Callable[[int], subprocess.Popen[bytes]]:
    """A process of its own that sends one delivery; it comes back when it is about to begin."""

    def start(delivery: int) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **app.config["CRM"].to_env(), "PYTHONPATH": str(here)}
        command = (sys.executable, "-c", SENDER, str(delivery))
        process = subprocess.Popen(command, cwd=here, env=environ, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    return start


def after_the_crash(system: System, worker: Callable[[], None]) -> str:
    """What becomes of the message when time has passed and the sweep has come round."""
    hurry(system)
    deliver_all(system)
    worker()
    state: str = all_of(system, Message)[-1].state
    return state


def test_killed_while_telegram_thinks_it_is_in_doubt_and_goes_once(
    anna: FlaskClient, system: System, app: Flask, worker: Any, sender: Any, bot_api: BotApi
) -> None:
    taken, go_on = threading.Event(), threading.Event()

    def hold(method: str) -> None:
        if method == "sendMessage":
            taken.set()
            go_on.wait(20)

    say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system))
    with app.app_context():
        queue_state().redis.flushdb()
    bot_api.hold = hold
    process = sender([row.id for row in all_of(system, Delivery) if row.message_id][-1])
    assert taken.wait(20)
    process.kill()
    process.wait()
    process.stdout.close()
    go_on.set()
    assert after_the_crash(system, worker) == "in_doubt"
    assert after_the_crash(system, worker) == "in_doubt"
    assert bot_api.texts() == ["Отвечаю"]


@pytest.mark.parametrize("moment", [0.0, 0.03, 0.08, 0.15, 0.3])
def test_killed_at_any_moment_it_is_sent_once_or_a_person_is_asked(
    anna: FlaskClient, system: System, app: Flask, worker: Any, sender: Any, bot_api: BotApi, moment: float
) -> None:
    bot_api.hold = lambda method: time.sleep(0.1) if method == "sendMessage" else None
    say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system))
    with app.app_context():
        queue_state().redis.flushdb()
    process = sender([row.id for row in all_of(system, Delivery) if row.message_id][-1])
    time.sleep(moment)
    process.kill()
    process.wait()
    process.stdout.close()
    time.sleep(0.15)
    state = after_the_crash(system, worker)
    assert state in ("sent", "in_doubt")
    assert len(bot_api.texts()) <= 1
    assert state == "in_doubt" or bot_api.texts() == ["Отвечаю"]


def test_an_answer_given_while_redis_is_away_is_sent_by_the_sweep(
    anna: FlaskClient, system: System, app: Flask, bot_api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "YOUNG", 0)
    sweep._rung.clear()
    with app.app_context():
        queue_state().silent_until = time.monotonic() + 60
        monkeypatch.setattr(sweep, "release", lambda _calls: False)
    assert say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system)).status_code == 200
    with app.app_context():
        sweep.sweep()
    assert bot_api.texts() == ["Отвечаю"]
    assert all_of(system, Message)[-1].state == "sent"
