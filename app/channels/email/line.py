"""One line to an IMAP server, encrypted and trusted, kept between questions by the thread that asks."""

from __future__ import annotations

import imaplib
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from app.channels import away
from app.channels.email.places import LOOPBACK, Place
from app.channels.inbound import ChannelError
from app.wording import kept

SECONDS = 30
TROUBLES = (OSError, imaplib.IMAP4.error, ImapToolsError)

_lines = threading.local()


class NotLetIn(imaplib.IMAP4.error):
    """The server knows neither the name nor the password."""


@dataclass
class Line:
    """A connection with its folder open; `validity` is the server's mark of how it counts."""

    box: Any
    place: Place
    validity: int
    next_uid: int
    can_idle: bool


def line_of(place: Place) -> tuple[Line, bool]:
    """The line of this thread, and whether it is a new one."""
    known: Line | None = getattr(_lines, "line", None)
    if known is not None and known.place == place:
        return known, False
    hang_up()
    _lines.line = _opened(place)
    return _lines.line, True


def _opened(place: Place) -> Line:
    box = _connected(place)
    try:
        _log_in(box, place)
        # Servers offer more to whoever has logged in.
        box.client._get_capabilities()  # noqa: SLF001
        box.folder.set(place.folder, readonly=place.after == "leave")
        numbers = {name: _said_number(box, name) for name in ("UIDVALIDITY", "UIDNEXT")}
        if not numbers["UIDNEXT"]:
            numbers["UIDNEXT"] = int(box.folder.status(place.folder, ["UIDNEXT"])["UIDNEXT"])
    except BaseException:
        _shut(box)
        raise
    return Line(box, place, numbers["UIDVALIDITY"], numbers["UIDNEXT"], "IDLE" in box.client.capabilities)


def _log_in(box: Any, place: Place) -> None:
    is_plain = place.user.isascii() and place.password.isascii()
    try:
        (box.login if is_plain else box.login_utf8)(place.user, place.password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise NotLetIn(str(error)) from error


def _connected(place: Place) -> Any:
    if place.security == "none":
        if place.host not in LOOPBACK:
            raise ChannelError(kept("A mailbox is read over an encrypted line only. Choose TLS."), permanent=True)
        return MailBoxUnencrypted(place.host, place.port, timeout=SECONDS)
    context = ssl.create_default_context()
    kind = MailBoxStartTls if place.security == "starttls" else MailBox
    return kind(place.host, place.port, timeout=SECONDS, ssl_context=context)


def _said_number(box: Any, name: str) -> int:
    _name, values = box.client.response(name)
    return int(values[0]) if values and values[0] else 0


def command(line: Line, name: str, *args: str) -> list[Any]:
    status, answer = line.box.client.uid(name, *args)
    if status != "OK":
        raise imaplib.IMAP4.error(f"{name}: {answer}"[:300])
    return list(answer)


def hang_up() -> None:
    """The line of this thread is given up."""
    line: Line | None = getattr(_lines, "line", None)
    _lines.line = None
    if line is not None:
        _shut(line.box)


def _shut(box: Any) -> None:
    with suppress(*TROUBLES):
        box.client.shutdown()


def cut(line: Line) -> None:
    """From another thread: whoever waits on this line wakes up."""
    with suppress(OSError):
        line.box.client.sock.shutdown(2)


AWAY = {
    away.REFUSED: kept("The mailbox cannot be reached: the connection was refused. Check the server and the port."),
    away.SILENT: kept(
        "The mailbox cannot be reached: there is no answer. Check the server, the port and the encryption."
    ),
    away.UNENCRYPTED: kept(
        "The mailbox cannot be reached: it does not speak this encryption at this port. Choose another one."
    ),
    away.UNKNOWN: kept("The mailbox cannot be reached: there is no such server. Check its name."),
}


def said(error: BaseException) -> ChannelError:
    """What went wrong, for the channel's screen."""
    if isinstance(error, NotLetIn):
        return ChannelError(kept("The mailbox refused the name or the password. Check both, or make an app password."))
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message
        return ChannelError(kept("The certificate of the mail server cannot be trusted: %(why)s", why=why))
    if words := AWAY.get(away.why(error)):
        return ChannelError(words)
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        return ChannelError(kept("The mailbox cannot be reached: %(why)s", why=why))
    words = " ".join(str(error).split())[:200]
    return ChannelError(kept("The mailbox answers: %(why)s", why=words))
