"""E-mail: a mailbox that is read by IMAP, and letters that leave by SMTP in the same threads."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Any

from flask_babel import lazy_gettext as _l

from app.channels.email import letters, mailbox, writing
from app.channels.email.form import SETTINGS
from app.channels.email.places import has_place, own_address, place_of
from app.channels.inbound import Field, Inbound, Outbound, Pulled, Raw, Wait

__all__ = [
    "FIELDS", "LABEL", "SETTINGS", "SIGNED", "STARTS", "SUBJECTS", "check", "external_id", "own_id", "parse", "pull",
    "pulls", "sample", "send", "set_up", "verify",
]  # fmt: skip

LABEL: Any = _l("E-mail")
FIELDS: tuple[Field, ...] = ()
# Conversations may be begun by us, with a client's address of this kind; messages have a subject.
STARTS, SUBJECTS = "email", True
# How a letter is signed is the person's own matter.
SIGNED = True


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """Letters are fetched by us; what is posted to the channel's address had its secret."""


def external_id(raw: Raw) -> str | None:
    """A letter is the same letter when its bytes are."""
    return raw.external_id or mailbox.mark_of(raw.body)


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """Understand a letter. Raises ChannelError; Aside for automatic letters and our own."""
    return letters.inbound_of(raw, settings)


def sample(settings: Mapping[str, Any]) -> Raw:
    """A letter such as a client would write; each time another one."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = "Проверка связи <proverka@example.com>"
    letter["To"] = own_address(settings) or "crm@example.com"
    letter["Subject"] = "Пробное письмо с кнопки «Проверить»"
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain="example.com")
    letter.set_content("Здравствуйте! Это пробное письмо: сколько стоит остеклить балкон?\n")
    return Raw(letter.as_bytes(), mailbox.LETTER)


def pulls(settings: Mapping[str, Any]) -> bool:
    """Whether there is a mailbox to ask."""
    return has_place(settings)


def pull(settings: Mapping[str, Any], cursor: Mapping[str, Any], wait: Wait) -> Pulled:
    """What came to the mailbox. Raises ChannelError."""
    return mailbox.pull(place_of(settings), cursor, wait)


def set_up(settings: Mapping[str, Any]) -> dict[str, Any]:
    """After the channel was saved: from the letter on that comes next; its own server for sending lets us in.

    Raises ChannelError.
    """
    state = _looked(settings)
    return state | {"sends": writing.greet(settings)} if settings.get("smtp_host") else state


def _looked(settings: Mapping[str, Any]) -> dict[str, Any]:
    return mailbox.look(place_of(settings)) if has_place(settings) else {}


def check(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the mailbox opens and the server for sending lets us in. Raises ChannelError."""
    state = _looked(settings)
    return state | {"sends": writing.greet(settings)}


def own_id(settings: Mapping[str, Any], message: Outbound) -> str:
    """The Message-ID that a letter of ours has at every attempt."""
    return writing.message_id(settings, message)


def send(settings: Mapping[str, Any], message: Outbound) -> str:
    """Hand one letter to the server; its Message-ID. Raises ChannelError, Unreachable."""
    return writing.send(settings, message)
