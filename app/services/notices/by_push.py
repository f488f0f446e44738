"""The way to a person's browsers: a title and a link, nothing else."""

import time

from flask import current_app
from sqlalchemy import select

from app.channels import push
from app.channels.inbound import ChannelError
from app.services.notices.discreet import discreet
from app.services.notices.owners import everybodys, is_demo
from app.services.notices.sending import Sending, Target
from app.wording import kept
from models.ground.base import db, utcnow
from models.notices import Delivery, PushDevice
from models.staff import Person


def targets(person: Person) -> list[Target]:
    """Each browser that has agreed."""
    found = select(PushDevice.id, PushDevice.agent).where(PushDevice.person_id == person.id).order_by(PushDevice.id)
    with everybodys() as session:
        return [Target(row.agent, row.id) for row in session.execute(found)]


def prepare(delivery: Delivery) -> Sending:
    """The words for one browser. Raises ChannelError when it is not there any more."""
    device = _device(delivery)
    if device is None:
        raise ChannelError(kept("This device was removed."), permanent=True)
    said = delivery.payload
    config = current_app.config["CRM"]
    words = {"title": discreet(str(said.get("title", ""))), "url": str(said.get("url", "") or "/"), "tag": delivery.key}
    message = push.Push(
        device.endpoint, device.p256dh, device.auth, delivery.key, words, urgent=bool(said.get("urgent"))
    )
    host = push.service_of(device.endpoint, config.PUSH_SERVICES).hostname or ""
    return Sending(
        go=lambda: push.send(message, signer(), config.PUSH_SERVICES, time.time),
        names=frozenset({host}),
        is_demo=is_demo(device.person_id),
    )


def signer() -> push.Signer:
    """Our own keys, and an address at which a push service may complain."""
    config = current_app.config["CRM"]
    address = config.MAIL_FROM.rpartition("<")[2].rstrip("> ")
    contact = config.BASE_URL if config.BASE_URL.startswith("https://") else f"mailto:{address}"
    return push.Signer(config.push_key, contact)


def refused(delivery: Delivery, error: ChannelError) -> None:
    """A browser that took its permission back is forgotten; others are counted."""
    device = _device(delivery)
    if device is not None and isinstance(error, push.Gone):
        db.session.delete(device)
    elif device is not None:
        device.failed += 1


def arrived(delivery: Delivery) -> None:
    """The device works."""
    device = _device(delivery)
    if device is not None:
        device.last_at, device.failed = utcnow(), 0


def _device(delivery: Delivery) -> PushDevice | None:
    return db.session.get(PushDevice, delivery.target_id) if delivery.target_id else None
