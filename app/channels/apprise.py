"""SMS gateways and messengers through the library apprise: one address such as ntfys://… or smsc://…, a few words."""

import re
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

from app.channels.guard import is_public, public_only
from app.channels.inbound import ChannelError
from app.wording import kept

SECONDS = 10.0
LONGEST = 1000
# What may be written to, by the beginning of its address. The library knows a hundred more, among them ways to run
# programs and to write into files of this machine; a line here is all that another one needs.
SCHEMAS = {
    "smsc": "SMSC.ru", "seven": "seven.io", "vonage": "Vonage", "twilio": "Twilio", "clickatell": "Clickatell",
    "smseagles": "SMSEagle", "httpsms": "httpSMS", "signals": "Signal", "viber": "Viber", "whatsapp": "WhatsApp",
    "ntfy": "ntfy", "ntfys": "ntfy", "gotify": "Gotify", "gotifys": "Gotify", "pover": "Pushover", "barks": "Bark",
    "mmost": "Mattermost", "mmosts": "Mattermost", "rocket": "Rocket.Chat", "rockets": "Rocket.Chat",
    "matrix": "Matrix", "matrixs": "Matrix", "nctalk": "Nextcloud Talk", "nctalks": "Nextcloud Talk",
    "zulip": "Zulip", "slack": "Slack", "discord": "Discord", "threema": "Threema",
    "json": "JSON", "jsons": "JSON",
}  # fmt: skip
HOPELESS = re.compile(r"error=(400|401|403|404|405|410|422)\b")


def check(url: str, allowed: frozenset[str]) -> str:
    """The name of the service of an address that may be used. Raises ChannelError.

    `allowed` are hosts in one's own network that whoever runs the CRM has named.
    """
    scheme, host, _name = _parts(url)
    if scheme not in SCHEMAS:
        raise ChannelError(kept("This kind of address is not offered. Choose one of the list."), permanent=True)
    if not _is_allowed(url, allowed) and _is_local(host):
        raise ChannelError(kept("This address is inside our own network. Choose a public one."), permanent=True)
    _plugin(url)
    return SCHEMAS[scheme]


def names_of(url: str) -> frozenset[str]:
    """What OUTBOUND_ALLOW may call it by: its host, its host with the port, the beginning of its address."""
    scheme, host, place = _parts(url)
    return frozenset(name for name in (host, place, f"{scheme}://") if name)


def masked(url: str) -> str:
    """The service and the last two signs: enough to tell two addresses apart, too little to use one."""
    scheme, _host, _place = _parts(url)
    tail = url.partition("?")[0].rstrip("/")[-2:]
    return f"{SCHEMAS.get(scheme, scheme)} …{tail}"


def send(url: str, words: str, allowed: frozenset[str]) -> str:
    """Hand a few words over. Raises ChannelError with what the library said."""
    from apprise import LogCapture

    check(url, allowed)
    plugin = _plugin(url)
    with (
        nullcontext() if _is_allowed(url, allowed) else public_only(),
        LogCapture(level=30, fmt="%(message)s") as said,
    ):
        try:
            is_sent = plugin.notify(body=words[:LONGEST])
        except Exception as error:
            raise ChannelError(kept("The service failed: %(why)s", why=type(error).__name__)) from error
        answer = " ".join(said.getvalue().split())[:300]
    if not is_sent:
        raise ChannelError(answer or kept("The service did not take it."), permanent=bool(HOPELESS.search(answer)))
    return answer or "OK"


def _plugin(url: str) -> Any:
    import apprise

    try:
        plugin = apprise.Apprise.instantiate(url, suppress_exceptions=False)
    except Exception as error:
        raise ChannelError(kept("The address is not written as this service wants it."), permanent=True) from error
    if not plugin:
        raise ChannelError(kept("The address is not written as this service wants it."), permanent=True)
    plugin.socket_connect_timeout = plugin.socket_read_timeout = SECONDS
    return plugin


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host, host with port; all empty where it cannot be taken apart."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.partition("://")[0].lower(), "", ""
    return parts.scheme.lower(), host, f"{host}:{port}" if port else ""


def _is_allowed(url: str, allowed: frozenset[str]) -> bool:
    _scheme, host, place = _parts(url)
    return not {host, place}.isdisjoint(allowed - {""})


def _is_local(host: str) -> bool:
    """Names and numbers of this machine and network, as they are written; where a name leads is seen on the way."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    is_number = ":" in host or re.fullmatch(r"[\d.]+\.[\d.]+", host) is not None
    return is_number and not is_public(host)
