"""A message leaves: at most once, one after the other, and what is not certain is said to a person."""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Outbound, Unreachable, optional
from app.queue import enqueue_after_commit, outside
from app.sealed import UNREADABLE, Unreadable, opened
from app.services import files, leads
from app.services.conversations import letters
from app.services.conversations.threads import under_way
from app.settings import setting
from app.wording import kept
from models.ground.access import WITH_DELETED
from models.ground.base import db, utcnow
from models.ground.files import StoredFile
from models.ground.history import record
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind, MessageState
from models.notices import Delivery, DeliveryState

DELIVER = "app.jobs.outbound.deliver"
# Longer than one part may take on its way, files included.
LEASE = dt.timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 5.0, 120.0, dt.timedelta(hours=1)
STUCK = (MessageState.FAILED, MessageState.HELD, MessageState.IN_DOUBT)
INTERRUPTED = kept("The sending was interrupted; it may have arrived.")
HELD = kept("Demo data write only to the addresses in OUTBOUND_ALLOW.")


def put_down(message: Message, talk: Conversation) -> Message:
    """Write a message with its delivery, in one piece; it leaves after the commit."""
    message.state = MessageState.PENDING
    db.session.add(message)
    db.session.flush()
    hand_over(message, talk)
    return message


def hand_over(message: Message, talk: Conversation) -> None:
    """One more attempt is a delivery of its own: whoever writes may add one, and reads none."""
    tries = int(message.extra.get("tries", 0)) + 1
    message.extra, message.state, message.answer = {**message.extra, "tries": tries}, MessageState.PENDING, ""
    name = (talk.title or talk.handle or talk.external_id)[:250]
    delivery = Delivery(key=f"message:{message.id}:{tries}", message_id=message.id, way=talk.kind, address=name)
    db.session.add(delivery)
    db.session.flush()
    enqueue_after_commit(DELIVER, delivery.id)


def carry(delivery_id: int) -> None:
    """Hand over one message of a client's, if it is due and its turn. Runs as the system; safe to run twice.

    What was begun and did not end is never begun again by itself: it is in doubt, for a person to decide.
    """
    found = _claimed(delivery_id)
    if found is None:
        return
    delivery, message, talk = found
    try:
        settings, parts, send = _prepared(message, talk)
    except (ChannelError, OSError) as error:
        _close(delivery, message, DeliveryState.FAILED, getattr(error, "words", LOST))
        return
    reason = held_reason(talk)
    if reason:
        _close(delivery, message, DeliveryState.HELD, reason)
        return
    # What has got through is not sent again: an attempt goes on where the one before ended.
    for part in parts[len(message.extra.get("sent", [])) :]:
        if not _handed_over(delivery, message, partial(send, settings, part)):
            return
    _arrived(delivery, message, talk)


LOST = kept("A file of this message is not on the disk any more.")


def _claimed(delivery_id: int) -> tuple[Delivery, Message, Conversation] | None:
    mine = select(Delivery).where(Delivery.id == delivery_id).with_for_update(skip_locked=True)
    delivery = db.session.execute(mine.execution_options(populate_existing=True)).scalar_one_or_none()
    if delivery is None or delivery.message_id is None:
        return None
    message = db.session.get(Message, delivery.message_id)
    if message is None:
        # It was thrown away before it left.
        delivery.state = DeliveryState.SPARED
        return None
    talk = db.session.get_one(Conversation, message.conversation_id)
    now = utcnow()
    if delivery.state == DeliveryState.SENDING:
        if delivery.lease_until is None or delivery.lease_until < now:
            _close(delivery, message, DeliveryState.IN_DOUBT, INTERRUPTED)
        return None
    if delivery.state != DeliveryState.PENDING or delivery.next_try_at > now:
        return None
    first = under_way(talk.id)
    if first is not None and first.id != delivery.id:
        return None
    delivery.state, delivery.lease_until = DeliveryState.SENDING, now + LEASE
    delivery.attempts += 1
    message.state = MessageState.SENDING
    return delivery, message, talk


