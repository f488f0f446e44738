"""Verbs of a channel: create, change, give a new address, try it out; its bodies are read again in bodies.py."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.channels import CHANNELS
from app.channels.inbound import Provider
from app.channels.site import PRESETS
from app.sealed import opened
from app.services import messages
from app.services.channels import settings as own
from app.services.channels import site_form
from app.services.channels.bodies import failed_of, is_press, read_again, read_all_again, seen_now
from app.services.channels.connecting import ask_check, connect
from app.services.channels.settings import given_secrets
from app.services.channels.troubles import clear_trouble, trouble
from models.channels import Channel
from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.messages import RawBody

MOST_NAMES = 20
FORM = "form"
# Calls of any exchange are one source.
SOURCES = {"form": "site", "mango": "call", "uis": "call"}

__all__ = [
    "ask_check",
    "change",
    "clear_trouble",
    "create",
    "failed_of",
    "given_secrets",
    "is_press",
    "new_token",
    "provider_of",
    "read_again",
    "read_all_again",
    "renew_token",
    "seen_now",
    "trouble",
    "try_out",
]  # fmt: skip


def create(kind: str, name: str, values: Mapping[str, Any] | None = None) -> Channel:
    """A new channel with an address of its own. Refuses a kind that there is not."""
    if kind not in CHANNELS:
        raise Refused(_("There is no such kind of channel. Choose one from the list."), "kind")
    channel = Channel(kind=kind, token=new_token(), source=SOURCES.get(kind, kind), settings=_usual(kind), cursor={})
    _fill(channel, {"name": name, **(values or {})})
    db.session.add(channel)
    db.session.flush()
    connect(channel)
    return channel


def _usual(kind: str) -> dict[str, Any]:
    """What the provider's settings are until somebody changes them."""
    lines = [line for line in own.declared(kind) if line.kind != "secret" and line.default is not None]
    usual = {line.code: line.default for line in lines}
    return usual | ({"preset": "generic"} if kind == "site" else {})


def change(channel: Channel, values: Mapping[str, Any]) -> Channel:
    """Save name, source, active; `map`: the sender's names of each of our fields; `settings` of the provider.

    Refuses bad values by the code of their field.
    """
    _fill(channel, values)
    db.session.flush()
    connect(channel)
    return channel


def renew_token(channel: Channel) -> Channel:
    """A new address; the old one stops at once."""
    channel.token = new_token()
    db.session.flush()
    connect(channel)
    return channel


def new_token() -> str:
    """As long as nobody guesses it, and safe in an address."""
    return secrets.token_urlsafe(24)


def try_out(channel: Channel) -> RawBody:
    """A sample body goes the way of a real one: kept, read, a lead, notices. Refuses a channel switched off."""
    if not channel.active:
        raise Refused(_("This channel is switched off. Switch it on first."))
    raw = provider_of(channel).sample(opened(channel))
    number = messages.Envelope(f"trial-{secrets.token_hex(8)}", "")
    row = messages.take_in(channel, raw, number)
    if row is None:
        raise Refused(_("This body is kept already."))
    return row


def provider_of(channel: Channel) -> Provider:
    """The provider's file. Refuses a channel whose provider is no longer there."""
    found = CHANNELS.get(channel.kind)
    if found is None:
        raise Refused(_("There is no such kind of channel. Choose one from the list."))
    return found


def _fill(channel: Channel, values: Mapping[str, Any]) -> None:
    if "name" in values:
        channel.name = clean_line(values["name"], "name")
        if not channel.name:
            raise Refused(_("Give the channel a name."), "name")
    if "source" in values:
        channel.source = clean_line(values["source"], "source", 60)
    if "active" in values:
        channel.active = bool(values["active"])
    if channel.kind == "site" and ("preset" in values or "map" in values):
        channel.settings = _settings(channel, values)
    own.apply(channel, values.get("settings") or {})
    if channel.kind == FORM:
        site_form.apply(channel, values.get("settings") or {})


def _settings(channel: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON is replaced as a whole, or its change would not be seen."""
    preset = str(values.get("preset") or channel.settings.get("preset") or "generic")
    if preset not in PRESETS:
        raise Refused(_("There is no such preset. Choose one from the list."), "preset")
    settings = {**channel.settings, "preset": preset}
    if "map" in values:
        settings["map"] = _map(values["map"], PRESETS[preset])
    return settings


def _map(typed: Mapping[str, str], preset: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Only what differs from the preset is kept, so that a better preset still reaches the channel."""
    own = {}
    for field, text in typed.items():
        if field not in preset:
            continue
        names = [clean_line(name, field, 120) for name in str(text).split(",")]
        names = [name for name in dict.fromkeys(names) if name][:MOST_NAMES]
        if names != preset[field]:
            own[field] = names
    return own
