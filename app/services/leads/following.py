"""What follows from what was done with a lead, for tasks and visits of colleagues too: therefore the system does it.

Whoever answers, sets aside or takes up a lead that was somebody else's does not reach the tasks of the other.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import visits
from app.wording import speaking
from app.wording.reader import DEFAULT_ZONE
from models.deals import Deal
from models.ground.base import db, utcnow
from models.ground.history import Event
from models.leads import Lead, LeadState
from models.tasks import Task, TaskKind
from models.visits import Visit, VisitState

# What was closed because of an event was closed soon after it.
SOON = dt.timedelta(hours=1)
NEAR = dt.timedelta(seconds=5)


def answered(lead: Lead, event: Event) -> None:
    """Nobody is to call who was answered."""
    if lead.answered_at is not None:
        _close(lead, event, lambda: _("The client was answered."), TaskKind.CALL)


def set_aside(lead: Lead, event: Event) -> None:
    """Nothing is to be done for it any more, and nobody goes there."""
    if lead.state != LeadState.REJECTED:
        return
    _close(lead, event, lambda: _("The lead was set aside."))
    ahead = select(Visit).where(Visit.lead_id == lead.id, Visit.deal_id.is_(None), Visit.state == VisitState.PLANNED)
    for visit in db.session.execute(ahead).scalars():
        with speaking(visit.assignee.language, visit.assignee.zone):
            visits.cancel(visit, _("The lead was set aside."))


def became_a_deals(lead: Lead, event: Event) -> None:
    """What is still to be done for it is done for its deal."""
    deal = db.session.get(Deal, lead.deal_id) if lead.deal_id else None
    if deal is None or lead.is_live:
        return
    if lead.answered_at is not None and lead.answered_at >= event.at - NEAR:
        _close(lead, event, lambda: _("The client was answered."), TaskKind.CALL)
    for task in _open(lead):
        task.deal_id, task.client_id = deal.id, deal.client_id
    visits.follow_lead(lead, deal)


def taken_back(lead: Lead, event: Event) -> None:
    """Undo of setting aside: what was closed because of it is open again."""
    undone = db.session.get(Event, event.data.get("undone") or 0)
    if undone is None or not lead.is_live:
        return
    mine = (Task.lead_id == lead.id, Task.done_by_id == undone.actor_id)
    closed = select(Task).where(*mine, Task.done_at.between(undone.at, undone.at + SOON))
    for task in db.session.execute(closed).scalars():
        task.done_at, task.done_by_id, task.result = None, None, ""
    db.session.flush()


def _open(lead: Lead) -> Sequence[Task]:
    return db.session.execute(select(Task).where(Task.lead_id == lead.id, Task.done_at.is_(None))).scalars().all()


def _close(lead: Lead, event: Event, words: Callable[[], str], kind: TaskKind | None = None) -> None:
    """In the name of whoever did it with the lead, in the language of whose task it is."""
    for task in _open(lead):
        if kind is None or task.kind == kind:
            whose = task.assignee
            with speaking(whose.language if whose else "ru", whose.zone if whose else DEFAULT_ZONE):
                task.done_at, task.done_by_id, task.result = utcnow(), event.actor_id, words()
    db.session.flush()
