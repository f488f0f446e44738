"""An update of the Bot API is understood: who wrote what in which private chat; anything else is set aside."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from app.channels.bodies import clean
from app.channels.inbound import Aside, ChannelError, Inbound, InFile, Raw, Signal
from app.channels.telegram.texts import marked
from app.wording import kept

# What is asked for, and what can be told apart.
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
LARGEST_ID = 2**63
START = re.compile(r"/start(?:@\w{1,64})?(?:\s+([\w=+/.-]{1,64}))?\s*", re.ASCII)
LINK, PARTNER = "link_", "partner_"
# The parts of a start parameter in the order of marks: t.me/bot?start=yandex__cpc__okna
MARKS = ("source", "medium", "campaign", "content", "term")
Node = Mapping[str, Any]


def update_of(raw: Raw) -> Node:
    """The update in a body. Raises ChannelError when it is none."""
    try:
        found = json.loads(raw.body)
    except (ValueError, RecursionError):
        raise ChannelError(kept("The body is not whole JSON."), permanent=True) from None
    if not isinstance(found, dict) or number(found.get("update_id")) is None:
        raise ChannelError(kept("This is not an update of the Bot API."), permanent=True)
    return found


def delivery_of(raw: Raw) -> str | None:
    """What makes an update one delivery: its number alone may come again after a quiet week."""
    try:
        update = update_of(raw)
    except ChannelError:
        return None
    kind, event = content_of(update)
    about = node(event.get("message")) if kind == "callback_query" else event
    mark = event.get("id") if kind == "callback_query" else about.get("message_id")
    parts = (update["update_id"], number(node(about.get("chat")).get("id")), said(mark or event.get("date"), 60))
    return "/".join(str(part) for part in parts if part not in (None, ""))


def content_of(update: Node) -> tuple[str, Node]:
    """The kind of an update and what it holds."""
    for kind, event in update.items():
        if kind != "update_id" and isinstance(event, dict):
            return kind, event
    return "", {}


def inbound_of(update: Node) -> Inbound:
    """What a person in a private chat said or did. Raises ChannelError, Aside."""
    kind, event = content_of(update)
    if kind not in ALLOWED:
        raise Aside(kept("This kind of update is not taken: %(kind)s", kind=said(kind, 60) or "?"))
    about = node(event.get("message")) if kind == "callback_query" else event
    chat, sender = node(about.get("chat")), node(event.get("from"))
    chat_id = number(chat.get("id"))
    if chat_id is None or number(sender.get("id")) is None:
        raise ChannelError(kept("Nobody knows who sent this: there is no chat or no sender in it."), permanent=True)
    if chat.get("type") != "private":
        title = said(chat.get("title") or chat_id, 120)
        raise Aside(kept("Groups and channels are not taken, only chats with one person: %(title)s", title=title))
    if sender.get("is_bot") is True:
        raise Aside(kept("Another bot wrote this."))
    who = _who(chat_id, sender)
    if kind == "callback_query":
        return _with(who, signal=Signal("press", said(event.get("data"), 64), said(event.get("id"), 120)))
    if kind == "my_chat_member":
        return _with(who, signal=_membership(event))
    return _message(who, event, is_edit=kind == "edited_message")


def _who(chat_id: int, sender: Node) -> dict[str, Any]:
    """The one sender of a private chat; without a public name he is known by his number."""
    names = (said(sender.get("first_name"), 120), said(sender.get("last_name"), 120))
    name = " ".join(part for part in names if part)
    handle = said(sender.get("username"), 64) or f"id{sender['id']}"
    return {"name": name, "title": name, "handle": handle, "conversation": str(chat_id)}


def _with(who: dict[str, Any], **more: Any) -> Inbound:
    return Inbound(**who, **more)


def _membership(event: Node) -> Signal:
    status = node(event.get("new_chat_member")).get("status")
    return Signal("left" if status in ("kicked", "left") else "back")


def _message(who: dict[str, Any], message: Node, *, is_edit: bool) -> Inbound:
    key = number(message.get("message_id"))
    if key is None:
        raise ChannelError(kept("This message has no number."), permanent=True)
    own = {"message_id": str(key), "is_edit": is_edit, "at": moment(message.get("edit_date") or message.get("date"))}
    text = _text(message)
    start = START.fullmatch(text)
    if start and not is_edit:
        return _with(who, **own, **_started(start.group(1) or ""))
    phone, card = _contact(message, who)
    files = tuple(_files(message, key))
    words = "\n".join(part for part in (text, card, _place(message), _thing(message, text, card, files)) if part)
    typed = next((piece for piece, _entity in marked(text, _entities(message), "phone_number")), "")
    return _with(who, **own, words=said(words), phone=phone, said_phone=said(typed, 60), files=files)


def _text(message: Node) -> str:
    """The text or caption, whole; addresses hidden behind words are written out."""
    text = message.get("text") if isinstance(message.get("text"), str) else message.get("caption")
    shown = said(text) if isinstance(text, str) else ""
    hidden = [said(entity.get("url"), 500) for _piece, entity in marked(shown, _entities(message), "text_link")]
    return "\n".join([shown, *(url for url in dict.fromkeys(hidden) if url and url not in shown)]).strip()


def _entities(message: Node) -> Any:
    return message.get("entities") if isinstance(message.get("text"), str) else message.get("caption_entities")


def _started(payload: str) -> dict[str, Any]:
    """What the parameter of a start link says: an employee's code, a partner's, or where the client came from."""
    if payload.startswith(LINK):
        return {"signal": Signal("link", payload.removeprefix(LINK))}
    if payload.startswith(PARTNER):
        return {"signal": Signal("start", payload), "partner": payload.removeprefix(PARTNER)}
    marks = dict(zip(MARKS, (part for part in payload.split("__") if part), strict=False))
    return {"signal": Signal("start", payload), "utm": marks}


def _contact(message: Node, who: Mapping[str, Any]) -> tuple[str, str]:
    """A shared contact: the phone when it is the sender's own, which Telegram vouches for, and the card in words."""
    contact = node(message.get("contact"))
    phone = said(contact.get("phone_number"), 60)
    if not phone:
        return "", ""
    phone = phone if phone.startswith("+") else f"+{phone}"
    name = " ".join(filter(None, (said(contact.get("first_name"), 120), said(contact.get("last_name"), 120))))
    is_own = str(contact.get("user_id")) == who["conversation"]
    return phone if is_own else "", ", ".join(part for part in (name, phone) if part)


