"""SMS gateways and messengers through the library apprise: one address such as ntfys://… or smsc://…, a few words."""

import importlib
import re
from typing import Any
from urllib.parse import urlsplit

from app.channels.guard import is_public, public_only
from app.channels.inbound import ChannelError
from app.wording import kept

SECONDS = 10.0
LONGEST = 1000
# What may be written to, by the beginning of its address: how it is called, and where the library has it. It knows a
# hundred more, among them ways to run programs and to write into files of this machine; another one is a line here.
SERVICES: dict[str, tuple[str, str, str]] = {
    "smsc": ("SMSC.ru", "smsc", "NotifySMSC"),
    "seven": ("seven.io", "seven", "NotifySeven"),
    "vonage": ("Vonage", "vonage", "NotifyVonage"),
    "twilio": ("Twilio", "twilio", "NotifyTwilio"),
    "clickatell": ("Clickatell", "clickatell", "NotifyClickatell"),
    "smseagle": ("SMSEagle", "smseagle", "NotifySMSEagle"),
    "httpsms": ("httpSMS", "httpsms", "NotifyHttpSMS"),
    "signal": ("Signal", "signal_api", "NotifySignalAPI"),
    "viber": ("Viber", "viber", "NotifyViber"),
    "whatsapp": ("WhatsApp", "whatsapp", "NotifyWhatsApp"),
    "ntfy": ("ntfy", "ntfy", "NotifyNtfy"),
    "gotify": ("Gotify", "gotify", "NotifyGotify"),
    "pover": ("Pushover", "pushover", "NotifyPushover"),
    "bark": ("Bark", "bark", "NotifyBark"),
    "mmost": ("Mattermost", "mattermost", "NotifyMattermost"),
    "rocket": ("Rocket.Chat", "rocketchat", "NotifyRocketChat"),
    "matrix": ("Matrix", "matrix", "NotifyMatrix"),
    "nctalk": ("Nextcloud Talk", "nextcloudtalk", "NotifyNextcloudTalk"),
    "zulip": ("Zulip", "zulip", "NotifyZulip"),
    "slack": ("Slack", "slack", "NotifySlack"),
    "discord": ("Discord", "discord", "NotifyDiscord"),
    "threema": ("Threema", "threema", "NotifyThreema"),
    "json": ("JSON", "custom_json", "NotifyJSON"),
}
SCHEMAS = {name: service[0] for name, service in SERVICES.items()}
HOPELESS = re.compile(r"error=(400|401|403|404|405|410|422)\b")


def check(url: str, allowed: frozenset[str]) -> str:
    """The name of the service of an address that may be used. Raises ChannelError.

    `allowed` are hosts in one's own network that whoever runs the CRM has named.
    """
    _scheme, host, _place = _parts(url)
    service = _service(url)
    if service is None:
        raise ChannelError(kept("This kind of address is not offered. Choose one of the list."), permanent=True)
    if _is_local(host) and not _ours(url, allowed):
        raise ChannelError(kept("This address is inside our own network. Choose a public one."), permanent=True)
    _plugin(url)
    return service[0]


def names_of(url: str) -> frozenset[str]:
    """What OUTBOUND_ALLOW may call it by: its host, its host with the port, the beginning of its address."""
    scheme, host, place = _parts(url)
    return frozenset(name for name in (host, place, f"{scheme}://") if name)


def masked(url: str) -> str:
    """The service and the last two signs: enough to tell two addresses apart, too little to use one."""
    service = _service(url)
    tail = url.partition("?")[0].rstrip("/")[-2:]
    return f"{service[0] if service else '?'} …{tail}"


def send(url: str, words: str, allowed: frozenset[str]) -> str:
    """Hand a few words over. Raises ChannelError with what the library said."""
    from apprise import LogCapture

    check(url, allowed)
    plugin = _plugin(url)
    with (
        public_only(_ours(url, allowed)),
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


def _service(url: str) -> tuple[str, str, str] | None:
    """An address may begin with the name of a service, or with it and an s for an encrypted line."""
    scheme = _parts(url)[0]
    return SERVICES.get(scheme) or (SERVICES.get(scheme[:-1]) if scheme.endswith("s") else None)


def _plugin(url: str) -> Any:
    """The one module that is needed, and not all two hundred."""
    _name, module, kind = _service(url) or ("", "", "")
    refused = ChannelError(kept("The address is not written as this service wants it."), permanent=True)
    try:
        maker = getattr(importlib.import_module(f"apprise.plugins.{module}"), kind)
        asked = maker.parse_url(url) if url.partition("://")[2].strip("/") else None
        plugin = maker(**asked) if asked else None
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise refused from error
    if plugin is None:
        raise refused
    # Trying again is ours: what an address says of it would hold up the others.
    plugin.retry, plugin.socket_connect_timeout = 0, SECONDS
    plugin.socket_read_timeout = SECONDS
    return plugin


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host, host with port; all empty where it cannot be taken apart."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.partition("://")[0].lower(), "", ""
    return parts.scheme.lower(), host, f"{host}:{port}" if port else ""


def _ours(url: str, allowed: frozenset[str]) -> list[tuple[str, int | None]]:
    """The place in our own network that the address names, if whoever runs the CRM has named it too."""
    _scheme, host, place = _parts(url)
    if place and place in allowed:
        return [(host, int(place.rpartition(":")[2]))]
    return [(host, None)] if host and host in allowed else []


def _is_local(host: str) -> bool:
    """Names and numbers of this machine and network, as they are written; where a name leads is seen on the way."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    is_number = ":" in host or re.fullmatch(r"[\d.]+\.[\d.]+", host) is not None
    return is_number and not is_public(host)
