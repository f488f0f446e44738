"""Where a channel's mailbox and its server for sending are: its own settings, or those of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import getaddresses, parseaddr
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from app.channels.inbound import ChannelError
from app.wording import kept

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PORTS = {"tls": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587}
NO_BOX = kept("No mailbox is set. Write its server, name and password.")
NO_SERVER = kept("No server for sending is set. Write it in the channel, or set SMTP_URL.")


@dataclass(frozen=True)
class Place:
    """A folder of a mailbox; `after` says what is done with a letter that was kept: leave, seen or move."""

    host: str
    port: int
    user: str
    folder: str = "INBOX"
    security: str = "tls"
    after: str = "leave"
    target: str = ""
    history: int = 0
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """By which the cursor knows that it is about this folder."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:250]


def has_place(settings: Mapping[str, Any]) -> bool:
    """Whether there is a mailbox to ask."""
    return bool(_has_own(settings) or _machine(settings, "imap_url"))


def _has_own(settings: Mapping[str, Any]) -> bool:
    return bool(settings.get("host") and _user(settings))


def _user(settings: Mapping[str, Any]) -> str:
    """The name at the server; the whole address is the name when none was written."""
    return str(settings.get("user") or settings.get("address") or "")


def place_of(settings: Mapping[str, Any]) -> Place:
    """The mailbox of a channel. Raises ChannelError."""
    found = _own_place(settings) if _has_own(settings) else _machine_place(settings)
    after, target = str(settings.get("after") or "leave"), str(settings.get("target") or "")
    if after == "move" and not target:
        after = "leave"
    return replace(found, after=after, target=target, history=int(settings.get("history") or 0))


def _own_place(settings: Mapping[str, Any]) -> Place:
    security = str(settings.get("security") or "tls")
    return Place(
        host=str(settings["host"]),
        port=int(settings.get("port") or PORTS.get(security, 993)),
        user=_user(settings),
        folder=str(settings.get("folder") or "INBOX"),
        security=security,
        password=str(settings.get("password") or ""),
    )


def _machine_place(settings: Mapping[str, Any]) -> Place:
    url = urlsplit(_machine(settings, "imap_url"))
    if not url.hostname:
        raise ChannelError(NO_BOX, permanent=True)
    security = "tls" if url.scheme == "imaps" else "none" if url.hostname in LOOPBACK else "starttls"
    return Place(
        host=url.hostname,
        port=url.port or PORTS[security],
        user=unquote(url.username or ""),
        folder=unquote(url.path.strip("/")) or "INBOX",
        security=security,
        password=unquote(url.password or ""),
    )


def smtp_of(settings: Mapping[str, Any]) -> str:
    """The address of the server for sending. Raises ChannelError."""
    host = str(settings.get("smtp_host") or "")
    if not host:
        machine = _machine(settings, "smtp_url")
        if not machine:
            raise ChannelError(NO_SERVER, permanent=True)
        return machine
    security = str(settings.get("smtp_security") or "tls")
    user = str(settings.get("smtp_user") or _user(settings))
    password = str(settings.get("smtp_password") or settings.get("password") or "")
    port = int(settings.get("smtp_port") or SMTP_PORTS.get(security, 465))
    scheme = "smtps" if security == "tls" else "smtp"
    known = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user and password else ""
    return f"{scheme}://{known}{host}:{port}"


def own_address(settings: Mapping[str, Any]) -> str:
    """The address that letters leave from, in lower case."""
    user = str(settings.get("user") or "")
    if not user and not settings.get("host"):
        user = unquote(urlsplit(_machine(settings, "imap_url")).username or "")
    said = settings.get("address") or (user if "@" in user else _machine(settings, "mail_from"))
    return parseaddr(str(said))[1].lower()


def own_addresses(settings: Mapping[str, Any]) -> set[str]:
    """All addresses that are ours: a letter from one of them is no client's."""
    lines = settings.get("aliases") or []
    others = getaddresses([str(line) for line in lines] if isinstance(lines, list) else [str(lines)])
    user = str(settings.get("user") or "").lower()
    found = (own_address(settings), user, *(address.lower() for _name, address in others))
    return {address for address in found if "@" in address}


def _machine(settings: Mapping[str, Any], name: str) -> str:
    return str((settings.get("env") or {}).get(name) or "")
