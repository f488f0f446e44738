"""E-mail by SMTP: one letter, one connection, and an answer that says whether to try again."""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from app.channels import away
from app.channels.guard import trusted
from app.channels.inbound import ChannelError, Unreachable
from app.wording import kept

SECONDS = 15
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Codes of 4xx and 5xx are RFC 5321's; a refused log-in is the operator's to mend, so it is tried again.
REFUSED_LOGIN = (530, 534, 535, 538)
# RFC 3463: the address itself is what is wrong.
NO_SUCH = re.compile(rb"\b5\.1\.\d{1,2}\b")


@dataclass(frozen=True)
class Letter:
    """What is written to whom. `key` is the same at every attempt, and so is the Message-ID made of it."""

    key: str
    sender: str
    address: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True)
class Envelope:
    """From whom to whom a letter goes, whatever its headers say."""

    sender: str
    address: str


def send(letter: Letter, url: str) -> str:
    """Hand the letter to the server of `smtp[s]://user:password@host:port`. Raises ChannelError."""
    return hand_over(message_of(letter), Envelope(letter.sender, letter.address), url)


def hand_over(message: EmailMessage, envelope: Envelope, url: str) -> str:
    """A letter that is written whole. Raises ChannelError; Unreachable when there is no such address."""
    with _said_plainly(), _closing_after(connect(url)) as server:
        return _deliver(server, envelope, message)


AWAY = {
    away.REFUSED: kept("The mail server cannot be reached: the connection was refused. Check the server and the port."),
    away.SILENT: kept(
        "The mail server cannot be reached: there is no answer. Check the server, the port and the encryption."
    ),
    away.UNENCRYPTED: kept(
        "The mail server cannot be reached: it does not speak this encryption at this port. Choose another one."
    ),
    away.UNKNOWN: kept("The mail server cannot be reached: there is no such server. Check its name."),
}


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What goes wrong on the way is a ChannelError that says whether to try again."""
    try:
        yield
    except ChannelError:
        raise
    except smtplib.SMTPAuthenticationError as error:
        words = kept("The mail server refused the name or the password. Check both, or make an app password.")
        raise ChannelError(words) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPServerDisconnected as error:
        raise ChannelError(kept("The mail server hung up.")) from error
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        words = AWAY.get(away.why(error)) or kept(
            "The mail server cannot be reached: %(why)s", why=type(error).__name__
        )
        raise ChannelError(words) from error


def try_out(url: str) -> bool:
    """Whether the server lets us in; nothing is sent. Raises ChannelError."""
    with _said_plainly(), _closing_after(connect(url)):
        return True


def message_of(letter: Letter) -> EmailMessage:
    """The letter as it travels. Raises ChannelError for an address that cannot be written down."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = letter.sender
        message["To"] = spelled(letter.address)
        message["Subject"] = " ".join(letter.subject.split())
    except ValueError as error:
        raise ChannelError(kept("This address cannot be used."), permanent=True) from error
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id(letter)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def message_id(letter: Letter) -> str:
    """Follows from the key alone: a receiver that got the letter twice can tell."""
    host = parseaddr(letter.sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:40]}@{host}>"


def connect(url: str) -> smtplib.SMTP:
    """A connection, encrypted where the server can; a password goes over an encrypted one only."""
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "localhost", parts.scheme == "smtps"
    if is_tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=trusted())
    else:
        server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
    server.ehlo_or_helo_if_needed()
    if not is_tls and host not in LOOPBACK and server.has_extn("starttls"):
        server.starttls(context=trusted())
        server.ehlo()
        is_tls = True
    if parts.username:
        if not is_tls and host not in LOOPBACK:
            raise ChannelError(kept("The mail server offers no encryption, so the password was not sent."))
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


@contextmanager
def _closing_after(server: smtplib.SMTP) -> Iterator[smtplib.SMTP]:
    """The connection, closed at the end; a server that hangs up after it took the letter took it."""
    try:
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _deliver(server: smtplib.SMTP, envelope: Envelope, message: EmailMessage) -> str:
    """The letter's three commands; a line that breaks after the text was sent leaves it in doubt."""
    _check(server.mail(spelled(envelope.sender) or "crm@localhost", _sized(server, message)))
    _check_receiver(server.rcpt(spelled(envelope.address)))
    try:
        code, answer = server.data(message.as_bytes())
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        raise ChannelError(kept("The mail server hung up after the letter."), doubtful=True) from error
    _check((code, answer))
    return f"{code} {answer.decode('utf-8', 'replace')}"[:500]


def spelled(address: str) -> str:
    """The bare address in ASCII, a national domain in its coded form. Raises ChannelError."""
    local, _at, domain = parseaddr(address)[1].rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}" if local else ""
    except UnicodeError as error:
        raise ChannelError(kept("This address cannot be used."), permanent=True) from error


def _sized(server: smtplib.SMTP, message: EmailMessage) -> list[str]:
    return [f"SIZE={len(message.as_bytes())}"] if server.has_extn("size") else []


def _check(answer: tuple[int, bytes]) -> None:
    """Raises ChannelError unless the server agrees."""
    if answer[0] not in (250, 251):
        raise _refusal(*answer)


def _check_receiver(answer: tuple[int, bytes]) -> None:
    """Raises ChannelError, and Unreachable when the server knows that there is no such address."""
    if answer[0] in (550, 551, 553) and NO_SUCH.search(answer[1]):
        raise Unreachable(_refusal(*answer).words)
    _check(answer)


def _refusal(code: int, answer: bytes | str) -> ChannelError:
    """What a code means for us: 5xx will not change by itself, everything else may."""
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    words = f"{code} {' '.join(said.split())}"[:500]
    return ChannelError(words, permanent=500 <= code < 600 and code not in REFUSED_LOGIN)
