"""A body that became a lead is read again, after the map of fields was mended: the same lead is completed."""

from typing import Any

from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import contacts
from app.services.leads import arrivals, escalation, placing, sharing
from app.services.leads.sorting import Verdict
from app.wording import kept
from models.ground.access import WITH_DELETED
from models.ground.base import db, utcnow
from models.ground.history import Change, record
from models.ground.limits import clean_line, clean_text
from models.leads import Lead, LeadClass, LeadState
from models.messages import Message, RawBody

TEXTS = ("name", "email", "handle", "words", "page", "referrer", "first_page")


def of_raw(raw: RawBody) -> Lead | None:
    """The lead that was made of a body, in the trash or not."""
    rows = select(Lead).where(Lead.raw_id == raw.id).execution_options(**{WITH_DELETED: True})
    return db.session.execute(rows).scalar_one_or_none()


def mend(lead: Lead, inbound: Inbound) -> str:
    """Put into the lead what is understood now; what a person has changed since stays. What it became, in words.

    A lead that was set aside as a mistake and can be answered now waits for an answer, as if it came now.
    """
    if lead.deleted_at is not None:
        return kept("Lead № %(number)s of it lies in the trash.", number=lead.id)
    if lead.state == LeadState.QUALIFIED:
        return kept("Lead № %(number)s of it is a deal already: it is left as it is.", number=lead.id)
    touched = _touched(lead)
    is_mistake = lead.state == LeadState.REJECTED and lead.klass == LeadClass.MISTAKE and "state" not in touched
    # Asked before the lead has its contact, or it would be taken for a repetition of itself.
    verdict = arrivals.verdict_of(inbound, lead.source) if is_mistake else None
    for name, value in _understood(inbound).items():
        if value and name not in touched:
            setattr(lead, name, value)
    lead.utm, lead.extra = {**lead.utm, **inbound.utm}, dict(inbound.extra)
    _words(lead)
    db.session.flush()
    if verdict is not None and not verdict.is_set_aside:
        _wake(lead, verdict)
    record("lead.mended", lead)
    db.session.flush()
    return kept("Lead № %(number)s was completed.", number=lead.id)


def _touched(lead: Lead) -> set[str]:
    """Fields that a person has changed."""
    rows = select(Change.field).where(
        Change.table == "lead", Change.row_id == lead.id, Change.actor_id.is_not(None), Change.old.is_not(None)
    )
    return set(db.session.execute(rows.distinct()).scalars())


def _understood(inbound: Inbound) -> dict[str, Any]:
    phone = contacts.phone(inbound.phone)
    texts: dict[str, Any] = {name: getattr(inbound, name) for name in TEXTS}
    texts["name"], texts["words"] = clean_line(inbound.name, "name"), clean_text(inbound.words, "words")
    texts["email"], texts["handle"] = contacts.email(inbound.email), contacts.handle(inbound.handle)
    return texts | {"phone": phone, "typed_phone": clean_line(inbound.phone, "phone")}


def _words(lead: Lead) -> None:
    """The request as a line of the feed: changed where it stands, or put there."""
    if not lead.words:
        return
    first = select(Message).where(Message.lead_id == lead.id, Message.kind == "incoming").order_by(Message.id).limit(1)
    said = db.session.execute(first).scalar_one_or_none()
    if said is None:
        arrivals.say(lead, lead_id=lead.id)
    elif said.words != lead.words:
        said.words = lead.words


def _wake(lead: Lead, verdict: Verdict) -> None:
    lead.klass, lead.klass_reason, lead.reject_reason = verdict.klass, verdict.reason, ""
    lead.client_id = verdict.client.client_id if verdict.client else lead.client_id
    placing.consents_follow(lead)
    if verdict.is_attached:
        lead.state = LeadState.ATTACHED
        arrivals.attach(lead, verdict)
        return
    lead.state = LeadState.WAITING
    escalation.expect_answer(lead, utcnow())
    owner = sharing.owner_of(verdict)
    lead.owner_id = owner.id if owner else None
    record("lead.received", lead, klass=lead.klass, state=lead.state, source=lead.source)
