"""What came in finds its place: the lead or deal of its conversation, or it becomes a request of its own."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.channels.inbound import Aside, Inbound
from app.queue import enqueue_after_commit
from app.services import contacts, files, leads
from app.services.conversations import edits, letters, phones, signals
from app.services.conversations.threads import (
    Place,
    client_of,
    found_or_opened,
    heard,
    message_of,
    moves_to,
    place_of,
    went_to,
)
from app.wording import kept
from models.channels import Channel
from models.deals import Deal
from models.ground.base import db
from models.ground.history import record
from models.ground.limits import clean_line
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind, MessageState, RawBody

FETCH = "app.jobs.inbound.fetch"


@dataclass(frozen=True)
class Arrived:
    """What a body became: in words, and the rows it made or belongs to."""

    words: str
    lead: Lead | None = None
    message: Message | None = None


def arrive(inbound: Inbound, channel: Channel, raw: RawBody) -> Arrived:
    """Put what came where it belongs. Acts as the system; the same message twice changes nothing.

    Raises ChannelError, Refused for what nobody can use.
    """
    if inbound.signal is not None:
        return Arrived(signals.heed(inbound, inbound.signal, channel))
    if not inbound.conversation:
        return _without_conversation(inbound, channel, raw)
    if signals.is_employee(inbound.conversation):
        raise Aside(kept("An employee wrote this from their own chat: no request is made of it."))
    talk = found_or_opened(inbound, channel)
    known = message_of(talk, inbound.message_id)
    if known is not None and edits.is_another(known, inbound):
        # A program that numbers badly: what somebody says is not lost for that.
        known, inbound = None, replace(inbound, message_id="")
    if known is not None:
        return Arrived(edits.corrected(known, inbound), message=known)
    place = place_of(talk)
    if place is None:
        return _request(inbound, talk, channel, raw)
    return _said(inbound, talk, place, raw)


def _without_conversation(inbound: Inbound, channel: Channel, raw: RawBody) -> Arrived:
    lead = leads.receive(inbound, channel, raw)
    message = _words_of(lead, went_to(lead))
    if inbound.files:
        message = message or _message(inbound, went_to(lead) or lead, raw)
        db.session.add(message)
        db.session.flush()
        _take_files(message, inbound)
    return Arrived(kept("Lead № %(number)s.", number=lead.id), lead, message)


def _request(inbound: Inbound, talk: Conversation, channel: Channel, raw: RawBody) -> Arrived:
    """Nothing open is there for it: a lead is made, with what is known of the client and where they came from."""
    lead = leads.receive(_completed(inbound, talk), channel, raw)
    place = went_to(lead)
    moves_to(talk, place, lead)
    said = contacts.phone(inbound.said_phone)
    if lead.is_live and said and not lead.phone:
        lead.phone, lead.typed_phone = said, clean_line(inbound.said_phone, "phone")
    message = _words_of(lead, place) or _message(inbound, place or lead, raw)
    _belongs(message, talk, inbound)
    db.session.add(message)
    heard(talk, message.at)
    db.session.flush()
    _take_files(message, inbound)
    return Arrived(kept("Lead № %(number)s.", number=lead.id), lead, message)


def _said(inbound: Inbound, talk: Conversation, place: Place, raw: RawBody) -> Arrived:
    """One more line of a feed; a phone that was shared tells who the client is."""
    message = _message(inbound, place, raw)
    _belongs(message, talk, inbound)
    db.session.add(message)
    heard(talk, message.at)
    db.session.flush()
    _take_files(message, inbound)
    if inbound.phone:
        phones.shared(talk, place, inbound.phone)
    record("message.received", message, channel=message.channel, conversation_id=talk.id)
    db.session.flush()
    return Arrived(_where(place), message=message)


def _where(place: Place) -> str:
    if isinstance(place, Deal):
        return kept("A message in deal № %(number)s.", number=place.number)
    return kept("A message in lead № %(number)s.", number=place.id)


def _completed(inbound: Inbound, talk: Conversation) -> Inbound:
    """With what the conversation knows: contacts of its client, and the marks of the link it was opened by."""
    client, opened_by = client_of(talk), talk.extra.get("start") or {}
    more: dict[str, Any] = {"utm": {**opened_by.get("utm", {}), **inbound.utm}}
    more["partner"] = inbound.partner or opened_by.get("partner", "")
    if client is not None:
        more["phone"] = inbound.phone or client.phone or ""
        more["email"] = inbound.email or client.email or ""
    if opened_by:
        talk.extra = {name: value for name, value in talk.extra.items() if name != "start"}
    return replace(inbound, **more)


def _words_of(lead: Lead, place: Place | None) -> Message | None:
    """The line that receiving the lead has put into a feed: that of the place that took the request in."""
    rows = select(Message).where(Message.conversation_id.is_(None), Message.kind == MessageKind.INCOMING)
    if place is None or place is lead:
        rows = rows.where(Message.lead_id == lead.id)
    else:
        column = Message.deal_id if isinstance(place, Deal) else Message.lead_id
        copied = Message.extra["lead_id"].astext == str(lead.id)
        rows = rows.where(column == place.id, Message.at == lead.received_at, copied)
    return db.session.execute(rows.order_by(Message.id).limit(1)).scalar_one_or_none()


def _message(inbound: Inbound, place: Place, raw: RawBody) -> Message:
    is_deal = isinstance(place, Deal)
    return Message(
        at=inbound.at or raw.received_at,
        kind=MessageKind.INCOMING,
        deal_id=place.id if is_deal else None,
        lead_id=None if is_deal else place.id,
        client_id=place.client_id,
        author_name=clean_line(inbound.name or inbound.handle or inbound.email, "name"),
        words=inbound.words,
        extra={},
    )


def _belongs(message: Message, talk: Conversation, inbound: Inbound) -> None:
    message.conversation_id, message.external_id = talk.id, inbound.message_id or None
    message.channel, message.client_id = talk.kind, talk.client_id
    message.subject = clean_line(inbound.subject, "subject")
    message.at = inbound.at or message.at
    message.author_name = message.author_name or talk.title or talk.handle
    if inbound.quoted:
        message.extra = {**message.extra, "quoted": inbound.quoted}
    if inbound.email and inbound.email not in letters.addresses([talk]):
        message.extra = {**message.extra, "stranger": inbound.email}
    if inbound.is_edit:
        # The correction overtook what it corrects, which may still come.
        message.extra = {**message.extra, "edited_at": message.at.isoformat()}


def _take_files(message: Message, inbound: Inbound) -> None:
    """Bytes that came along are kept at once; what the provider still has is fetched by a job."""
    here = [file for file in inbound.files if file.data is not None]
    waiting = [file for file in inbound.files if file.data is None and file.ref]
    notes: dict[str, Any] = {}
    if lost := files.keep_all(message, here) if here else []:
        notes["lost"] = lost
    if waiting:
        notes["waiting"] = [
            {"name": one.name, "content_type": one.content_type, "ref": one.ref, "size": one.size} for one in waiting
        ]
        message.state = MessageState.PENDING
        enqueue_after_commit(FETCH, message.id)
    if notes:
        message.extra = {**message.extra, **notes}
    db.session.flush()
