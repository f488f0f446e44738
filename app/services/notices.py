"""Verbs of a notice: notify a person, write a letter, deliver what was written, mark as read, send again."""

import datetime as dt
import random
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any, TypedDict, Unpack

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from app.channels import mail
from app.channels.inbound import ChannelError
from app.letters import compose
from app.queue import enqueue_after_commit, outside
from app.settings import setting
from app.wording import kept
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import plain
from models.ground.refused import Refused
from models.notices import Delivery, DeliveryState, Notice
from models.staff import Person

BELL, EMAIL = "bell", "email"
WAYS = {BELL: _l("Bell"), EMAIL: _l("E-mail")}
# What a person may switch off, each way apart: person.notify = {"lead.received": {"email": false}}.
EVENTS = {
    "lead.received": _l("A new lead for me"),
    "lead.attached": _l("My client wrote again"),
    "lead.assigned": _l("A lead was handed over to me"),
    "deal.assigned": _l("A deal was handed over to me"),
    "task.added": _l("I was given a task"),
    "document.ready": _l("A document is ready"),
    "document.failed": _l("A document could not be made"),
    "payment.recorded": _l("A payment came for my deal"),
    "shipment.recorded": _l("My deal was shipped"),
}
# The template of letters with a one-time link.
ONE_TIME = "link"
# Longer than a mail server may take to answer all commands of one letter.
LEASE = dt.timedelta(minutes=3)
FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 20.0, 3600.0, dt.timedelta(hours=24)


class More(TypedDict, total=False):
    """What a notice may have besides its title; `template` and `values` are of its letter."""

    words: str
    url: str
    ways: Sequence[str]
    template: str
    values: dict[str, Any]


def wants(person: Person, event: str, way: str) -> bool:
    """Whether the person has not switched this way off for this event."""
    chosen = (person.notify or {}).get(event)
    return bool(chosen.get(way, True)) if isinstance(chosen, dict) else True


def notify(person: Person, key: str, event: str, title: str, **more: Unpack[More]) -> Notice | None:
    """Tell a person in the bell and by mail, as far as their switches allow; once per key.

    Title and words are in the person's language. Returns the notice of the bell.
    """
    asked = [way for way in more.get("ways", (BELL, EMAIL)) if wants(person, event, way)]
    if not person.active or _is_known(key):
        return None
    notice = None
    if BELL in asked:
        notice = _ring(person, key, event, title, more)
    if EMAIL in asked and person.email:
        values = {"title": title, "text": more.get("words", ""), "url": more.get("url", "")}
        values |= more.get("values", {})
        said = {"template": more.get("template", "notice"), "values": _spoken(person) | values}
        _write(person.email, key, said, notice)
    return notice


def _is_known(key: str) -> bool:
    keys = [f"{key}:{way}" for way in WAYS]
    return db.session.execute(select(Delivery.id).where(Delivery.key.in_(keys))).first() is not None


def _ring(person: Person, key: str, event: str, title: str, more: More) -> Notice:
    notice = Notice(
        person_id=person.id,
        key=key,
        event=event,
        title=" ".join(title.split())[:250],
        words=more.get("words", "")[:2000],
        url=more.get("url", "")[:250],
    )
    db.session.add(notice)
    db.session.flush()
    done = Delivery(key=f"{key}:{BELL}", way=BELL, address=person.username, notice_id=notice.id)
    done.state, done.sent_at, done.attempts = DeliveryState.SENT, utcnow(), 1
    db.session.add(done)
    return notice


def letter(address: str, key: str, template: str, **values: Any) -> Delivery:
    """Write a letter; it leaves after the commit. `values` are for templates/mail/<template>.

    `language` and `zone` among them say how it speaks; else it speaks as its receiver does, if we know him.
    """
    person = _receiver(address)
    said = _spoken(person) if person else {}
    return _write(address, key, {"template": template, "values": said | values})


def _spoken(person: Person) -> dict[str, Any]:
    return {"language": person.language, "zone": person.zone}


def _write(address: str, key: str, payload: dict[str, Any], notice: Notice | None = None) -> Delivery:
    """Made in one piece: whoever causes a letter may add it and no more."""
    delivery = Delivery(key=f"{key}:{EMAIL}", way=EMAIL, address=address, payload=plain(payload))
    delivery.notice_id = notice.id if notice else None
    db.session.add(delivery)
    db.session.flush()
    enqueue_after_commit("app.jobs.outbound.deliver", delivery.id)
    return delivery


