"""A conversation is found or opened, knows which lead or deal it belongs to now, and goes where its client goes."""

import datetime as dt

from sqlalchemy import func, or_, select, update

from app.channels.inbound import Inbound
from app.services.conversations import letters
from models.channels import Channel
from models.clients import Client
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.base import db, utcnow
from models.ground.limits import clean_line
from models.leads import Lead
from models.messages import Conversation, Message
from models.notices import Delivery, DeliveryState

# Advisory lock: two messages of one chat that come at the same moment are taken one after the other.
TALK = 42_010_005
Place = Deal | Lead


def found_or_opened(inbound: Inbound, channel: Channel) -> Conversation:
    """The conversation that a message belongs to, by its own name or by those of the messages it answers; locked."""
    names = [name for name in (inbound.conversation, *inbound.threads) if name]
    for name in sorted({clean_line(name, "conversation") for name in names}):
        key = func.hashtext(f"{channel.id}:{name}")
        db.session.execute(select(func.pg_advisory_xact_lock(TALK, key)))
    name = clean_line(inbound.conversation, "conversation")
    talk = _known(names, inbound.email, channel) or letters.by_mark(inbound, channel)
    if talk is None or (talk.external_id != name and letters.came_from_another(inbound, talk)):
        talk = _opened(name, channel, beside=talk)
    if inbound.at is None or talk.last_incoming_at is None or inbound.at >= talk.last_incoming_at:
        talk.title = clean_line(inbound.title or inbound.name, "name") or talk.title
        talk.handle = clean_line(inbound.handle or inbound.email, "handle") or talk.handle
    return talk


def _opened(name: str, channel: Channel, beside: Conversation | None) -> Conversation:
    """A new one; a stranger's stands beside the client's, with the same open deal or lead."""
    talk = Conversation(channel_id=channel.id, kind=channel.kind, external_id=name, extra={})
    if beside is not None and place_of(beside) is not None:
        talk.deal_id, talk.lead_id, talk.client_id = beside.deal_id, beside.lead_id, beside.client_id
    db.session.add(talk)
    db.session.flush()
    return talk


def _known(names: list[str], address: str, channel: Channel) -> Conversation | None:
    mine = select(Conversation).where(Conversation.channel_id == channel.id)
    said = select(Message.conversation_id).where(Message.external_id.in_(names))
    rows = mine.where(or_(Conversation.external_id.in_(names), Conversation.id.in_(said)))
    # Its own name goes before the names of letters; of several the one with this address, then the one that spoke last.
    first, same = (Conversation.external_id == names[0]).desc(), (func.lower(Conversation.handle) == address).desc()
    found = rows.order_by(first, same, Conversation.last_at.desc(), Conversation.id).limit(1)
    return db.session.execute(found.with_for_update()).scalar_one_or_none()


def message_of(talk: Conversation, external_id: str) -> Message | None:
    """The message of this number in the conversation, one that was thrown away too: it is not taken for a new one."""
    if not external_id:
        return None
    rows = select(Message).where(Message.conversation_id == talk.id, Message.external_id == external_id)
    thrown_too = rows.with_for_update().execution_options(**{WITH_DELETED: True})
    return db.session.execute(thrown_too).scalar_one_or_none()


def place_of(talk: Conversation) -> Place | None:
    """The open deal or live lead that the conversation belongs to now; None when a new request would begin."""
    deal = db.session.get(Deal, talk.deal_id) if talk.deal_id else None
    if deal is not None and deal.closed_at is None and deal.deleted_at is None:
        return deal
    lead = db.session.get(Lead, talk.lead_id) if talk.lead_id and deal is None else None
    return lead if lead is not None and lead.is_live and lead.deleted_at is None else None


def went_to(lead: Lead) -> Place | None:
    """Where a request that was just received ended: itself, or the deal or lead that took it in."""
    if lead.is_live:
        return lead
    if lead.deal_id is not None:
        return db.session.get(Deal, lead.deal_id)
    return db.session.get(Lead, lead.duplicate_of_id) if lead.duplicate_of_id else None


def moves_to(talk: Conversation, place: Place | None, lead: Lead | None = None) -> None:
    """From now on the conversation belongs there; what was said before it belonged anywhere goes with it."""
    if isinstance(place, Deal):
        talk.deal_id, talk.lead_id = place.id, lead.id if lead else talk.lead_id
        talk.client_id = place.client_id or talk.client_id
    else:
        kept = place or lead
        talk.deal_id, talk.lead_id = None, kept.id if kept else None
        talk.client_id = (kept.client_id if kept else None) or talk.client_id
    db.session.flush()
    homeless = update(Message).where(
        Message.conversation_id == talk.id, Message.deal_id.is_(None), Message.lead_id.is_(None)
    )
    db.session.execute(homeless.values(deal_id=talk.deal_id, lead_id=None if talk.deal_id else talk.lead_id))


def heard(talk: Conversation, at: dt.datetime) -> None:
    """The client spoke: it waits for an answer since the first word that nobody has answered."""
    talk.last_at = max(talk.last_at or at, at)
    talk.last_incoming_at = max(talk.last_incoming_at or at, at)
    talk.unanswered_since = talk.unanswered_since or utcnow()
    talk.trouble = ""


def spoken(talk: Conversation) -> None:
    """Somebody of ours spoke: nobody waits any more."""
    talk.last_at, talk.unanswered_since = utcnow(), None


def client_of(talk: Conversation) -> Client | None:
    """The client, where one is known by now."""
    return db.session.get(Client, talk.client_id) if talk.client_id else None


def under_way(talk_id: int) -> Delivery | None:
    """The oldest delivery of the conversation that has not ended: they leave one after the other."""
    rows = (
        select(Delivery)
        .join(Message, Message.id == Delivery.message_id)
        .where(Message.conversation_id == talk_id)
        .where(Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)))
        .order_by(Delivery.id)
        .limit(1)
    )
    return db.session.execute(rows).scalars().first()
