"""A channel and its provider get to know each other: told how to reach us, asked who it is and what is wrong."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, optional
from app.queue import enqueue_after_commit, outside
from app.sealed import UNREADABLE, Unreadable, opened, seal, unseal
from app.services.channels.troubles import clear_trouble, trouble
from models.channels import Channel
from models.ground.base import db, utcnow
from models.ground.refused import Refused

SET_UP, CHECK = "app.jobs.channels.set_up", "app.jobs.channels.check"
# What of the connection is kept in the channel's cursor, beside where asking goes on.
STATE, ADDRESS, ASKED, CHECKED = "state", "address", "asked_at", "checked_at"


def connect(channel: Channel) -> None:
    """After a change the provider is told anew how messages reach us, when there is something to tell it with."""
    if has(channel, "set_up") and _is_reachable(channel):
        channel.cursor = {**channel.cursor, ASKED: utcnow().isoformat()}
        enqueue_after_commit(SET_UP, channel.id)


def _is_reachable(channel: Channel) -> bool:
    """Whether anything is known to reach the provider with: a secret, or a server of its own."""
    return bool(channel.secrets or channel.settings.get("host") or channel.settings.get("smtp_host"))


def ask_check(channel: Channel) -> None:
    """Ask the provider whether all is well; the answer stands on the channel's screen in a moment."""
    if not has(channel, "check"):
        raise Refused(_("There is nothing to ask: this channel only listens."))
    channel.cursor = {**channel.cursor, ASKED: utcnow().isoformat()}
    db.session.flush()
    enqueue_after_commit(CHECK, channel.id)


def set_up(channel_id: int) -> None:
    """Tell the provider how messages reach us. Runs as the system; safe to run twice."""
    _spoken(channel_id, "set_up")


def check(channel_id: int) -> None:
    """Ask the provider. Runs as the system."""
    _spoken(channel_id, "check")


def unconnected() -> list[int]:
    """Channels in use whose provider does not know where we are: it could not be reached, or our address changed."""
    rows = select(Channel).where(Channel.active, Channel.secrets != "").order_by(Channel.id)
    return [channel.id for channel in db.session.execute(rows).scalars() if has(channel, "set_up") and _is_off(channel)]


def _is_off(channel: Channel) -> bool:
    try:
        address = opened(channel)["env"]["address"]
    except Unreadable:
        return False
    return not channel.cursor.get(STATE) or channel.cursor.get(ADDRESS) != address


def has(channel: Channel, part: str) -> bool:
    """Whether the provider of a channel has an optional part."""
    provider = CHANNELS.get(channel.kind)
    return provider is not None and optional(provider, part) is not None


def _spoken(channel_id: int, part: str) -> None:
    channel = db.session.get(Channel, channel_id)
    if channel is None or not has(channel, part):
        return
    ask = optional(CHANNELS[channel.kind], part)
    try:
        settings = opened(channel)
        with outside():
            state = ask(settings)
    except Unreadable:
        _note(channel_id, {}, UNREADABLE, lasts=True)
    except ChannelError as error:
        _note(channel_id, {} if part == "set_up" and error.permanent else None, error.words, lasts=error.permanent)
    else:
        _note(channel_id, state, str(state.pop("trouble", "")), settings["env"]["address"])


def _note(
    channel_id: int, state: Mapping[str, Any] | None, words: str, address: str = "", *, lasts: bool = False
) -> None:
    """What the provider said; None leaves what is known. The row is locked: whoever listens writes to it too."""
    rows = select(Channel).where(Channel.id == channel_id).with_for_update()
    channel = db.session.execute(rows.execution_options(populate_existing=True)).scalar_one_or_none()
    if channel is None:
        return
    said = dict(state or {})
    if fresh := said.pop("secrets", None):
        channel.secrets = seal({**unseal(channel.secrets), **fresh})
    cursor = {**channel.cursor, CHECKED: utcnow().isoformat()}
    if state is not None:
        cursor |= {STATE: said, ADDRESS: address}
    channel.cursor = cursor
    if words:
        trouble(channel, words, at_once=lasts)
    else:
        clear_trouble(channel)
    db.session.flush()


