"""Verbs of whoever answers a client: say, send again, it did arrive, no answer is needed; and the ways there are."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import false, or_, select

from app.channels import CHANNELS
from app.channels.inbound import InFile, optional
from app.queue import enqueue_after_commit
from app.services import clients, leads
from app.services import files as kept_files
from app.services.conversations import letters
from app.services.conversations.sending import STUCK, answered, hand_over, put_down
from app.services.conversations.threads import Place, spoken
from app.wording import kept, told
from models.channels import Channel
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.limits import clean_line, clean_text
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind, MessageState
from models.notices import Delivery, DeliveryState
from models.staff import Person

SETTLE = "app.jobs.outbound.settle"
MOST_FILES = 10
MOST_WAYS = 10


@dataclass(frozen=True)
class Way:
    """A conversation that one may answer in: by which channel, with whom, and why it cannot be used now.

    `stranger` warns, in words, of an address that the client does not have.
    """

    key: str
    kind: str
    title: str
    channel: str
    obstacle: str = ""
    stranger: str = ""
    waits: bool = False
    has_subject: bool = False


def ways(place: Place) -> list[Way]:
    """Where the client of a deal or lead may be answered: the conversation that spoke last first, strangers last."""
    found = list(db.session.execute(_talks(place)).scalars())
    with clients.everywhere() as session:
        rows = session.execute(select(Channel.id, Channel.kind, Channel.name, Channel.active)).all()
    channels = {row.id: row for row in rows}
    strange = _strange(found, place)
    known = [_way(talk, channels[talk.channel_id], strange) for talk in found if talk.channel_id in channels]
    clients_own = [way for way in known if not way.stranger]
    strangers = [way for way in known if way.stranger]
    return [*clients_own, *_beginnings(place, clients_own, rows), *strangers]


def _strange(talks: Sequence[Conversation], place: Place) -> set[int]:
    """The letters among these conversations that go to an address which the client does not have."""
    by_letter = [talk for talk in talks if "@" in talk.handle]
    known = letters.addresses(by_letter, place.client_id) if by_letter else set()
    return {talk.id for talk in by_letter if talk.handle.lower() not in known}


def _talks(place: Place) -> Any:
    own = Conversation.deal_id == place.id if isinstance(place, Deal) else Conversation.lead_id == place.id
    same_client = Conversation.client_id == place.client_id if place.client_id else false()
    here = own.desc().nulls_last()
    return (
        select(Conversation)
        .where(or_(own, same_client))
        .order_by(here, Conversation.last_at.desc(), Conversation.id)
        .limit(MOST_WAYS)
    )


def _way(talk: Conversation, channel: Any, strange: Collection[int]) -> Way:
    provider = CHANNELS.get(channel.kind)
    obstacle = told(talk.trouble)
    if provider is None or optional(provider, "send") is None:
        obstacle = _("Nothing can be sent through this channel.")
    elif not channel.active:
        obstacle = _("The channel “%(name)s” is switched off.", name=channel.name)
    return Way(
        key=f"c{talk.id}",
        kind=channel.kind,
        title=talk.title or talk.handle or talk.external_id,
        channel=channel.name,
        obstacle=obstacle,
        stranger=_warning(talk.handle) if talk.id in strange else "",
        waits=talk.unanswered_since is not None,
        has_subject=bool(optional(provider, "SUBJECTS")) if provider else False,
    )


def _warning(address: str) -> str:
    if not current_actor().sees("client.email"):
        return _("The answer goes to an address that the client does not have. Make sure who it is.")
    return _("The answer goes to %(address)s: the client has no such address. Make sure who it is.", address=address)


def _beginnings(place: Place, known: Sequence[Way], channels: Sequence[Any]) -> Iterator[Way]:
    """Channels that may speak first: a letter may be written to an address that has not written to us."""
    spoken_by = {way.kind for way in known}
    for row in channels:
        provider = CHANNELS.get(row.kind)
        starts = optional(provider, "STARTS") if provider else None
        address = _address(place, starts) if starts and row.active and row.kind not in spoken_by else ""
        if address:
            has_subject = bool(optional(provider, "SUBJECTS"))  # type: ignore[arg-type]
            yield Way(f"n{row.id}", row.kind, address, row.name, has_subject=has_subject)


def _address(place: Place, kind: str) -> str:
    """The client's address of a kind, as far as the actor may see it."""
    if not current_actor().sees(f"client.{kind}"):
        return ""
    own = getattr(place, kind, "") if isinstance(place, Lead) else ""
    client = db.session.get(Client, place.client_id) if place.client_id else None
    return own or (getattr(client, kind, None) if client else "") or ""


