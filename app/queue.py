"""Work that is done later: how a job is declared, released after the commit, and found again by its name.

Redis is a doorbell. What has to be done is in the database, so losing the queue loses nothing: the sweep
(app/jobs/sweep.py) rings again.
"""

import functools
import importlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry as ConnectionRetry
from rq import Queue
from rq.job import Job, Retry
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import SessionTransaction

from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, db
from models.ground.history import Event

log = logging.getLogger(__name__)

HIGH, MAIL, DEFAULT, PAPERS = "high", "mail", "default", "papers"
QUEUES = (HIGH, MAIL, DEFAULT, PAPERS)
# Runs after the first of what an alert hangs on: workers that are killed under it are not its fault.
STUBBORN = 9
# A commit does not wait for a Redis that has just been found away.
SILENCE = 5.0
WAITING = "calls_after_commit"
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Options:
    """How a job is run: its queue, its time limit in seconds, and how often it is tried again."""

    queue: str = DEFAULT
    timeout: int = 60
    retries: int = 2


@dataclass
class Call:
    """A job asked for inside a transaction; it is released when that transaction is really committed."""

    within: SessionTransaction | None
    path: str
    args: tuple[Any, ...]


class Unknown(Exception):
    """A name that is not in JOBS: nobody may run other functions through the queue."""


def job(*, queue: str = DEFAULT, timeout: int = 60, retries: int = 2) -> Callable[[Function], Function]:
    """Make a function a job: it runs as the system in a session of its own and is committed or rolled back.

    It must be safe to run twice. `retries` are runs after the first; a job that fails in all of them
    becomes a dead letter.
    """

    def declare(function: Function) -> Function:
        @functools.wraps(function)
        def run(*args: Any) -> Any:
            with acting_as(SYSTEM) as session:
                result = function(*args)
                session.commit()
                return result

        run.options = Options(queue, timeout, retries)  # type: ignore[attr-defined]
        return run  # type: ignore[return-value]

    return declare


@contextmanager
def outside() -> Iterator[None]:
    """Commit, do something slow without holding a connection, and go on in the next transaction."""
    session = db.session()
    session.commit()
    yield
    if session.in_transaction():
        raise RuntimeError("the database was used inside outside()")


def jobs() -> dict[str, Callable[..., Any]]:
    """The functions that may be run, by path. Found by name, since jobs stand above the queue."""
    found: dict[str, Callable[..., Any]] = importlib.import_module("app.jobs").JOBS
    return found


def function_of(path: str) -> Callable[..., Any]:
    """The job of this path. Raises Unknown."""
    try:
        return jobs()[path]
    except KeyError:
        raise Unknown(f"{path!r} is not a job of ours") from None


def options_of(path: str) -> Options:
    """How the job of this path is run. Raises Unknown."""
    options: Options = function_of(path).options  # type: ignore[attr-defined]
    return options


class CrmJob(Job):
    """A job that runs nothing but the functions in JOBS, whatever Redis says."""

    @property
    def func(self) -> Callable[..., Any]:
        if self.instance is not None or self.kwargs:
            raise Unknown(f"{self.func_name!r} asks for more than a job and its arguments")
        return function_of(str(self.func_name))

    def restore(self, raw_data: Any) -> None:
        """Callbacks and webhooks are named in Redis too; we use none, so there are none."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []


# --- after the commit -------------------------------------------------------------------------------------


def enqueue_after_commit(path: str, *args: Any) -> None:
    """Release a job, by its dotted path, when the transaction at hand is committed; a rollback forgets it."""
    function_of(path)
    _ask(db.session(), path, args)


def unask(path: str) -> None:
    """Take back what was asked for under a path in the transaction at hand."""
    waiting: list[Call] = db.session().info.get(WAITING, [])
    waiting[:] = [call for call in waiting if call.path != path]


def _ask(session: CrmSession, path: str, args: tuple[Any, ...]) -> None:
    within = session.get_nested_transaction() or session.get_transaction() or session.begin()
    session.info.setdefault(WAITING, []).append(Call(within, path, args))


@event.listens_for(CrmSession, "after_flush")
def _watch_events(session: CrmSession, _context: Any) -> None:
    for row in session.new:
        if isinstance(row, Event):
            _ask(session, "app.jobs.events.handle", (row.id,))


@event.listens_for(CrmSession, "after_commit")
def _release(session: CrmSession) -> None:
    """After a savepoint its calls depend on the transaction around it; after the commit they go."""
    waiting: list[Call] = session.info.get(WAITING, [])
    nested = session.get_nested_transaction()
    if nested is not None:
        for call in waiting:
            if call.within is nested:
                call.within = nested.parent
        return
    session.info.pop(WAITING, None)
    if waiting:
        release([(call.path, call.args) for call in waiting])


@event.listens_for(CrmSession, "after_transaction_end")
def _forget(session: CrmSession, transaction: SessionTransaction) -> None:
    waiting: list[Call] = session.info.get(WAITING, [])
    waiting[:] = [call for call in waiting if call.within is not transaction]


def release(calls: list[tuple[str, tuple[Any, ...]]]) -> bool:
    """Put jobs into their queues; False when Redis is away, and then the sweep releases them later."""
    queue = queue_state()
    if queue.is_silent:
        return False
    try:
        for path, args in dict.fromkeys(calls):
            enqueue(path, *args)
    except redis.RedisError as error:
        queue.silent_until = time.monotonic() + SILENCE
        log.warning("the queue is away (%s); %d jobs wait for the sweep", error, len(calls))
        return False
    return True


def enqueue(path: str, *args: Any) -> Job:
    """Put one job into its queue now. Raises RedisError, Unknown."""
    options = options_of(path)
    return named_queue(options.queue).enqueue_call(
        path,
        args=args,
        timeout=options.timeout,
        result_ttl=0,
        failure_ttl=24 * 3600,
        retry=Retry(max=options.retries) if options.retries else None,
        description=f"{path}({', '.join(map(str, args))})",
    )


# --- the connection ---------------------------------------------------------------------------------------


class QueueState:
    """The connection of one application, and whether Redis was just found away."""

    def __init__(self, url: str) -> None:
        # The client's own ten seconds of retries would be spent inside somebody's request.
        self.redis = redis.Redis.from_url(
            url or "redis://127.0.0.1:6379/0",
            socket_connect_timeout=1,
            socket_timeout=1,
            # Once more where the line was cut, as after a restart; not where nobody answers.
            retry=ConnectionRetry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self.url = url
        self.silent_until = 0.0

    @property
    def is_silent(self) -> bool:
        return time.monotonic() < self.silent_until


def queue_state() -> QueueState:
    """The queue of the application at hand."""
    state: QueueState = current_app.extensions["queue"]
    return state


def named_queue(name: str) -> Queue:
    """A queue by name, with our serializer and our class of jobs."""
    return Queue(name, connection=queue_state().redis, serializer=JSONSerializer, job_class=CrmJob)


def init_app(app: Flask) -> None:
    """Give the application its connection; nothing is sent before the first job."""
    app.extensions["queue"] = QueueState(app.config.get("REDIS_URL", ""))
