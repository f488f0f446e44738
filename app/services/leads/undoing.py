"""Undo of what one has just done with leads, told by its events: of one, or of a thousand at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services.leads import placing
from app.services.versions import locked
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import Event, record
from models.ground.refused import Refused
from models.leads import LIVE_STATES, Lead, LeadState
from models.tasks import Task

NAMES = ("lead.taken", "lead.assigned", "lead.rejected", "lead.attached", "lead.classified")
# The events themselves: of one's own doing, whatever they are about now.
EVENTS: Any = Event.__table__
LASTS = dt.timedelta(hours=12)


@dataclass(frozen=True)
class Done:
    """What was done between two events, both included."""

    first: int
    last: int


def mark() -> int:
    """The number of the latest event: what comes after it is what is being done now."""
    return int(db.session.execute(select(func.max(EVENTS.c.id))).scalar() or 0)


def done_since(before: int) -> Done | None:
    """What the actor has done with leads since a mark, if it can be undone."""
    db.session.flush()
    ends = select(func.min(EVENTS.c.id), func.max(EVENTS.c.id)).where(EVENTS.c.id > before, *_own())
    first, last = db.session.execute(ends).one()
    return Done(first, last) if first else None


def events_of(done: Done, most: int) -> Sequence[Event]:
    """The events that an undo goes through, the latest first."""
    wanted = select(Event).where(Event.id >= done.first, Event.id <= done.last, Event.at > utcnow() - LASTS)
    mine = wanted.where(Event.actor_id == current_actor().person_id, Event.name.in_(NAMES))
    return db.session.execute(mine.order_by(Event.id.desc()).limit(most)).scalars().all()


def _own() -> tuple[Any, ...]:
    return EVENTS.c.actor_id == current_actor().person_id, EVENTS.c.name.in_(NAMES)


def undo(lead: Lead, event: Event) -> Lead:
    """Take back one thing that was done with the lead. Refuses when somebody has gone on with it since."""
    lead = locked(lead)
    was: Any = event.data.get("was")
    if event.name in ("lead.taken", "lead.assigned"):
        if lead.owner_id != event.data.get("now", event.actor_id):
            raise _overtaken(lead)
        return placing.hand_back(lead, was, event.data.get("state", ""))
    if event.name == "lead.classified":
        if lead.klass != event.data.get("now"):
            raise _overtaken(lead)
        return placing.call_it(lead, was)
    if lead.state != (LeadState.REJECTED if event.name == "lead.rejected" else LeadState.ATTACHED):
        raise _overtaken(lead)
    return _reopen(lead, event)


def _overtaken(lead: Lead) -> Refused:
    return Refused(_("Lead № %(number)s was changed since. Look at it and decide anew.", number=lead.id))


def _reopen(lead: Lead, event: Event) -> Lead:
    """As it was: the same owner, client and target, its feed and its tasks."""
    placing.come_back(lead)
    closed = select(Task).where(Task.lead_id == lead.id, Task.done_at >= event.at - dt.timedelta(seconds=30))
    for task in db.session.execute(closed.where(Task.done_by_id == event.actor_id)).scalars():
        task.done_at, task.done_by_id, task.result = None, None, ""
    lead.state, lead.reject_reason, lead.deal_id, lead.duplicate_of_id = LeadState(event.data["state"]), "", None, None
    if "owner" in event.data:
        lead.owner_id = event.data["owner"]
    if event.data.get("waited"):
        lead.answered_at = None
    if lead.state not in LIVE_STATES:
        raise _overtaken(lead)
    record("lead.restored", lead, undone=event.id)
    db.session.flush()
    return lead