def say(place: Place, words: str, way: str, files: Sequence[InFile] = (), subject: str = "") -> Message:
    """Write to the client: the message leaves after the commit, at most once.

    `way` is the key of one of `ways(place)`. Refuses an empty message, too many files, a way that is shut, and a
    colleague's lead that still has time.
    """
    said = clean_text(words, "words").strip()
    if not said and not files:
        raise Refused(_("Write something first, or attach a file."), "words")
    if len(files) > MOST_FILES:
        raise Refused(_("There are too many files in one message: at most %(n)s.", n=MOST_FILES), "files")
    _may_answer(place)
    talk = _talk(place, way)
    actor = current_actor()
    message = Message(
        at=utcnow(), kind=MessageKind.OUTGOING, channel=talk.kind, words=said, subject=clean_line(subject, "subject"),
        author_name=actor.name, extra=_signed(talk),
    )  # fmt: skip
    is_deal = isinstance(place, Deal)
    message.deal_id, message.lead_id = (place.id, None) if is_deal else (None, place.id)
    message.client_id, message.conversation_id = place.client_id, talk.id
    _goes_along(talk, place)
    spoken(talk)
    _with_files(message, files)
    return put_down(message, talk)


def _signed(talk: Conversation) -> dict[str, Any]:
    """A letter ends as its writer's letters end; kept with it, so that it is the same at every attempt."""
    if not optional(CHANNELS[talk.kind], "SIGNED"):
        return {}
    key = current_actor().person_id
    return {"signature": letters.signature(db.session.get(Person, key) if key else None)}


def _with_files(message: Message, files: Sequence[InFile]) -> None:
    db.session.add(message)
    db.session.flush()
    lost = kept_files.keep_all(message, files) if files else []
    if lost:
        raise Refused(f"{lost[0]['name']}: {told(lost[0]['why'])}", "files")


def _may_answer(place: Place) -> None:
    """Whoever answers a lead that is nobody's takes it; a colleague's is refused while there is time."""
    if not isinstance(place, Lead):
        return
    if not place.is_live:
        raise Refused(_("This lead is set aside. Take it back first."))
    actor = current_actor()
    if place.owner_id is None or (place.owner_id not in actor.own_ids and not actor.everything):
        leads.take(place)


def _talk(place: Place, way: str) -> Conversation:
    """The conversation behind a way, opened when it is a first letter. Refuses a way that is not there or is shut."""
    chosen = next((one for one in ways(place) if one.key == way), None)
    if chosen is None:
        raise Refused(_("Choose where to write."), "way")
    if chosen.obstacle:
        raise Refused(chosen.obstacle, "way")
    if way.startswith("c"):
        rows = select(Conversation).where(Conversation.id == int(way[1:])).with_for_update()
        return db.session.execute(rows).scalar_one()
    talk = Conversation(
        channel_id=int(way[1:]), kind=chosen.kind, external_id=f"new:{secrets.token_hex(12)}", title=chosen.title,
        handle=chosen.title, extra={}, client_id=place.client_id,
    )  # fmt: skip
    talk.deal_id, talk.lead_id = (place.id, None) if isinstance(place, Deal) else (None, place.id)
    db.session.add(talk)
    db.session.flush()
    return talk


def _goes_along(talk: Conversation, place: Place) -> None:
    """Where somebody of ours wrote last is where the client's answer belongs."""
    if isinstance(place, Deal):
        talk.deal_id, talk.client_id = place.id, place.client_id or talk.client_id
    elif talk.lead_id != place.id or talk.deal_id is not None:
        talk.deal_id, talk.lead_id = None, place.id


def send_again(message: Message) -> Message:
    """A person decided: what failed, was held or is in doubt goes once more, from the part that did not get through."""
    message = _stuck(message)
    talk = db.session.get(Conversation, message.conversation_id)
    if talk is None:
        raise NotFound("")
    hand_over(message, talk)
    enqueue_after_commit(SETTLE, message.id)
    return message


def did_arrive(message: Message) -> Message:
    """A person looked: the message in doubt is there."""
    message = _stuck(message)
    if message.state != MessageState.IN_DOUBT:
        raise Refused(_("Only of a message in doubt one says that it has arrived."))
    message.state = MessageState.SENT
    message.answer = kept("%(name)s saw that it has arrived.", name=current_actor().name)
    db.session.flush()
    enqueue_after_commit(SETTLE, message.id)
    return message


def _stuck(message: Message) -> Message:
    row = db.session.execute(
        select(Message).where(Message.id == message.id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("")
    if row.kind != MessageKind.OUTGOING or row.state not in STUCK:
        raise Refused(_("This message is on its way or has arrived already."))
    return row


def no_answer_needed(talk: Conversation) -> Conversation:
    """Nobody waits for a word of ours any more."""
    talk.unanswered_since = None
    db.session.flush()
    return talk


def settle(message_id: int) -> None:
    """The earlier deliveries of a message that a person decided about are no trouble any more. Runs as the system."""
    message = db.session.get(Message, message_id)
    if message is None:
        return
    rows = select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.id)
    for delivery in db.session.execute(rows).scalars():
        if delivery.state in (DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.IN_DOUBT):
            delivery.state = DeliveryState.SPARED
    if message.state == MessageState.SENT:
        answered(message)
    db.session.flush()
