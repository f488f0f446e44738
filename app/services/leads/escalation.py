"""A lead that nobody answers: the head hears of it, then it is handed to the next in the round, once to each."""

import datetime as dt

from sqlalchemy import select

from app.services import worktime
from app.services.leads import sharing
from app.settings import setting
from models.ground.base import db, utcnow
from models.ground.history import Event, record
from models.leads import LIVE_STATES, Lead

ESCALATED = "lead.escalated"


def moment_after(since: dt.datetime) -> dt.datetime | None:
    """When an unanswered lead goes further; None where the settings say that it never does."""
    minutes = setting("escalate_minutes")
    return worktime.after(since, minutes) if minutes else None


def escalate(lead: Lead) -> Lead:
    """Hand an unanswered lead to the next in the round who has not had it; the last one keeps it.

    Runs as the system. The target stays what it was: the client has waited since then.
    """
    if lead.state not in LIVE_STATES or lead.answered_at is not None or lead.escalate_at is None:
        return lead
    was = lead.owner_id
    person = sharing.next_owner(_had_it(lead))
    lead.escalated += 1
    lead.escalate_at = moment_after(utcnow()) if person else None
    if person is not None:
        lead.owner = person
    db.session.flush()
    record(ESCALATED, lead, was=was, now=person.id if person else None, level=lead.escalated)
    return lead


def _had_it(lead: Lead) -> set[int]:
    told = select(Event.data).where(Event.lead_id == lead.id, Event.name == ESCALATED)
    former = {data.get("was") for data in db.session.execute(told).scalars()}
    return {person for person in (*former, lead.owner_id) if person}
