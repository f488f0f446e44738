"""What several pages of channels ask for: the channel of an address, a body of it, the kinds in words."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import abort, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import optional
from app.channels.ringing import DEFAULT_ZONE
from models.channels import Channel
from models.ground.base import db
from models.messages import RawBody
from views.me import zones

BIGGEST_CHANNEL, BIGGEST_BODY = 2**31 - 1, 2**63 - 1
# Kinds that a sender reaches by an address of ours; the others are asked, or set up by themselves.
ADDRESSED = {"site", "mango", "uis"}
# What each kind is for, and its icon.
KINDS: dict[str, tuple[str, Any]] = {
    "form": ("forms", _l("A page of ours that stands on any site by one line of code, or by its own address.")),
    "site": ("world", _l("Forms of your own site, Tilda, or any program that can send JSON or a form.")),
    "email": ("mail", _l("A mailbox: every letter becomes a request, and is answered from the card.")),
    "telegram": ("brand-telegram", _l("A bot: clients write to it, managers answer from the card.")),
    "mango": ("phone", _l("Missed calls become leads, calls of clients stand in their deals.")),
    "uis": ("phone", _l("Notices of UIS and CoMagic about calls: the body is copied from our template.")),
}


def channel_or_404(pk: int) -> Channel:
    """The channel with this key, if the actor may see it."""
    if pk > BIGGEST_CHANNEL:
        abort(404)
    channel = db.session.execute(select(Channel).where(Channel.id == pk)).scalar_one_or_none()
    return channel if channel is not None else abort(404)


def body_or_404(channel: Channel, raw: int) -> RawBody:
    """A delivery of the channel."""
    if raw > BIGGEST_BODY:
        abort(404)
    rows = select(RawBody).where(RawBody.id == raw, RawBody.channel_id == channel.id)
    row = db.session.execute(rows).scalar_one_or_none()
    return row if row is not None else abort(404)


def address_of(channel: Channel) -> str:
    """What is put into the settings of the sender, or opened in a browser; empty where nobody needs it."""
    base = current_app.config["CRM"].BASE_URL
    if channel.kind == "form":
        return f"{base}/f/{channel.token}"
    return f"{base}/hooks/{channel.kind}/{channel.token}" if channel.kind in ADDRESSED else ""


def kinds() -> list[tuple[str, str, str, Any]]:
    """Kind, its name, its icon and what it is for: those that are explained stand first."""
    order = [*(kind for kind in KINDS if kind in CHANNELS), *(kind for kind in CHANNELS if kind not in KINDS)]
    return [(kind, str(CHANNELS[kind].LABEL), *KINDS.get(kind, ("message", ""))) for kind in order]


def has(channel: Channel, part: str) -> bool:
    """Whether the provider of a channel has an optional part."""
    return channel.kind in CHANNELS and optional(CHANNELS[channel.kind], part) is not None


def is_connected(channel: Channel) -> bool:
    """Whether a provider that has to be reached by us was reached once; the others need nothing."""
    heard = channel.cursor.get("state") or channel.cursor.get("heard_at") or channel.last_at
    return bool(heard) or not has(channel, "check")


def common() -> dict[str, Any]:
    """What every template of channels may ask for."""
    names = {kind: name for kind, name, _icon, _words in kinds()}
    return {
        "address_of": address_of,
        "is_connected": is_connected,
        "zones_of": lambda value: zones(value if value in available_timezones() else DEFAULT_ZONE),
        "kind_of": lambda channel: names.get(channel.kind, channel.kind),
        "icon_of": lambda channel: KINDS.get(channel.kind, ("message", ""))[0],
    }
