"""The processes that run jobs: alerts, letters and papers side by side, so that none waits behind another."""

import ctypes
import datetime as dt
import gc
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Any

import redis
from flask import current_app
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import AbandonedJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app import letters
from app.channels import push
from app.queue import DEFAULT, HIGH, MAIL, PAPERS, QUEUES, CrmJob, jobs, named_queue, options_of, queue_state
from app.wording import kept
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db, utcnow
from models.notices import DeadLetter

log = logging.getLogger(__name__)

# One process each, forked from one that has everything loaded: most of their memory is shared.
CREWS = ((HIGH,), (MAIL, DEFAULT), (PAPERS, DEFAULT))
# Seconds. With RQ's own figures a killed worker's job would wait up to 12 minutes.
MONITORING, MAINTENANCE, ALIVE, PATIENCE = 10, 30, 30, 8
INTERRUPTED = kept("The worker was stopped each time while it did this.")
PR_SET_PDEATHSIG = 1


class Burying:
    """What both kinds of workers share: JSON, our jobs only, and a dead letter at the end of the retries."""

    def __init__(self, queues: tuple[str, ...]) -> None:
        super().__init__(  # type: ignore[call-arg]
            [named_queue(name) for name in queues],
            connection=queue_state().redis,
            serializer=JSONSerializer,
            job_class=CrmJob,
            job_monitoring_interval=MONITORING,
            maintenance_interval=MAINTENANCE,
            worker_ttl=ALIVE,
            exception_handlers=[self.note_abandoned],
        )
        self.reasons: dict[str, str] = {}

    def subscribe(self) -> None:
        """No orders by Redis: whoever writes there may not stop our jobs."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed."""

    def note_abandoned(self, job: Job, kind: type[BaseException], error: BaseException, _trace: Any) -> bool:
        """RQ calls this for every exception, and for a job whose worker died."""
        if kind is AbandonedJobError and not job.retries_left:
            bury(job, INTERRUPTED)
        self.reasons[job.id] = f"{kind.__name__}: {error}"
        return True

    def handle_job_failure(self, job: Job, queue: Queue, *args: Any, **kwargs: Any) -> None:
        if not job.should_retry:
            bury(job, self.reasons.pop(job.id, "") or INTERRUPTED)
        super().handle_job_failure(job, queue, *args, **kwargs)  # type: ignore[misc]


class CrewWorker(Burying, Worker):
    """A worker of a running system: each job in a fork of its own."""

    max_connection_wait_time = 5.0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        forget_sockets()
        super().main_work_horse(job, queue)


class LightWorker(Burying, SimpleWorker):
    """A worker of a running system for jobs that are over sooner than a fork: an alert waits for none.

    A job that hangs or a worker that is killed is noticed as soon as with forks: by the sign of life of the job.
    """

    max_connection_wait_time = 5.0

    def execute_job(self, job: Job, queue: Queue) -> None:
        # What a job remembers of rights and settings is over with it.
        with current_app.app_context():
            super().execute_job(job, queue)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return MONITORING + 60


class BurstWorker(Burying, SimpleWorker):
    """Does what is there, in this very process, and comes back."""

    def _install_signal_handlers(self) -> None:
        """The signals are those of whoever called us."""


def bury(job: Job, reason: str) -> None:
    """Keep a job that will not be tried again: why, and with what it can be replayed."""
    try:
        name, args = str(job.func_name), list(job.args or ())
    except Exception:  # noqa: BLE001 (what lies in Redis may be anything)
        name, args = "?", []
    said = reason[:2000].replace("\x00", "")
    letter = DeadLetter(job=name[:250], args=args, reason=said, attempts=runs(name))
    try:
        with acting_as(SYSTEM) as session:
            session.add(letter)
            session.commit()
    except SQLAlchemyError:
        # The work itself is still in the database as not done, and the sweep finds it there.
        log.exception("a dead letter of %s%r could not be kept", name, args)


def runs(path: str) -> int:
    """How often a job is begun before it is given up."""
    return options_of(path).retries + 1 if path in jobs() else 1


def forget_sockets() -> None:
    """A forked process must not speak through its parent's connections."""
    db.engine.dispose(close=False)


def work(burst: bool = False) -> None:
    """Run jobs until stopped; with `burst` only those that are there, in this process."""
    if burst:
        # Redis may only have been found away by this very process.
        queue_state().silent_until = 0
        BurstWorker(QUEUES).work(burst=True, logging_level="ERROR")
        return
    Crews().run()


class Crews:
    """A parent that does nothing but keep its workers alive and end them when it is told to end."""

    def __init__(self) -> None:
        self.pids: dict[int, tuple[str, ...]] = {}
        self.is_stopping = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self.stop)
        db.session.remove()
        db.engine.dispose()
        queue_state().redis.connection_pool.disconnect()
        letters.warm()
        push.warm()
        # What is loaded stays where it is, or the collector would copy shared pages in every child.
        gc.freeze()
        for crew in CREWS:
            self.start(crew)
        self.watch()

    def start(self, crew: tuple[str, ...]) -> None:
        """Fork one worker."""
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self.pids[pid] = crew
            return
        die_with(parent)
        try:
            serve(crew)
        finally:
            os._exit(0)

    def watch(self) -> None:
        """Start again whoever ended, until we are told to stop and all have ended."""
        while self.pids:
            try:
                pid, _status = os.wait()
            except InterruptedError:
                continue
            crew = self.pids.pop(pid, None)
            if crew and not self.is_stopping:
                time.sleep(2)
            if crew and not self.is_stopping:
                self.start(crew)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask the workers to finish what they do; whoever does not is killed."""
        if self.is_stopping:
            return
        self.is_stopping = True
        self.tell(signal.SIGTERM)
        signal.signal(signal.SIGALRM, lambda *_: self.tell(signal.SIGKILL))
        signal.alarm(PATIENCE)

    def tell(self, sign: signal.Signals) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)


def serve(crew: tuple[str, ...]) -> None:
    """One worker, until it is told to stop or loses Redis; the parent starts the next one."""
    try:
        kind = CrewWorker if PAPERS in crew else LightWorker
        kind(crew).work(logging_level="WARNING")
    except redis.RedisError as error:
        log.warning("the queue is away (%s), trying again", error)


def die_with(parent: int) -> None:
    """End when the parent is killed: an orphan would take jobs that nobody watches."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != parent:
        os._exit(1)


def alive() -> int | None:
    """How many workers gave a sign of life lately; None when Redis is away."""
    try:
        workers = Worker.all(connection=queue_state().redis)
    except redis.RedisError:
        return None
    lately = utcnow() - dt.timedelta(seconds=1.5 * ALIVE)
    return sum(1 for worker in workers if worker.last_heartbeat and worker.last_heartbeat > lately)