def _prepared(message: Message, talk: Conversation) -> tuple[dict[str, Any], list[Outbound], Callable[..., str]]:
    """Everything that the network part needs, taken out of the database. Raises ChannelError, OSError."""
    provider = CHANNELS.get(talk.kind)
    send = optional(provider, "send") if provider else None
    if send is None or provider is None:
        raise ChannelError(kept("Nothing can be sent through this channel."), permanent=True)
    if not talk.channel.active:
        raise ChannelError(kept("The channel is switched off."), permanent=True)
    try:
        settings = opened(talk.channel)
    except Unreadable:
        raise ChannelError(UNREADABLE, permanent=True) from None
    rows = select(StoredFile).where(StoredFile.message_id == message.id).order_by(StoredFile.id)
    letter = letters.facts(talk, message) if optional(provider, "SUBJECTS") else {}
    whole = Outbound(
        key=f"message:{message.id}",
        conversation=talk.external_id,
        words=message.words,
        subject=message.subject,
        address=talk.handle,
        reply_to=_last_of(talk),
        files=files.leaving(db.session.execute(rows).scalars()),
        extra={**talk.extra, **message.extra, **letter},
    )
    name = optional(provider, "own_id")
    if name is not None and message.external_id is None:
        # Noted before the network is touched: an answer to a letter in doubt still finds home.
        message.external_id = name(settings, whole)[:250]
    split = optional(provider, "parts")
    return settings, list(split(whole)) if split else [whole], send


def _last_of(talk: Conversation) -> str:
    """The provider's number of the last message of the client."""
    rows = select(Message.external_id).where(
        Message.conversation_id == talk.id, Message.kind == MessageKind.INCOMING, Message.external_id.is_not(None)
    )
    return db.session.execute(rows.order_by(Message.at.desc(), Message.id.desc()).limit(1)).scalar() or ""


def held_reason(talk: Conversation) -> str:
    """Why nothing may be sent into this conversation; empty when it may."""
    domain = talk.handle.rpartition("@")[2]
    names = {talk.external_id, talk.handle, f"{talk.kind}:{talk.external_id}", f"@{talk.handle}", f"@{domain}"}
    return "" if may_leave(names) else HELD


def may_leave(names: Iterable[str]) -> bool:
    """Demo data write only to those who are named in OUTBOUND_ALLOW."""
    allowed = {entry.lower() for entry in current_app.config["CRM"].OUTBOUND_ALLOW}
    return not setting("demo") or bool(allowed & {name.lower() for name in names if name})


def _handed_over(delivery: Delivery, message: Message, send: Callable[[], str]) -> bool:
    """One part on the network; False when the message did not get through whole."""
    delivery.lease_until = utcnow() + LEASE
    try:
        with outside():
            key = send()
    except Unreachable as error:
        talk = db.session.get_one(Conversation, message.conversation_id)
        talk.trouble = error.words
        _close(delivery, message, DeliveryState.FAILED, error.words)
        return False
    except ChannelError as error:
        _not_sent(delivery, message, error)
        return False
    _note_key(message, key)
    return True


def _note_key(message: Message, key: str) -> None:
    """The first part's number is the message's; a number that the conversation knows already is left alone."""
    known = message.external_id is not None or not key
    taken = select(Message.id).where(Message.conversation_id == message.conversation_id, Message.external_id == key)
    if not known and db.session.execute(taken.execution_options(**{WITH_DELETED: True})).first() is None:
        message.external_id = key[:250]
    message.extra = {**message.extra, "sent": [*message.extra.get("sent", []), key]}


def _not_sent(delivery: Delivery, message: Message, error: ChannelError) -> None:
    if error.doubtful:
        _close(delivery, message, DeliveryState.IN_DOUBT, error.words)
    elif error.permanent or utcnow() - delivery.made_at > GIVE_UP:
        _close(delivery, message, DeliveryState.FAILED, error.words)
    else:
        pause = error.pause or min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
        delivery.state, delivery.lease_until = DeliveryState.PENDING, None
        delivery.next_try_at, delivery.answer = utcnow() + dt.timedelta(seconds=pause), error.words
        message.state, message.answer = MessageState.PENDING, error.words


def _arrived(delivery: Delivery, message: Message, talk: Conversation) -> None:
    delivery.sent_at = utcnow()
    message.extra = {name: value for name, value in message.extra.items() if name != "keyboard"}
    talk.trouble = ""
    _close(delivery, message, DeliveryState.SENT, "")
    answered(message)


def answered(message: Message) -> None:
    """The client of a lead has an answer: its timer stops. Runs as the system."""
    lead = db.session.get(Lead, message.lead_id) if message.lead_id and message.created_by_id else None
    if lead is not None and lead.is_live and lead.answered_at is None:
        leads.answer(lead)


def _close(delivery: Delivery, message: Message, state: DeliveryState, answer: str) -> None:
    """The end of this attempt, on both rows; whoever waits behind it goes on."""
    delivery.state, delivery.answer, delivery.lease_until = state, answer[:2000], None
    message.state, message.answer = MessageState(state), answer[:2000]
    if state in (DeliveryState.FAILED, DeliveryState.IN_DOUBT) and message.created_by_id:
        record("message.failed", message, state=state)
    db.session.flush()
    following = under_way(message.conversation_id) if message.conversation_id else None
    if following is not None and following.state == DeliveryState.PENDING:
        enqueue_after_commit(DELIVER, following.id)
