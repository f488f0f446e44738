"""What happens because time has passed: leads that nobody answered in time."""

from sqlalchemy import select

from app.queue import job
from app.services.deals import holding
from app.services.leads import escalation
from models.ground.base import db, utcnow
from models.ground.history import Event, record
from models.leads import LIVE_STATES, Lead

OVERDUE = "lead.overdue"


@job()
def overdue_leads() -> None:
    """Each lead whose target ran out becomes an event, once per target."""
    told = select(Event.id).where(Event.lead_id == Lead.id, Event.name == OVERDUE)
    told = told.where(Event.at >= Lead.respond_by)
    late = (
        select(Lead)
        .where(Lead.answered_at.is_(None), Lead.state.in_(LIVE_STATES), Lead.respond_by < utcnow())
        .where(~told.exists())
        .order_by(Lead.respond_by)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    for lead in db.session.execute(late).scalars():
        record(OVERDUE, lead, owner_id=lead.owner_id)


@job()
def unanswered_leads() -> None:
    """Each lead that nobody answered for longer still goes to the next in the round."""
    waiting = (
        select(Lead)
        .where(Lead.answered_at.is_(None), Lead.state.in_(LIVE_STATES), Lead.escalate_at < utcnow())
        .order_by(Lead.escalate_at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    for lead in db.session.execute(waiting).scalars():
        escalation.escalate(lead)


@job()
def wake_deals() -> None:
    """Deals on hold whose morning has come are woken."""
    holding.wake_due()
