"""Channels that ask for what came: a thread each, beside the scheduler; bodies are kept as a hook keeps them."""

import contextlib
import datetime as dt
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Pulled, Wait, optional
from app.doors import committing
from app.sealed import UNREADABLE, Unreadable, opened
from app.services import messages
from app.services.channels import clear_trouble, trouble
from app.wording import kept
from models.channels import Channel
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, db, utcnow

log = logging.getLogger(__name__)

# Of two schedulers over one database one listens: a mailbox or a bot is asked by one at a time.
LOCK = 42_010_006
ROUND, LISTENING = 3.0, 25.0
FIRST_PAUSE, LONGEST_PAUSE, ENDING = 2.0, 60.0, 0.8
# How long ago asking went well is written down no more often than this.
SEEN_EVERY = dt.timedelta(minutes=1)
HEARD = "heard_at"


@dataclass
class Ear:
    """One channel's thread: what it was started with, and how it is woken and ended."""

    mark: str
    over: threading.Event = field(default_factory=threading.Event)
    wait: Wait | None = None
    thread: threading.Thread | None = None

    def end(self) -> None:
        """Come back as soon as possible."""
        self.over.set()
        if self.wait is not None:
            with contextlib.suppress(Exception):
                self.wait.cut()


class Ears:
    """All listening channels; `start` and `stop` are called by the scheduler."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.ears: dict[int, Ear] = {}
        self._lock: Connection | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to listen, in threads of their own."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        self._thread = threading.Thread(target=self._run, args=(app,), name="ears", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all threads; within a second, whatever the providers do."""
        self.over.set()
        for ear in self.ears.values():
            ear.end()
        waiting = [self._thread, *(ear.thread for ear in self.ears.values())]
        until = utcnow() + dt.timedelta(seconds=ENDING)
        for thread in waiting:
            if thread is not None:
                thread.join(max(0.0, (until - utcnow()).total_seconds()))

    def _run(self, app: Flask) -> None:
        with app.app_context():
            while not self.over.is_set():
                try:
                    self.look(app)
                except SQLAlchemyError as error:
                    log.warning("the database is away (%s), listening waits", type(error).__name__)
                    self._let_go()
                except Exception:
                    log.exception("the listening channels could not be looked up")
                self.over.wait(ROUND)
            self._let_go()

    def look(self, app: Flask) -> None:
        """Start what should listen and does not, end what should not, or has other settings now."""
        wanted = listening() if self._holds_lock() else {}
        for key, ear in list(self.ears.items()):
            is_dead = ear.thread is not None and not ear.thread.is_alive()
            if wanted.get(key) != ear.mark or is_dead:
                ear.end()
                del self.ears[key]
        for key, mark in wanted.items():
            if key not in self.ears and not self.over.is_set():
                ear = self.ears[key] = Ear(mark)
                name = f"ear of channel {key}"
                ear.thread = threading.Thread(target=listen, args=(app, key, ear), name=name, daemon=True)
                ear.thread.start()

    def _holds_lock(self) -> bool:
        """Whether this process listens: held on a connection of its own, for as long as that lives."""
        if self._lock is not None:
            self._lock.execute(select(1))
            return True
        line = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if line.execute(select(text(f"pg_try_advisory_lock({LOCK})"))).scalar():
            self._lock = line
            return True
        line.close()
        return False

    def _let_go(self) -> None:
        line, self._lock = self._lock, None
        for ear in self.ears.values():
            ear.end()
        if line is not None:
            with contextlib.suppress(SQLAlchemyError):
                # The lock belongs to the server's session: the connection must not go back to the pool with it.
                line.invalidate()
                line.close()


def listening() -> dict[int, str]:
    """The channels in use that ask, each with a mark of its settings: another mark, another thread."""
    found = {}
    with acting_as(SYSTEM) as session:
        for channel in session.execute(select(Channel).where(Channel.active).order_by(Channel.id)).scalars():
            provider = CHANNELS.get(channel.kind)
            asks = optional(provider, "pulls") if provider else None
            if asks is None:
                continue
            try:
                settings = opened(channel)
            except Unreadable:
                _note_trouble(channel.id, UNREADABLE, lasts=True)
                continue
            if asks(settings):
                found[channel.id] = repr(sorted((name, repr(value)) for name, value in settings.items()))
    return found


def listen(app: Flask, channel_id: int, ear: Ear) -> None:
    """Ask again and again until the end; a fault is noted on the channel and asked after a growing pause."""
    pause = 0.0
    with app.app_context():
        while not ear.over.wait(pause):
            try:
                _ask(channel_id, ear)
                pause = 0.0
            except ChannelError as error:
                pause = error.pause or _longer(pause)
                if not ear.over.is_set():
                    _note_trouble(channel_id, error.words, lasts=error.permanent)
            except (SQLAlchemyError, Unreadable) as error:
                pause = _longer(pause)
                log.warning("channel %s: nothing is asked now (%s)", channel_id, type(error).__name__)
            except Exception as error:
                pause = _longer(pause)
                log.exception("channel %s could not be asked", channel_id)
                if not ear.over.is_set():
                    _note_trouble(channel_id, kept("Asking failed: %(why)s", why=type(error).__name__))


def _longer(pause: float) -> float:
    return min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)


def _ask(channel_id: int, ear: Ear) -> None:
    """Once: read where to go on, ask without the database, keep what came."""
    with acting_as(SYSTEM) as session:
        channel = session.get(Channel, channel_id)
        if channel is None or not channel.active:
            ear.over.set()
            return
        provider, settings, cursor = CHANNELS[channel.kind], opened(channel), dict(channel.cursor)
    ear.wait = Wait(LISTENING, ear.over)
    if ear.over.is_set():
        return
    pulled: Pulled = optional(provider, "pull")(settings, cursor, ear.wait)
    with acting_as(SYSTEM) as session, committing(session):
        keep(session, channel_id, pulled)


def keep(session: CrmSession, channel_id: int, pulled: Pulled) -> None:
    """Bodies first, then where to go on, in one transaction: what is asked for twice is kept once."""
    rows = select(Channel).where(Channel.id == channel_id).with_for_update()
    channel = session.execute(rows).scalar_one_or_none()
    if channel is None:
        return
    number_of = CHANNELS[channel.kind].external_id
    for raw in pulled.bodies:
        messages.take_in(channel, raw, messages.Envelope(raw.external_id or number_of(raw)))
    _goes_on(channel, pulled.cursor)


def _goes_on(channel: Channel, cursor: Mapping[str, Any]) -> None:
    heard = channel.cursor.get(HEARD)
    is_old = not heard or dt.datetime.fromisoformat(heard) < utcnow() - SEEN_EVERY
    if cursor or is_old:
        channel.cursor = {**channel.cursor, **cursor, HEARD: utcnow().isoformat()}
    clear_trouble(channel)


def _note_trouble(channel_id: int, words: str, *, lasts: bool = False) -> None:
    with contextlib.suppress(SQLAlchemyError), acting_as(SYSTEM) as session, committing(session):
        channel = session.get(Channel, channel_id, with_for_update=True)
        if channel is not None:
            trouble(channel, words, at_once=lasts)


