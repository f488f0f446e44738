"""Verbs of a notice: tell a person by the ways they chose, deliver, send again; their devices and addresses."""

from app.services.notices.addresses import (
    add_address,
    address_of,
    choose_events,
    link_chat,
    own_address,
    person_of_chat,
    remove_address,
    telegram_code,
    try_address,
)
from app.services.notices.bell import mark_read
from app.services.notices.choices import choose, digest_time, quiet_of, wants
from app.services.notices.delivering import deliver, is_allowed, send_again
from app.services.notices.devices import add_device, forget_device, remove_device, try_device
from app.services.notices.events import APPRISE, BELL, COMPANY, EMAIL, EVENTS, GROUPS, PUSH, TELEGRAM
from app.services.notices.telling import letter, notify, tell_company, was_told
from app.services.notices.ways import WAYS

__all__ = [
    "APPRISE",
    "BELL",
    "COMPANY",
    "EMAIL",
    "EVENTS",
    "GROUPS",
    "PUSH",
    "TELEGRAM",
    "WAYS",
    "add_address",
    "add_device",
    "address_of",
    "choose",
    "choose_events",
    "deliver",
    "digest_time",
    "forget_device",
    "is_allowed",
    "letter",
    "link_chat",
    "mark_read",
    "notify",
    "own_address",
    "person_of_chat",
    "quiet_of",
    "remove_address",
    "remove_device",
    "send_again",
    "telegram_code",
    "tell_company",
    "try_address",
    "try_device",
    "wants",
    "was_told",
]  # fmt: skip
