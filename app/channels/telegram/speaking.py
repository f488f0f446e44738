"""A bot speaks: messages to clients in parts that fit, alerts with buttons to employees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.channels.inbound import ChannelError, Outbound, OutFile
from app.channels.telegram.bot import LARGEST_OUT, bot_of, call
from app.channels.telegram.texts import LONGEST, LONGEST_CAPTION, split, units
from app.wording import kept

Settings = Mapping[str, Any]
# Shown as pictures; everything else travels as it is.
PICTURES, LARGEST_PICTURE = ("image/jpeg", "image/png"), 10 * 1024 * 1024


def parts(message: Outbound) -> Sequence[Outbound]:
    """What of a message travels by itself: texts that fit, then each file; a short text goes with a single file."""
    if len(message.files) == 1 and units(message.words) <= LONGEST_CAPTION:
        return [message]
    texts = [replace(message, words=text, files=()) for text in split(message.words)]
    return [*texts, *(replace(message, words="", files=(file,)) for file in message.files)]


def send(settings: Settings, message: Outbound) -> str:
    """One part of a message; the number that Telegram gave it. Raises ChannelError, Unreachable."""
    bot, chat = bot_of(settings), _chat(message.conversation)
    params: dict[str, Any] = {"chat_id": chat}
    if message.extra.get("keyboard"):
        params["reply_markup"] = message.extra["keyboard"]
    if not message.files:
        found = call(bot, "sendMessage", params | {"text": message.words})
        return _number(found)
    file = message.files[0]
    if len(file.data) > LARGEST_OUT:
        raise ChannelError(kept("The file is larger than 50 MB: Telegram does not take such files."), permanent=True)
    if message.words:
        params["caption"] = message.words
    kind = _kind(file)
    return _number(call(bot, f"send{kind.capitalize()}", params, [(kind, file)]))


def alert(settings: Settings, chat: str, text: str, buttons: Sequence[tuple[str, str]] = ()) -> str:
    """A message to an employee, with buttons in a column: a label, and an address or what is said when it is pressed.

    The number that Telegram gave it. Raises ChannelError, Unreachable.
    """
    said = split(text, LONGEST)[0] if text.strip() else "…"
    params: dict[str, Any] = {"chat_id": _chat(chat), "text": said, "link_preview_options": {"is_disabled": True}}
    rows = [[_button(label, target)] for label, target in buttons]
    if rows:
        params["reply_markup"] = {"inline_keyboard": rows}
    return _number(call(bot_of(settings), "sendMessage", params))


def answer_press(settings: Settings, ref: str, text: str) -> None:
    """What a person who pressed a button sees over the chat. Raises ChannelError."""
    call(bot_of(settings), "answerCallbackQuery", {"callback_query_id": ref, "text": text[:200], "show_alert": False})


def phone_keyboard(label: str) -> dict[str, Any]:
    """A button by which the client gives the phone that Telegram knows."""
    rows = [[{"text": label, "request_contact": True}]]
    return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}


def _button(label: str, target: str) -> dict[str, str]:
    """Telegram opens only public addresses; what is pressed may be 64 bytes long."""
    if target.startswith(("http://", "https://")):
        return {"text": label, "url": target}
    return {"text": label, "callback_data": target.encode()[:64].decode("utf-8", "ignore")}


def _kind(file: OutFile) -> str:
    is_picture = file.content_type in PICTURES and len(file.data) <= LARGEST_PICTURE
    return "photo" if is_picture else "document"


def _chat(conversation: str) -> int:
    try:
        return int(conversation)
    except ValueError:
        raise ChannelError(kept("This is not a Telegram chat."), permanent=True) from None


def _number(found: Any) -> str:
    """The message's own number; an answer without one is still a yes."""
    key = found.get("message_id") if isinstance(found, dict) else None
    return str(key) if isinstance(key, int) else f"?{json.dumps(found)[:40]}"