def _receiver(address: str) -> Person | None:
    found = select(Person).where(func.lower(Person.email) == address.strip().lower()).limit(1)
    return db.session.execute(found).scalars().first()


def deliver(delivery_id: int) -> None:
    """Send one delivery, if it is due and nobody else does it; safe to run twice. Runs as the system.

    Our own alerts go at least once: after a crash in the middle they go again under the same Message-ID.
    What has `"once": true` in its payload is then marked as in doubt, for a person to decide.
    """
    delivery = _claimed(delivery_id)
    if delivery is None:
        return
    reason = held_reason(delivery.address)
    if reason:
        _close(delivery, DeliveryState.HELD, reason)
        return
    config = current_app.config["CRM"]
    written = compose(delivery, config)
    try:
        with outside():
            answer = mail.send(written, config.SMTP_URL)
    except ChannelError as error:
        _not_sent(delivery, error)
    else:
        delivery.sent_at = utcnow()
        _close(delivery, DeliveryState.SENT, answer)


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


def _is_due(delivery: Delivery, now: dt.datetime) -> bool:
    if delivery.state == DeliveryState.PENDING:
        return delivery.next_try_at <= now
    is_left = delivery.lease_until is None or delivery.lease_until < now
    return delivery.state == DeliveryState.SENDING and is_left


def held_reason(address: str) -> str:
    """Why nothing may be sent to this address; empty when it may."""
    config = current_app.config["CRM"]
    plain_address = parseaddr(address)[1].lower()
    allowed = {entry.lower() for entry in config.OUTBOUND_ALLOW}
    is_allowed = plain_address in allowed or f"@{plain_address.rpartition('@')[2]}" in allowed
    person = _receiver(plain_address)
    is_demo = person.demo if person else bool(setting("demo"))
    if is_demo and not is_allowed:
        return kept("Demo data write only to the addresses in OUTBOUND_ALLOW.")
    return "" if config.SMTP_URL else kept("No mail server is set: SMTP_URL is empty.")


def _not_sent(delivery: Delivery, error: ChannelError) -> None:
    if error.doubtful and delivery.payload.get("once"):
        _close(delivery, DeliveryState.IN_DOUBT, error.words)
    elif error.permanent or utcnow() - delivery.made_at > GIVE_UP:
        _close(delivery, DeliveryState.FAILED, error.words)
    else:
        pause = min(FIRST_PAUSE * 2 ** (delivery.attempts - 1), LONGEST_PAUSE) * random.uniform(0.8, 1.2)
        delivery.state, delivery.answer = DeliveryState.PENDING, error.words
        delivery.next_try_at, delivery.lease_until = utcnow() + dt.timedelta(seconds=pause), None


def _close(delivery: Delivery, state: DeliveryState, answer: str) -> None:
    """A one-time link lies nowhere longer than it must, and what was sent need not be kept here."""
    delivery.state, delivery.answer, delivery.lease_until = state, answer[:2000], None
    if state == DeliveryState.SENT or delivery.payload.get("template") == ONE_TIME:
        delivery.payload = {**delivery.payload, "values": {}}


def send_again(delivery: Delivery) -> None:
    """Try a delivery anew that failed, was held or is in doubt."""
    if delivery.state not in (DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.IN_DOUBT):
        raise Refused(_("This letter is on its way or has arrived already."))
    if delivery.payload.get("values") == {}:
        raise Refused(_("The one-time link of this letter is not kept. Make a new one."))
    delivery.state, delivery.attempts, delivery.answer = DeliveryState.PENDING, 0, ""
    delivery.made_at = delivery.next_try_at = utcnow()
    db.session.flush()
    enqueue_after_commit("app.jobs.outbound.deliver", delivery.id)


def mark_read(notice_id: int | None = None) -> None:
    """One notice of the actor's, or all of them, has been seen."""
    mine = update(Notice).where(Notice.person_id == current_actor().person_id, Notice.read_at.is_(None))
    if notice_id is not None:
        mine = mine.where(Notice.id == notice_id)
    db.session.execute(mine.values(read_at=utcnow()).execution_options(synchronize_session=False))
