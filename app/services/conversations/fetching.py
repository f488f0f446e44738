"""Files that the provider still has are fetched, one after the other, without the database being held."""

from typing import Any

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, InFile, optional
from app.queue import outside
from app.sealed import UNREADABLE, Unreadable, opened
from app.services import files
from app.wording import kept
from models.ground.base import db
from models.messages import Conversation, Message, MessageState

LARGEST = 20 * 1024 * 1024
TOO_LARGE = kept("The file is larger than 20 MB: Telegram does not give such files to bots.")


def fetch(message_id: int) -> None:
    """Fetch what a message still waits for. Runs as the system; safe to run twice. Raises ChannelError to try later."""
    message = db.session.get(Message, message_id, with_for_update={"skip_locked": True})
    waiting = list(message.extra.get("waiting", [])) if message is not None else []
    if message is None or not waiting:
        return
    talk = db.session.get_one(Conversation, message.conversation_id)
    for one in waiting:
        _one(message, one, _giver(talk))


def _giver(talk: Conversation) -> Any:
    """How the channel gives out a file, ready to be called without the database. Raises ChannelError."""
    give = optional(CHANNELS[talk.kind], "fetch") if talk.kind in CHANNELS else None
    if give is None:
        raise ChannelError(kept("This channel gives out no files."), permanent=True)
    try:
        settings = opened(talk.channel)
    except Unreadable:
        raise ChannelError(UNREADABLE, permanent=True) from None
    return lambda ref: give(settings, ref)


def _one(message: Message, one: dict[str, Any], give: Any) -> None:
    data, why = None, TOO_LARGE if int(one.get("size") or 0) > LARGEST else ""
    if not why:
        try:
            with outside():
                data = give(str(one["ref"]))
        except ChannelError as error:
            if not error.permanent:
                raise
            why = error.words
    if data is not None:
        lost = files.keep_all(message, [InFile(one["name"], one.get("content_type", ""), data)])
        why = str(lost[0]["why"]) if lost else ""
    _settled(message, one, why)


def _settled(message: Message, one: dict[str, Any], why: str) -> None:
    """One file less to wait for; one that will not come is named with its reason."""
    left = [other for other in message.extra.get("waiting", []) if other != one]
    extra = {name: value for name, value in message.extra.items() if name != "waiting"}
    if left:
        extra["waiting"] = left
    if why:
        extra["lost"] = [*extra.get("lost", []), {"name": one["name"], "why": why}]
    message.extra = extra
    if not left:
        message.state = MessageState.NONE
    db.session.flush()
