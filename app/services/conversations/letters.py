"""What only letters have: subjects, signatures, marks by which an answer finds home, and the post that brings back."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.channels.inbound import Aside, Inbound, Signal
from app.services import clients
from app.wording import kept, phone
from models.channels import Channel
from models.clients import ContactKind, ContactPoint
from models.deals import Deal
from models.firms import Firm
from models.ground.base import db
from models.ground.history import record
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind, MessageState
from models.staff import Person

DEAL_MARK = "deal:"
MOST_BEFORE = 10
FOREIGN = kept("A letter came back that was not sent from here: no request is made of it.")
RETURNED = kept("The letter came back. There is no such address, or it takes no letters.")


def by_mark(inbound: Inbound, channel: Channel) -> Conversation | None:
    """The conversation about the deal that a subject names, when it is led with this very address; locked."""
    numbers = [name.removeprefix(DEAL_MARK) for name in inbound.threads if name.startswith(DEAL_MARK)]
    if not numbers or not inbound.email:
        return None
    rows = (
        select(Conversation)
        .join(Deal, Deal.id == Conversation.deal_id)
        .where(Conversation.channel_id == channel.id, func.lower(Conversation.handle) == inbound.email)
        .where(Deal.number.in_([int(number) for number in numbers if number.isdigit() and len(number) < 10]))
    )
    found = rows.order_by(Conversation.last_at.desc(), Conversation.id).limit(1)
    return db.session.execute(found.with_for_update(of=Conversation)).scalar_one_or_none()


def came_from_another(inbound: Inbound, talk: Conversation) -> bool:
    """Whether a letter that names one of this conversation comes from an address that its client does not have.

    Whoever has seen a letter of ours can name it: the answers of the conversation must not go to him for that.
    """
    is_letter = bool(inbound.email) and "@" in talk.handle
    return is_letter and inbound.email != talk.handle.lower() and inbound.email not in addresses([talk])


def addresses(talks: Iterable[Conversation], client_id: int | None = None) -> set[str]:
    """The client's own: his contacts, and those of the requests that the conversations came of."""
    talks = list(talks)
    of_clients = {client_id, *(talk.client_id for talk in talks)} - {None}
    of_leads = {talk.lead_id for talk in talks} - {None}
    points = select(ContactPoint.value).where(ContactPoint.kind == ContactKind.EMAIL)
    points = points.where(ContactPoint.client_id.in_(of_clients))
    asked = select(Lead.email).where(Lead.id.in_(of_leads), Lead.email != "")
    with clients.everywhere() as session:
        return {*session.execute(points).scalars(), *session.execute(asked).scalars()}


def facts(talk: Conversation, message: Message) -> dict[str, Any]:
    """What a letter needs besides its words: what it answers, the letters before it, the number of the deal."""
    said = select(Message).where(Message.conversation_id == talk.id, Message.id != message.id)
    rows = db.session.execute(said.order_by(Message.at.desc(), Message.id.desc()).limit(MOST_BEFORE)).scalars().all()
    deal = db.session.get(Deal, talk.deal_id) if talk.deal_id else None
    found: dict[str, Any] = {
        "last_subject": next((row.subject for row in rows if row.subject), ""),
        "references": [row.external_id for row in reversed(rows) if row.external_id],
        "author": message.author_name,
        "about": _("Your request"),
    }
    return found | ({"number": deal.number} if deal is not None else {})


def signature(person: Person | None) -> str:
    """How somebody's letters end: their own words, or name, post, company and phone."""
    if person is None:
        return ""
    if person.signature.strip():
        return person.signature.strip()
    firm = db.session.execute(select(Firm).order_by(Firm.id).limit(1)).scalar_one_or_none()
    brand = (firm.brand or firm.name) if firm is not None else ""
    second = ", ".join(part for part in (person.post or "", brand) if part)
    numbers = [phone(person.phone)] if person.phone else [firm.phone] if firm is not None and firm.phone else []
    return "\n".join(part for part in (person.name, second, *numbers) if part)


def came_back(signal: Signal, channel: Channel) -> str:
    """The post brings a letter of ours back: it is said to have failed, with the server's words."""
    names = signal.data.split()
    rows = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.channel_id == channel.id, Message.kind == MessageKind.OUTGOING)
        .where(Message.external_id.in_(names))
        .limit(1)
    )
    message = db.session.execute(rows.with_for_update(of=Message)).scalar_one_or_none()
    if message is None:
        raise Aside(FOREIGN)
    words = kept("The letter came back: %(why)s", why=signal.ref) if signal.ref else RETURNED
    if message.state != MessageState.FAILED or message.answer != words:
        message.state, message.answer = MessageState.FAILED, words
        talk = db.session.get_one(Conversation, message.conversation_id)
        talk.trouble = RETURNED
        record("message.failed", message, state=MessageState.FAILED)
        db.session.flush()
    return kept("A letter of ours came back: the message is marked as not delivered.")

