"""A request arrives, from outside or by hand: it becomes a lead with a class, an owner and a timer."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from app.channels.inbound import Inbound
from app.services import worktime
from app.services.leads import escalation, sharing, sorting
from app.settings import setting
from app.wording import phone
from models.channels import Channel
from models.clients import Consent
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.leads import Lead, LeadClass, LeadState
from models.messages import Message, MessageKind, RawBody
from models.staff import Person


def receive(inbound: Inbound, channel: Channel | None = None, raw: RawBody | None = None) -> Lead:
    """A request from outside becomes a lead with a class, a reason, an owner and a timer; nothing is dropped.

    Acts as the system. A duplicate is closed at once as attached, and its words go to the open lead or deal.
    """
    verdict, lead = _sorted(inbound)
    lead.received_at = raw.received_at if raw else utcnow()
    lead.raw_id = raw.id if raw else None
    if channel is not None:
        lead.channel_id = channel.id
        lead.source = lead.source or channel.source or channel.kind
    owner = None if verdict.is_attached or not lead.is_live else sharing.owner_of(verdict)
    return _registered(lead, verdict, owner, inbound)


def enter(inbound: Inbound, owner: Person | None = None) -> Lead:
    """A request written down by hand; it is the actor's own, unless somebody is named. Refuses an empty one.

    Where the actor may not reach the open lead or deal it belongs to, it stays a live lead, marked as a
    duplicate: a person decides.
    """
    if inbound.is_empty:
        raise Refused(_("Write at least a name, a phone or what is asked for."), "name")
    verdict, lead = _sorted(inbound)
    lead.received_at = utcnow()
    lead.source = lead.source or "manual"
    if verdict.is_attached and not current_actor().everything:
        lead.state = LeadState.WAITING
    if verdict.klass is LeadClass.MISTAKE:
        # Somebody wrote it down on purpose.
        lead.state = LeadState.WAITING
    own = owner.id if owner else current_actor().person_id
    if own and own == current_actor().person_id and lead.is_live:
        lead.state = LeadState.TAKEN
    return _registered(lead, verdict, owner or _person(own), inbound)


def _sorted(inbound: Inbound) -> tuple[sorting.Verdict, Lead]:
    reach = sorting.reach_of(inbound.phone, inbound.email, inbound.handle)
    verdict = sorting.classify(reach, inbound.name, inbound.words)
    lead = Lead(
        name=clean_line(inbound.name, "name"),
        phone=reach.phone,
        typed_phone=clean_line(inbound.phone, "phone"),
        email=reach.email,
        handle=reach.handle,
        words=clean_text(inbound.words, "words"),
        source=clean_line(inbound.source, "source")[:60],
        page=inbound.page,
        referrer=inbound.referrer,
        utm=dict(inbound.utm),
        extra=dict(inbound.extra),
        klass=verdict.klass,
        klass_reason=verdict.reason,
        client_id=verdict.client.client_id if verdict.client else None,
        state=_first_state(verdict),
    )
    return verdict, lead


def _first_state(verdict: sorting.Verdict) -> LeadState:
    """Duplicates are attached, mistakes are set aside; both can be restored."""
    if verdict.is_attached:
        return LeadState.ATTACHED
    return LeadState.REJECTED if verdict.klass is LeadClass.MISTAKE else LeadState.WAITING


def _registered(lead: Lead, verdict: sorting.Verdict, owner: Person | None, inbound: Inbound) -> Lead:
    lead.owner_id = owner.id if owner else None
    if lead.is_live:
        lead.respond_by = target(lead.received_at)
        lead.escalate_at = escalation.moment_after(lead.respond_by)
    elif lead.state == LeadState.REJECTED:
        lead.reject_reason = "mistake"
    db.session.add(lead)
    db.session.flush()
    _say(lead, lead_id=lead.id)
    if lead.state == LeadState.ATTACHED:
        _attach(lead, verdict)
    if inbound.consent:
        given = {"text_version": inbound.consent.text_version, "address": inbound.consent.address}
        db.session.add(Consent(lead_id=lead.id, client_id=lead.client_id, given_at=lead.received_at, **given))
    record("lead.received", lead, klass=lead.klass, state=lead.state, source=lead.source)
    db.session.flush()
    return lead


def target(since: dt.datetime) -> dt.datetime:
    """The moment by which a request of that moment should be answered: so many working minutes later."""
    return worktime.after(since, setting("response_minutes"))


def _person(person_id: int | None) -> Person | None:
    return db.session.get(Person, person_id) if person_id else None


def _say(lead: Lead, **where: int | None) -> None:
    """The client's words as a line of a feed."""
    if not lead.words:
        return
    said = Message(
        at=lead.received_at,
        kind=MessageKind.INCOMING,
        channel=lead.source[:20],
        author_name=lead.name or phone(lead.phone) or lead.email or lead.handle,
        words=lead.words,
        created_by_id=current_actor().person_id,
        **where,
    )
    if lead.id not in where.values():
        said.extra = {"lead_id": lead.id}
    db.session.add(said)


def _attach(lead: Lead, verdict: sorting.Verdict) -> None:
    """The words go to the open lead's or deal's feed, and its owner hears of it."""
    lead.duplicate_of_id, lead.deal_id = verdict.lead_id, verdict.deal_id
    place: Any = Deal if verdict.deal_id else Lead
    lead.owner_id = db.session.get_one(place, verdict.deal_id or verdict.lead_id).owner_id
    _say(lead, deal_id=verdict.deal_id, lead_id=verdict.lead_id)
    record("lead.attached", lead, deal_id=verdict.deal_id, lead_id=verdict.lead_id)