def _place(message: Node) -> str:
    """A place on the map: its name and an address that opens a map."""
    venue = node(message.get("venue"))
    spot = node(venue.get("location") or message.get("location"))
    try:
        north, east = float(spot["latitude"]), float(spot["longitude"])
    except (KeyError, TypeError, ValueError):
        return ""
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        return ""
    names = [said(venue.get(part), 250) for part in ("title", "address")]
    return ", ".join([*filter(None, names), f"https://yandex.ru/maps/?pt={east:.6f},{north:.6f}&z=17"])


def _thing(message: Node, *others: Any) -> str:
    """What is left of a message without words and files: a sticker's letter, a dice, or only its kind."""
    if any(others):
        return ""
    sign = node(message.get("sticker")).get("emoji") or node(message.get("dice")).get("emoji")
    if isinstance(sign, str) and sign:
        return said(sign, 40)
    kinds = ("sticker", "poll", "story", "game", "giveaway", "paid_media", "checklist")
    return next((f"[{kind}]" for kind in kinds if message.get(kind)), "")


# ── files ────────────────────────────────────────────────────────────────────


def _files(message: Node, key: int) -> list[InFile]:
    """The file of a message, named by itself or after the message's number."""
    photos = [node(photo) for photo in message["photo"]] if isinstance(message.get("photo"), list) else []
    if photos:
        best = max(photos, key=lambda photo: number(photo.get("width")) or 0)
        return _file(best, f"photo-{key}.jpg", "image/jpeg")
    for kind, (ending, usual) in FILES.items():
        found = node(message.get(kind))
        if found:
            return _file(found, f"{kind}-{key}.{ending}", usual)
    return []


FILES = {
    "document": ("bin", "application/octet-stream"),
    "animation": ("mp4", "video/mp4"),
    "video": ("mp4", "video/mp4"),
    "audio": ("mp3", "audio/mpeg"),
    "voice": ("ogg", "audio/ogg"),
    "video_note": ("mp4", "video/mp4"),
}


def _file(found: Node, name: str, usual: str) -> list[InFile]:
    ref = said(found.get("file_id"), 250)
    if not ref:
        return []
    named = said(found.get("file_name"), 200) or name
    kind, size = said(found.get("mime_type"), 100) or usual, number(found.get("file_size")) or 0
    return [InFile(named, kind, ref=ref, size=size)]


# ── values that may be anything ──────────────────────────────────────────────


def node(value: Any) -> Node:
    """A named group of values; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def said(value: Any, limit: int = 10_000) -> str:
    """A text, or a number written down; anything else is nothing."""
    return clean(value, limit) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def number(value: Any) -> int | None:
    """A whole number of 64 bits; anything else is none."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and -LARGEST_ID <= value < LARGEST_ID
    return value if is_whole else None


def moment(value: Any) -> dt.datetime | None:
    """Seconds since 1970 as a moment of this century; None for anything else."""
    seconds = number(value)
    begin, end = 946_684_800, 4_102_444_800  # 2000 and 2100
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds is not None and begin <= seconds < end else None


