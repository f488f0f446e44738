"""Deliver what was written: one at a time, under a lease, tried again with growing pauses, and never lost."""

import datetime as dt
import random

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.inbound import ChannelError
from app.queue import enqueue_after_commit, outside
from app.services.notices.owners import receiver_of
from app.services.notices.sending import Sending
from app.services.notices.telling import DELIVER
from app.services.notices.waiting import gather, spare
from app.services.notices.ways import WAYS
from app.wording import kept
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.notices import Delivery, DeliveryState

# The template of letters with a one-time link.
ONE_TIME = "link"
# Longer than a mail server may take to answer all commands of one letter.
LEASE = dt.timedelta(minutes=3)
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 20.0, 3600.0, dt.timedelta(hours=24)
NOT_ALLOWED = kept("Demo data write only to the addresses in OUTBOUND_ALLOW.")
STUCK = (DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.IN_DOUBT)


def deliver(delivery_id: int) -> None:
    """Send one delivery, if it is due and nobody else does it; safe to run twice. Runs as the system.

    Our own alerts go at least once: after a crash in the middle they go again under the same Message-ID.
    What has `"once": true` in its payload is then marked as in doubt, for a person to decide.
    """
    delivery = _claimed(delivery_id)
    if delivery is None or _has_left(delivery) or not gather(delivery):
        return
    try:
        sending = WAYS[delivery.way].prepare(delivery)
        reason = held_reason(sending)
        if reason:
            _close(delivery, DeliveryState.HELD, reason)
            WAYS[delivery.way].refused(delivery, ChannelError(reason))
            return
        with outside():
            answer = sending.go()
    except ChannelError as error:
        _not_sent(delivery, error)
    else:
        delivery.sent_at = utcnow()
        _close(delivery, DeliveryState.SENT, answer)
        WAYS[delivery.way].arrived(delivery)


def _claimed(delivery_id: int) -> Delivery | None:
    mine = select(Delivery).where(Delivery.id == delivery_id).with_for_update(skip_locked=True)
    delivery = db.session.execute(mine).scalar_one_or_none()
    now = utcnow()
    if delivery is None or not _is_due(delivery, now):
        return None
    if delivery.state == DeliveryState.SENDING and delivery.payload.get("once"):
        _close(delivery, DeliveryState.IN_DOUBT, kept("The sending was interrupted; it may have arrived."))
        return None
    delivery.state, delivery.lease_until = DeliveryState.SENDING, now + LEASE
    delivery.attempts += 1
    return delivery


def _has_left(delivery: Delivery) -> bool:
    """Whoever was switched off meanwhile, while it was quiet or a server was away, hears nothing more of the firm."""
    person = receiver_of(delivery)
    if person is None or person.active:
        return False
    spare(delivery, kept("%(name)s no longer works here.", name=person.name))
    return True


def _is_due(delivery: Delivery, now: dt.datetime) -> bool:
    if delivery.state == DeliveryState.PENDING:
        return delivery.next_try_at <= now
    is_left = delivery.lease_until is None or delivery.lease_until < now
    return delivery.state == DeliveryState.SENDING and is_left


def held_reason(sending: Sending) -> str:
    """Why this may not leave; empty when it may."""
    if sending.is_demo and not is_allowed(sending.names):
        return NOT_ALLOWED
    return sending.lacks


def is_allowed(names: frozenset[str]) -> bool:
    """Whether OUTBOUND_ALLOW names one of them."""
    allowed = {entry.lower() for entry in current_app.config["CRM"].OUTBOUND_ALLOW}
    return not allowed.isdisjoint(name.lower() for name in names)


def _not_sent(delivery: Delivery, error: ChannelError) -> None:
    if error.doubtful and delivery.payload.get("once"):
        _close(delivery, DeliveryState.IN_DOUBT, error.words)
    elif error.permanent or utcnow() - delivery.made_at > GIVE_UP:
        _close(delivery, DeliveryState.FAILED, error.words)
        WAYS[delivery.way].refused(delivery, error)
    else:
        usual = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
        pause = max(usual, error.pause or 0)
        delivery.state, delivery.answer = DeliveryState.PENDING, error.words
        delivery.next_try_at, delivery.lease_until = utcnow() + dt.timedelta(seconds=pause), None


def _close(delivery: Delivery, state: DeliveryState, answer: str) -> None:
    """A one-time link lies nowhere longer than it must, and what was sent need not be kept here."""
    delivery.state, delivery.answer, delivery.lease_until = state, answer[:2000], None
    is_letter = "template" in delivery.payload
    if is_letter and (state == DeliveryState.SENT or delivery.payload["template"] == ONE_TIME):
        delivery.payload = {**delivery.payload, "values": {}}


def send_again(delivery: Delivery) -> None:
    """Try a delivery anew that failed, was held or is in doubt."""
    if delivery.state not in STUCK:
        raise Refused(_("This letter is on its way or has arrived already."))
    if delivery.payload.get("values") == {}:
        raise Refused(_("The one-time link of this letter is not kept. Make a new one."))
    delivery.state, delivery.attempts, delivery.answer = DeliveryState.PENDING, 0, ""
    delivery.made_at = delivery.next_try_at = utcnow()
    db.session.flush()
    enqueue_after_commit(DELIVER, delivery.id)
