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


def expect_answer(lead: Lead, since: dt.datetime, minutes: int | None = None) -> None:
    """The client is answered within so many working minutes (else: as the settings say), or the lead goes on later."""
    lead.respond_by = worktime.after(since, minutes or setting("response_minutes"))
    lead.escalate_at = _moment_after(lead.respond_by)


def give_time(lead: Lead) -> None:
    """Whoever has the lead from now on has their own time with it; the client's target stays what it was."""
    again = _moment_after(utcnow())
    if lead.escalate_at is not None and again is not None:
        lead.escalate_at = max(lead.escalate_at, again)


def _moment_after(since: dt.datetime) -> dt.datetime | None:
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
    lead.escalate_at = _moment_after(utcnow()) if person else None
    if person is not None:
        lead.owner = person
    db.session.flush()
    record(ESCALATED, lead, was=was, now=person.id if person else None, level=lead.escalated)
    return lead


def _had_it(lead: Lead) -> set[int]:
    told = select(Event.data).where(Event.lead_id == lead.id, Event.name == ESCALATED)
    former = {data.get("was") for data in db.session.execute(told).scalars()}
    return {person for person in (*former, lead.owner_id) if person}
