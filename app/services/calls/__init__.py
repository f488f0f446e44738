"""Calls: news of one call come in any order and some twice; its end becomes a line of a feed, or a lead."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext as _p
from sqlalchemy import func, or_, select

from app.channels.inbound import ChannelError, Inbound, Ring
from app.services import clients, contacts, leads
from app.wording import duration, kept, phone, speaking
from models.calls import CallState, PhoneCall
from models.channels import Channel
from models.deals import Deal
from models.ground.base import db, utcnow
from models.ground.history import record
from models.leads import LIVE_STATES, Lead
from models.messages import Message, MessageKind, RawBody
from models.staff import Person

# An advisory lock: of two pieces of news of one call one waits for the other.
ONE_CALL = 42_010_007
ENDED = (CallState.ANSWERED, CallState.MISSED)


def hear(inbound: Inbound, ring: Ring, channel: Channel, raw: RawBody) -> str:
    """Note one piece of news of a call; what it became, in kept words. Acts as the system.

    Only the end is told to people, and once: a lead of an unknown number, a line in the feed of a known one. Of two
    ends that contradict each other the missed call is told: somebody waits to be called back. Raises ChannelError.
    """
    call = _known(ring, channel)
    ring = _settled(ring, call)
    if not _is_news(ring, call):
        return kept("News of a call that was known already.")
    _note(call, ring)
    if ring.state not in ENDED:
        return kept("A call is going on: it is told at its end.")
    call.told = True
    words = _told(call, inbound, channel, raw)
    db.session.flush()
    return words


def _known(ring: Ring, channel: Channel) -> PhoneCall:
    db.session.execute(select(func.pg_advisory_xact_lock(ONE_CALL, func.hashtext(f"{channel.id}:{ring.entry}"))))
    rows = select(PhoneCall).where(PhoneCall.channel_id == channel.id, PhoneCall.entry == ring.entry)
    call = db.session.execute(rows).scalar_one_or_none()
    if call is None:
        call = PhoneCall(channel_id=channel.id, entry=ring.entry, seq=-1)
        db.session.add(call)
        db.session.flush()
    return call


def _settled(ring: Ring, call: PhoneCall) -> Ring:
    """An end that does not tell how it ended: after a talk the call was answered, else nobody knows."""
    if ring.state != "ended" or call.told:
        return ring
    if call.state == CallState.TALKING:
        return replace(ring, state="answered")
    raise ChannelError(kept(
        "The call has ended, and the notice does not say whether anybody answered. Copy its body from the channel anew."
    ), permanent=True)  # fmt: skip


def _is_news(ring: Ring, call: PhoneCall) -> bool:
    if call.told:
        return ring.state == CallState.MISSED and call.state == CallState.ANSWERED
    return ring.state in ENDED or ring.seq >= call.seq


def _note(call: PhoneCall, ring: Ring) -> None:
    """What is new; news may leave out what earlier ones have said."""
    call.seq, call.state, call.direction = max(call.seq, ring.seq), CallState(ring.state), ring.direction
    for name in ("number", "line", "extension", "started_at", "answered_at", "ended_at"):
        said = getattr(ring, name)
        if said:
            setattr(call, name, said)
    if call.state == CallState.MISSED:
        call.answered_at = None


def _told(call: PhoneCall, inbound: Inbound, channel: Channel, raw: RawBody) -> str:
    number = contacts.phone(call.number)
    place = _place(number)
    if place is not None:
        return _line(call, place)
    if call.direction == "out":
        return kept("A call of ours to a number that nobody has: nothing is made of it.")
    if not number:
        return kept("A call from a hidden number: nobody can be called back.")
    is_missed = call.state == CallState.MISSED
    if not is_missed and not channel.settings.get("answered_leads", True):
        return kept("An answered call: this channel makes no leads of those.")
    return _lead(call, replace(inbound, phone=number), channel, raw)


def _place(number: str) -> Deal | Lead | None:
    """The open deal of whoever has the number, or the lead that waits with it."""
    if not number:
        return None
    best = next(iter(clients.recognise(phone=number)), None)
    if best is not None and best.open_deal_id:
        return db.session.get_one(Deal, best.open_deal_id)
    same = [Lead.phone == number, *([Lead.client_id == best.client_id] if best else [])]
    live = select(Lead).where(or_(*same), Lead.state.in_(LIVE_STATES)).order_by(Lead.id.desc()).limit(1)
    return db.session.execute(live).scalar_one_or_none()


def _line(call: PhoneCall, place: Deal | Lead) -> str:
    """One line in the feed of the deal or lead; a missed call is told to its owner, who is to call back."""
    is_deal = isinstance(place, Deal)
    owner = db.session.get(Person, place.owner_id) if place.owner_id else None
    message = Message(
        at=call.started_at or utcnow(),
        kind=MessageKind.OUTGOING if call.direction == "out" else MessageKind.INCOMING,
        channel="call",
        deal_id=place.id if is_deal else None,
        lead_id=None if is_deal else place.id,
        client_id=place.client_id,
        author_name=_name(place) or phone(call.number),
        words=_words(call, owner),
        extra=_facts(call),
    )
    db.session.add(message)
    db.session.flush()
    call.deal_id, call.lead_id = (place.id, None) if is_deal else (None, place.id)
    if call.state == CallState.MISSED and call.direction == "in":
        record("call.missed", message, number=call.number, call_id=call.id)
    number = place.number if isinstance(place, Deal) else place.id
    return kept("A call in deal № %(number)s.", number=number) if is_deal else kept(
        "A call in lead № %(number)s.", number=number)  # fmt: skip


def _lead(call: PhoneCall, inbound: Inbound, channel: Channel, raw: RawBody) -> str:
    """A request of a number that has nothing open: answered already, or to be called back."""
    with speaking("ru", "Europe/Moscow"):
        words = _words(call, None)
    lead = leads.receive(replace(inbound, words=words, source=channel.source or "call"), channel, raw)
    call.lead_id = lead.id
    if call.state == CallState.ANSWERED and lead.is_live:
        lead.owner_id = _at_extension(call.extension) or lead.owner_id
        leads.answer(lead)
    return kept("Lead № %(number)s.", number=lead.id)


def _at_extension(extension: str) -> int | None:
    """Whose phone it is: the extension stands in the person's own phone."""
    if not extension:
        return None
    rows = select(Person.id).where(Person.active, Person.phone == extension).limit(1)
    return db.session.execute(rows).scalar()


def _words(call: PhoneCall, owner: Person | None) -> str:
    """How the feed tells of it, in the language of whoever it is for."""
    with speaking(owner.language if owner else "ru", owner.zone if owner else "Europe/Moscow"):
        if call.state == CallState.MISSED:
            return _("Our call was not answered") if call.direction == "out" else _("Missed call, to be called back")
        lasted = _lasted(call)
        said = _("Our call") if call.direction == "out" else _p("source", "Call")
        return f"{said}, {lasted}" if lasted else said


def _lasted(call: PhoneCall) -> str:
    if not call.answered_at or not call.ended_at or call.ended_at <= call.answered_at:
        return ""
    lasted = call.ended_at - call.answered_at
    return duration(lasted) if lasted.total_seconds() >= 60 else _("%(num)s s", num=int(lasted.total_seconds()))


def _facts(call: PhoneCall) -> dict[str, Any]:
    return {"call": {"id": call.id, "state": call.state, "number": call.number, "line": call.line,
                     "extension": call.extension}}  # fmt: skip


def _name(place: Any) -> str:
    client = getattr(place, "client", None)
    return str(getattr(place, "name", "") or (client.name if client else ""))
