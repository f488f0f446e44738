"""Finds what was promised and not done, and rings again; while the queue is away, does it itself."""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from app.queue import function_of, jobs, queue_state, release
from app.services.works.kinds import KINDS
from models.documents import Document, DocumentState
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, utcnow
from models.ground.files import Preview, StoredFile
from models.ground.history import Event
from models.messages import Message, MessageKind, MessageState, RawBody, RawState
from models.notices import DeadLetter, Delivery, DeliveryState
from models.works import Work, WorkState

log = logging.getLogger(__name__)

Call = tuple[str, tuple[Any, ...]]
# Seconds: younger things are on their way by themselves, and what was just rung for is not rung for again.
YOUNG, YOUNG_PAPER, JUST_RUNG = 10, 60, 30
BATCH = 200
LIGHT = ("app.jobs.events.handle", "app.jobs.inbound.read", "app.jobs.outbound.deliver")

_rung: dict[Call, float] = {}


def sweep() -> int:
    """Release what waits; the number of jobs that were released or done here."""
    with acting_as(SYSTEM) as session:
        found = [call for kind in WAITING for call in kind(session)]
    calls = _not_just_rung(found)
    if not calls:
        return 0
    queue_state().silent_until = 0
    if release(calls):
        now = time.monotonic()
        _rung.update(dict.fromkeys(calls, now))
        return len(calls)
    return sum(_done_here(call) for call in calls if call[0] in LIGHT)


def _is_buried(job: Any, key: Any) -> ColumnElement[bool]:
    """Whether the job died for this row and waits for a person: ringing again would only bury it again.

    Asked in the statement itself: the first few hundred may all be buried, and behind them the healthy wait.
    """
    same = (DeadLetter.job == job, DeadLetter.args == func.jsonb_build_array(key))
    return exists().where(*same, DeadLetter.replayed_at.is_(None))


def _not_just_rung(calls: Iterable[Call]) -> list[Call]:
    now = time.monotonic()
    for call in [call for call, rung in _rung.items() if now - rung > JUST_RUNG]:
        del _rung[call]
    return [call for call in calls if call not in _rung]


def _done_here(call: Call) -> bool:
    path, args = call
    try:
        function_of(path)(*args)
    except Exception:
        log.exception("%s%r failed without the queue; it is tried again", path, args)
        return False
    return True


def _events(session: CrmSession) -> list[Call]:
    waiting = Event.handled_at.is_(None) & (Event.at < _before(YOUNG))
    return _calls(session, "app.jobs.events.handle", select(Event.id).where(waiting).order_by(Event.id))


def _bodies(session: CrmSession) -> list[Call]:
    waiting = (RawBody.state == RawState.KEPT) & (RawBody.received_at < _before(YOUNG))
    return _calls(session, "app.jobs.inbound.read", select(RawBody.id).where(waiting).order_by(RawBody.id))


def _deliveries(session: CrmSession) -> list[Call]:
    now = utcnow()
    pending = Delivery.state == DeliveryState.PENDING
    due = and_(pending, Delivery.next_try_at <= now, Delivery.made_at < _before(YOUNG))
    left = and_(Delivery.state == DeliveryState.SENDING, Delivery.lease_until < now)
    waiting = select(Delivery.id).where(or_(due, left)).order_by(Delivery.id)
    return _calls(session, "app.jobs.outbound.deliver", waiting)


def _fetches(session: CrmSession) -> list[Call]:
    waits = (Message.state == MessageState.PENDING) & (Message.kind == MessageKind.INCOMING)
    waiting = select(Message.id).where(waits, Message.created_at < _before(YOUNG_PAPER)).order_by(Message.id)
    return _calls(session, "app.jobs.inbound.fetch", waiting)


def _papers(session: CrmSession) -> list[Call]:
    making = Document.state == DocumentState.MAKING
    waiting = select(Document.id).where(making, Document.created_at < _before(YOUNG_PAPER))
    return _calls(session, "app.jobs.documents.make", waiting.order_by(Document.id))


def _works(session: CrmSession) -> list[Call]:
    """Works that wait, and those whose worker died; each kind has a job of its own."""
    now = utcnow()
    waiting = and_(Work.state == WorkState.WAITING, Work.made_at < _before(YOUNG))
    left = and_(Work.state == WorkState.RUNNING, Work.lease_until < now)
    job = case({name: kind.job for name, kind in KINDS.items()}, value=Work.kind)
    known = Work.kind.in_(KINDS) & ~_is_buried(job, Work.id)
    rows = select(Work.kind, Work.id).where(or_(waiting, left), known).order_by(Work.id)
    return [(KINDS[kind].job, (key,)) for kind, key in session.execute(rows.limit(BATCH))]


def _previews(session: CrmSession) -> list[Call]:
    waiting = (StoredFile.preview == Preview.WAITING) & (StoredFile.created_at < _before(YOUNG_PAPER))
    return _calls(session, "app.jobs.files.draw", select(StoredFile.id).where(waiting).order_by(StoredFile.id))


WAITING: tuple[Callable[[CrmSession], list[Call]], ...] = (
    _bodies, _events, _deliveries, _fetches, _papers, _previews, _works,
)


def _calls(session: CrmSession, path: str, ids: Any) -> list[Call]:
    if path not in jobs():
        return []
    (key,) = ids.selected_columns
    healthy = ids.where(~_is_buried(path, key)).limit(BATCH)
    return [(path, (found,)) for found in session.execute(healthy).scalars()]


def _before(seconds: int) -> dt.datetime:
    return utcnow() - dt.timedelta(seconds=seconds)
