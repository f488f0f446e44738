"""The way to SMS gateways and messengers: a title and a link to each address that the person has written down."""

from flask import current_app

from app.channels import apprise
from app.channels.inbound import ChannelError
from app.sealed import UNREADABLE, Unreadable, unseal
from app.services.notices.discreet import discreet
from app.services.notices.events import APPRISE
from app.services.notices.owners import address_of, addresses_of, is_demo
from app.services.notices.sending import Sending, Target
from app.wording import kept
from models.notices import Delivery
from models.staff import Person


def targets(person: Person) -> list[Target]:
    """Each address of the person."""
    return [Target(label, key) for key, label in addresses_of(person.id, APPRISE)]


def prepare(delivery: Delivery) -> Sending:
    """The words for one address. Raises ChannelError when it is not there any more or cannot be opened."""
    row = address_of(delivery)
    if row is None:
        raise ChannelError(kept("This address was removed."), permanent=True)
    try:
        url = str(unseal(row.address).get("url", ""))
    except Unreadable:
        raise ChannelError(UNREADABLE, permanent=True) from None
    words = short(delivery)
    allowed = frozenset(current_app.config["CRM"].OUTBOUND_ALLOW)
    return Sending(
        go=lambda: apprise.send(url, words, allowed), names=apprise.names_of(url), is_demo=is_demo(row.person_id)
    )


def short(delivery: Delivery) -> str:
    """The title and the whole link, without anybody's phone."""
    title, url = discreet(str(delivery.payload.get("title", ""))), str(delivery.payload.get("url", ""))
    base = current_app.config["CRM"].BASE_URL
    return f"{title}\n{base}{url}" if url.startswith("/") else title


def refused(delivery: Delivery, error: ChannelError) -> None:
    """The owner of the address sees why."""
    row = address_of(delivery)
    if row is not None:
        row.trouble = error.words[:500]
