"""The clock: every ten seconds, under a lock in PostgreSQL, what is due is done; it needs no Redis.

Beside it listen the channels that ask (ears.py).
"""

import datetime as dt
import logging
import signal
import threading
import time
from types import FrameType

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.jobs.ears import Ears
from app.jobs.schedule import SCHEDULE, Periodic
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, db, utcnow
from models.settings import Setting

log = logging.getLogger(__name__)

TICK = 10.0
LOCK = 42_010_004
SEEN = "scheduler_seen_at"

_last: dict[str, float] = {}


def run_forever() -> None:
    """Tick until SIGTERM or SIGINT."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, end)
    ears = Ears()
    ears.start()
    while not stop.is_set():
        try:
            tick()
        except SQLAlchemyError as error:
            log.warning("the database is away (%s), trying again", type(error).__name__)
        stop.wait(TICK)
    ears.stop()


def tick() -> bool:
    """Do what is due, unless another scheduler does; False then."""
    with db.engine.connect() as connection:
        if not connection.execute(select(text(f"pg_try_advisory_lock({LOCK})"))).scalar():
            return False
        connection.commit()
        try:
            _seen()
            for periodic in SCHEDULE:
                if _is_due(periodic):
                    _do(periodic)
        finally:
            connection.execute(select(text(f"pg_advisory_unlock({LOCK})")))
            connection.commit()
    return True


def _seen() -> None:
    with acting_as(SYSTEM) as session:
        _note(session, SEEN)
        session.commit()


def _note(session: CrmSession, key: str) -> None:
    row = session.get(Setting, key) or Setting(key=key)
    row.value = utcnow().isoformat()
    row.changed_at = utcnow()
    session.add(row)


def _is_due(periodic: Periodic) -> bool:
    now = time.monotonic()
    last = _last.get(periodic.name)
    # A tick comes a little early or late: half of it is as good as due.
    if last is not None and now - last < periodic.seconds - TICK / 2:
        return False
    _last[periodic.name] = now
    return not periodic.is_remembered or _was_long_ago(periodic)


def _was_long_ago(periodic: Periodic) -> bool:
    key = f"ran.{periodic.name}"
    with acting_as(SYSTEM) as session:
        row = session.get(Setting, key)
        before = utcnow() - dt.timedelta(seconds=periodic.seconds - TICK)
        if row is not None and dt.datetime.fromisoformat(row.value) > before:
            return False
        _note(session, key)
        session.commit()
    return True


def _do(periodic: Periodic) -> None:
    """One that fails does not hold up the others."""
    try:
        periodic.run()
    except Exception:
        log.exception("periodic work %s failed", periodic.name)
