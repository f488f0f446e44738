"""A letter of ours: an answer in its thread, signed by whoever wrote it, with files; its name is the same each time."""

from __future__ import annotations

import hashlib
import html
import logging
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any

from app.channels import mail
from app.channels.email import mailbox
from app.channels.email.mime import IDS
from app.channels.email.places import has_place, own_address, place_of, smtp_of
from app.channels.inbound import ChannelError, Outbound, OutFile
from app.wording import kept

log = logging.getLogger(__name__)

MOST_REFERENCES = 30
NO_ADDRESS = kept("There is no address to write to.")
NO_SENDER = kept("The channel has no address of its own to write from.")
BLOCK = "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:22px;color:#1b1e24"


def send(settings: Mapping[str, Any], message: Outbound) -> str:
    """Hand the letter over. Raises ChannelError, Unreachable."""
    url, sender = smtp_of(settings), own_address(settings)
    letter = written(settings, message)
    mail.hand_over(letter, mail.Envelope(sender, message.address), url)
    _keep_copy(settings, letter)
    return message_id(settings, message)


def _keep_copy(settings: Mapping[str, Any], letter: EmailMessage) -> None:
    """In the mailbox's own folder, where the settings name one. The letter has left: nothing here may undo that."""
    folder = str(settings.get("sent") or "")
    if not folder or not has_place(settings):
        return
    try:
        mailbox.keep_copy(place_of(settings), folder, letter.as_bytes())
    except ChannelError as error:
        log.warning("no copy of a letter was kept in the mailbox: %s", error.words)


def greet(settings: Mapping[str, Any]) -> bool:
    """Whether the server for sending lets us in. Raises ChannelError."""
    return mail.try_out(smtp_of(settings))


def message_id(settings: Mapping[str, Any], message: Outbound) -> str:
    """Follows from the message alone: whoever gets the letter twice can tell, and an answer finds home by it."""
    domain = own_address(settings).rpartition("@")[2] or "localhost"
    return f"<{mark_of(message)}@{domain}>"


def mark_of(message: Outbound) -> str:
    """Nobody guesses it: the name of the conversation is known to its two sides alone."""
    told = f"{message.key}|{message.conversation}"
    return f"v.{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def written(settings: Mapping[str, Any], message: Outbound) -> EmailMessage:
    """The letter as it travels. Raises ChannelError for an address that cannot be used."""
    letter, sender = EmailMessage(policy=SMTP), own_address(settings)
    if not sender:
        raise ChannelError(NO_SENDER, permanent=True)
    to = mail.spelled(message.address)
    if not to:
        raise ChannelError(NO_ADDRESS, permanent=True)
    name = str(settings.get("name") or message.extra.get("author") or "")
    try:
        letter["From"] = Address(_line(name), addr_spec=mail.spelled(sender))
        letter["To"] = to
        letter["Subject"] = subject_of(message)
    except (ValueError, IndexError) as error:
        raise ChannelError(kept("This address cannot be used."), permanent=True) from error
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = message_id(settings, message)
    _thread(letter, message)
    if settings.get("plus"):
        local, _at, domain = mail.spelled(sender).rpartition("@")
        letter["Reply-To"] = f"{local}+{mark_of(message)}@{domain}"
    letter.set_content(_text(message))
    letter.add_alternative(_page(message), subtype="html")
    for file in message.files:
        _hang_on(letter, file)
    return letter


def subject_of(message: Outbound) -> str:
    """What was typed, else an answer to what was written last; with the deal's number, by which answers find home."""
    last = _line(str(message.extra.get("last_subject") or ""))
    answer = last if not last or last.lower().startswith("re:") else f"Re: {last}"
    subject = _line(message.subject) or answer or str(message.extra.get("about") or "")
    number = message.extra.get("number")
    if number and f"№ {number}" not in subject.replace("\xa0", " "):
        subject = f"{subject} [№ {number}]".strip()
    return subject[:400]


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:250]


def _thread(letter: EmailMessage, message: Outbound) -> None:
    """The letter that is answered, and those before it, so that every mail program shows one thread."""
    named = [message.conversation.partition("|")[0], *message.extra.get("references", ()), message.reply_to]
    known = [f"<{one}>" for name in named for one in IDS.findall(str(name or ""))]
    known = [one for one in dict.fromkeys(known) if one.isascii() and one != letter["Message-ID"]]
    if known:
        letter["In-Reply-To"] = known[-1]
        letter["References"] = " ".join([known[0], *known[1:][-MOST_REFERENCES:]])


def _text(message: Outbound) -> str:
    signature = str(message.extra.get("signature") or "").strip()
    return f"{message.words}\n\n-- \n{signature}\n" if signature else f"{message.words}\n"


def _page(message: Outbound) -> str:
    """The same words as a page without anything that a mail program would hide or ask about."""
    paragraphs = "".join(
        f'<p style="margin:0 0 14px">{html.escape(part).replace(chr(10), "<br>")}</p>'
        for part in message.words.split("\n\n")
        if part.strip()
    )
    first, _break, rest = str(message.extra.get("signature") or "").strip().partition("\n")
    signed = ""
    if first:
        more = html.escape(rest).replace("\n", "<br>")
        signed = (
            f'<p style="margin:20px 0 0"><b>{html.escape(first)}</b><br>'
            f'<span style="color:#626975;font-size:13px;line-height:20px">{more}</span></p>'
        )
    return f'<!doctype html><html><body><div style="{BLOCK}">{paragraphs}{signed}</div></body></html>'


def _hang_on(letter: EmailMessage, file: OutFile) -> None:
    kind, _slash, part = file.content_type.partition("/")
    if kind == "text" or not part or kind == "message":
        kind, part = "application", "octet-stream"
    letter.add_attachment(file.data, maintype=kind, subtype=part, filename=file.name)
