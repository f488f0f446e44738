"""A request arrives, from outside or by hand: it becomes a lead with a class, an owner and a timer."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.channels.inbound import Inbound
from app.services import worktime
from app.services.leads import belonging, escalation, sharing, sorting
from app.wording import phone
from models.channels import Channel
from models.clients import Consent
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.leads import Lead, LeadState
from models.lowcode.funnels import Funnel
from models.messages import Message, MessageKind, RawBody
from models.staff import Person


def receive(inbound: Inbound, channel: Channel | None = None, raw: RawBody | None = None) -> Lead:
    """A request from outside becomes a lead with a class, a reason, an owner and a timer; nothing is dropped.

    Acts as the system. A duplicate is closed at once as attached, and its words go to the open lead or deal.
    """
    source = channel.source or channel.kind if channel else ""
    verdict, lead = sorted_out(inbound, source, funnel_of(inbound, channel))
    lead.received_at = raw.received_at if raw else utcnow()
    lead.raw_id = raw.id if raw else None
    lead.channel_id = channel.id if channel else None
    owner = None if verdict.is_attached or not lead.is_live else _named(inbound) or sharing.owner_of(verdict)
    return _registered(lead, verdict, owner, inbound)


def enter(inbound: Inbound, owner: Person | None = None, belongs: Any = None) -> Lead:
    """A request written down by hand; it is the actor's own, unless somebody is named. Refuses an empty one.

    `belongs`: what whoever wrote it down chose (belonging.place_of). Without a choice a duplicate stays a live
    lead, marked as one: a person decides, who may not even reach the lead or deal it belongs to.
    """
    if inbound.is_empty:
        raise Refused(_("Write at least a name, a phone or what is asked for."), "name")
    verdict, lead = sorted_out(inbound, "manual", belongs=belongs)
    lead.received_at = utcnow()
    if verdict.is_attached and belongs is None and not current_actor().everything:
        lead.state = LeadState.WAITING
    if verdict.is_set_aside:
        # Somebody wrote it down on purpose.
        lead.state = LeadState.WAITING
    own = owner.id if owner else current_actor().person_id
    if own and own == current_actor().person_id and lead.is_live:
        lead.state = LeadState.TAKEN
    return _registered(lead, verdict, owner or _person(own), inbound)


def verdict_of(inbound: Inbound, source: str = "", funnel_id: int | None = None) -> sorting.Verdict:
    """What a request is, without making a lead of it."""
    return sorting.classify(sorting.request_of(inbound, source, funnel_id))


def _named(inbound: Inbound) -> Person | None:
    """Whom the door itself names, if they are at work; a deputy otherwise."""
    person = _person(int(inbound.owner)) if inbound.owner.isdigit() and len(inbound.owner) < 10 else None
    if person is None or not person.active:
        return None
    return worktime.deputy_of(person, worktime.today_of(utcnow()))


def funnel_of(inbound: Inbound, channel: Channel | None) -> int | None:
    """The funnel that a request is meant for: the one it names by code or key, else its channel's."""
    named = inbound.funnel.strip()
    if named:
        key = int(named) if named.isascii() and named.isdigit() and len(named) < 10 else 0
        found = select(Funnel.id).where(or_(Funnel.code == named, Funnel.id == key)).limit(1)
        return db.session.execute(found).scalar()
    return channel.funnel_id if channel else None


def sorted_out(
    inbound: Inbound, source: str, funnel_id: int | None = None, belongs: Any = None
) -> tuple[sorting.Verdict, Lead]:
    """What a request is, and the lead of it, which is not added yet."""
    request = sorting.request_of(inbound, source, funnel_id)
    reach, verdict = request.reach, belonging.decided(sorting.classify(request), belongs)
    lead = Lead(
        name=clean_line(inbound.name, "name"),
        phone=reach.phone,
        typed_phone=clean_line(inbound.phone, "phone"),
        email=reach.email,
        handle=reach.handle,
        words=clean_text(inbound.words, "words"),
        source=clean_line(request.source, "source")[:60],
        page=inbound.page,
        referrer=inbound.referrer,
        first_page=inbound.first_page,
        utm=dict(inbound.utm),
        extra=dict(inbound.extra),
        klass=verdict.klass,
        klass_reason=verdict.reason,
        client_id=belonging.client_of(belongs) or (verdict.client.client_id if verdict.client else None),
        partner_id=verdict.partner_id,
        duplicate_of_id=verdict.lead_id,
        state=_first_state(verdict),
    )
    return verdict, lead


def _first_state(verdict: sorting.Verdict) -> LeadState:
    """Duplicates are attached, spam and mistakes are set aside, as the rules say; both can be restored."""
    if verdict.is_attached:
        return LeadState.ATTACHED
    return LeadState.REJECTED if verdict.is_set_aside else LeadState.WAITING


def _registered(lead: Lead, verdict: sorting.Verdict, owner: Person | None, inbound: Inbound) -> Lead:
    lead.owner_id = owner.id if owner else None
    if lead.is_live:
        escalation.expect_answer(lead, lead.received_at)
    elif lead.state == LeadState.REJECTED:
        lead.reject_reason = str(verdict.klass)
    db.session.add(lead)
    db.session.flush()
    say(lead, lead_id=lead.id)
    if lead.state == LeadState.ATTACHED:
        attach(lead, verdict)
    if inbound.consent:
        agreed = inbound.consent
        given = {"text_version": agreed.text_version, "words": agreed.words, "address": agreed.address}
        db.session.add(Consent(lead_id=lead.id, client_id=lead.client_id, given_at=lead.received_at, **given))
    record("lead.received", lead, klass=lead.klass, state=lead.state, source=lead.source)
    db.session.flush()
    return lead


def _person(person_id: int | None) -> Person | None:
    return db.session.get(Person, person_id) if person_id else None


def say(lead: Lead, **where: int | None) -> None:
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
    if where.get("lead_id") != lead.id:
        said.extra = {"lead_id": lead.id}
    db.session.add(said)


def attach(lead: Lead, verdict: sorting.Verdict) -> None:
    """The words go to the open lead's or deal's feed, and its owner hears of it."""
    lead.duplicate_of_id, lead.deal_id = verdict.lead_id, verdict.deal_id
    place: Any = Deal if verdict.deal_id else Lead
    lead.owner_id = db.session.get_one(place, verdict.deal_id or verdict.lead_id).owner_id
    say(lead, deal_id=verdict.deal_id, lead_id=verdict.lead_id)
    record("lead.attached", lead, deal_id=verdict.deal_id, lead_id=verdict.lead_id)
