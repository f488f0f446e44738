"""The queue: nothing leaves before the commit, nothing runs that is not listed, nothing is lost for good."""

from __future__ import annotations

import json
import subprocess
import zlib
from typing import Any

import pytest
from rq import Queue
from rq.job import Job
from sqlalchemy import select

from app import queue
from app.jobs import JOBS
from app.queue import QUEUES, enqueue_after_commit, job, named_queue, outside
from app.worker import work
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.leads import Lead
from models.notices import DeadLetter
from models.settings import Setting

HANDLE = "app.jobs.events.handle"


def waiting() -> list[tuple[str, list[Any]]]:
    found = [one for name in QUEUES for one in named_queue(name).jobs]
    return [(one.func_name, list(one.args)) for one in found]


@pytest.fixture
def doing(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Declare jobs of the test's own."""

    def declare(function: Any, **options: Any) -> str:
        path = f"app.jobs.tests.{function.__name__}"
        monkeypatch.setitem(JOBS, path, job(**options)(function))
        return path

    return declare


def test_a_commit_releases_and_a_rollback_forgets(as_system):
    enqueue_after_commit(HANDLE, 1)
    assert waiting() == []
    as_system.commit()
    assert waiting() == [(HANDLE, [1])]
    enqueue_after_commit(HANDLE, 2)
    as_system.rollback()
    as_system.commit()
    assert waiting() == [(HANDLE, [1])]


def test_a_savepoint_rolled_back_takes_its_jobs_with_it(as_system):
    enqueue_after_commit(HANDLE, 1)
    with pytest.raises(ZeroDivisionError), as_system.begin_nested():
        enqueue_after_commit(HANDLE, 2)
        raise ZeroDivisionError
    with as_system.begin_nested():
        enqueue_after_commit(HANDLE, 3)
    assert waiting() == []
    as_system.commit()
    assert waiting() == [(HANDLE, [1]), (HANDLE, [3])]


def test_a_kept_savepoint_goes_with_the_transaction_around_it(as_system):
    with as_system.begin_nested():
        enqueue_after_commit(HANDLE, 1)
    as_system.rollback()
    as_system.commit()
    with pytest.raises(ZeroDivisionError), as_system.begin_nested():
        with as_system.begin_nested():
            enqueue_after_commit(HANDLE, 2)
        raise ZeroDivisionError
    as_system.commit()
    assert waiting() == []


def test_a_session_that_is_closed_releases_nothing(app):
    with app.app_context():
        with acting_as(SYSTEM):
            enqueue_after_commit(HANDLE, 1)
        assert waiting() == []


def test_the_same_job_asked_for_twice_is_released_once(as_system):
    enqueue_after_commit(HANDLE, 1)
    enqueue_after_commit(HANDLE, 1)
    as_system.commit()
    assert waiting() == [(HANDLE, [1])]


def test_an_event_is_released_by_itself(client, as_system):
    from tests.services.test_leads import ask

    ask()
    as_system.commit()
    assert HANDLE in [path for path, _args in waiting()]


def test_a_job_that_is_not_listed_cannot_even_be_asked_for(as_system):
    with pytest.raises(queue.Unknown):
        enqueue_after_commit("os.system", "true")


@pytest.mark.parametrize("function", ["os.system", "app.worker.work", "builtins.eval", "app.jobs.events.record"])
def test_a_forged_job_is_refused_and_becomes_a_dead_letter(as_system, worker, tmp_path, function):
    mark = tmp_path / "mark"
    Queue("high", connection=queue.queue_state().redis, serializer=queue.JSONSerializer).enqueue(
        function, f"touch {mark}"
    )
    worker()
    assert not mark.exists()
    (letter,) = as_system.execute(select(DeadLetter)).scalars()
    assert (letter.job, "Unknown" in letter.reason) == (function, True)


def test_a_forged_callback_is_not_called(as_system, worker, tmp_path):
    mark = tmp_path / "mark"
    one = queue.enqueue(HANDLE, 1)
    state = queue.queue_state()
    state.redis.hset(one.key, mapping={"success_callback_name": "os.system", "failure_callback_name": "os.abort"})
    worker()
    assert not mark.exists()
    assert as_system.execute(select(DeadLetter)).scalars().all() == []


def test_a_forged_pickle_is_not_loaded(as_system, worker, tmp_path):
    mark = tmp_path / "mark"

    class Evil:
        def __reduce__(self) -> Any:
            return subprocess.call, (["touch", str(mark)],)

    import pickle

    one = queue.enqueue(HANDLE, 1)
    queue.queue_state().redis.hset(one.key, "data", zlib.compress(pickle.dumps(Evil())))
    worker()
    assert not mark.exists()
    (letter,) = as_system.execute(select(DeadLetter)).scalars()
    assert letter.job == "?"


def test_arguments_travel_as_json(as_system):
    one = queue.enqueue(HANDLE, 17)
    raw = queue.queue_state().redis.hget(one.key, "data")
    assert json.loads(zlib.decompress(raw)) == [HANDLE, None, [17], {}]


def test_a_job_that_fails_is_tried_three_times_and_then_buried(as_system, doing, worker):
    runs = []

    def stumble(number: int) -> None:
        runs.append(number)
        raise ValueError("нет")

    queue.enqueue(doing(stumble), 5)
    worker()
    assert runs == [5, 5, 5]
    (letter,) = as_system.execute(select(DeadLetter)).scalars()
    assert (letter.job, letter.args, letter.reason, letter.attempts) == (
        "app.jobs.tests.stumble", [5], "ValueError: нет", 3,
    )  # fmt: skip


def test_a_job_that_fails_leaves_nothing_behind(as_system, doing, worker):
    def half() -> None:
        db.session.add(Setting(key="half", value=1))
        db.session.flush()
        raise ValueError

    queue.enqueue(doing(half, retries=0))
    worker()
    assert as_system.get(Setting, "half") is None


def test_a_job_too_slow_is_stopped(as_system, doing, worker):
    import time

    def sleep() -> None:
        time.sleep(30)

    queue.enqueue(doing(sleep, retries=0, timeout=1))
    worker()
    (letter,) = as_system.execute(select(DeadLetter)).scalars()
    assert "JobTimeoutException" in letter.reason


def test_outside_no_connection_is_held(as_system):
    as_system.add(Setting(key="outside", value=1))
    pool = db.engine.pool
    with outside():
        assert not as_system.in_transaction()
        with acting_as(SYSTEM) as other:
            assert other.get(Setting, "outside").value == 1
    assert pool.checkedout() == 0
    with pytest.raises(RuntimeError), outside():
        as_system.execute(select(Lead)).all()


def test_without_redis_a_commit_is_quick_and_keeps_its_rows(app, as_system, monkeypatch):
    import time

    state = queue.QueueState("unix:///nowhere/redis.sock")
    monkeypatch.setitem(app.extensions, "queue", state)
    as_system.add(Setting(key="kept", value=1))
    enqueue_after_commit(HANDLE, 1)
    began = time.monotonic()
    as_system.commit()
    assert time.monotonic() - began < 0.5
    assert state.is_silent
    assert as_system.get(Setting, "kept").value == 1


def test_every_path_that_services_name_is_a_job(here):
    import re

    named = set()
    for folder in ("app", "views"):
        for file in (here / folder).rglob("*.py"):
            named |= set(re.findall(r'"(app\.jobs\.\w+\.\w+)"', file.read_text("utf-8")))
    assert named
    assert named <= set(JOBS)


def test_every_job_may_be_run_by_its_name(app):
    for path, function in JOBS.items():
        assert function.options.queue in QUEUES, path
        assert Job and callable(function)
    with app.app_context():
        work(burst=True)
