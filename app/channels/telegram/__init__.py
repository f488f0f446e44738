"""Telegram: a bot that clients write to, by webhook or by asking, and that answers them."""

import hmac
import ipaddress
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.channels.inbound import ChannelError, Field, Inbound, Pulled, Raw, Setting, Wait
from app.channels.telegram import updates
from app.channels.telegram.bot import bot_of, call, download
from app.channels.telegram.speaking import alert, answer_press, parts, phone_keyboard, send
from app.wording import kept

__all__ = [
    "FIELDS", "LABEL", "SETTINGS", "alert", "answer_press", "check", "external_id", "fetch", "parse", "parts",
    "phone_keyboard", "pull", "pulls", "sample", "send", "set_up", "verify",
]  # fmt: skip

LABEL: Any = _l("Telegram bot")
FIELDS: tuple[Field, ...] = ()
AUTO, WEBHOOK, ASKING = "auto", "webhook", "polling"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Telegram calls only these ports.
PORTS = (443, 80, 88, 8443)
CONNECTIONS, BATCH = 10, 100

SETTINGS: tuple[Setting, ...] = (
    Setting("token", _l("Token of the bot"), "secret", _l("BotFather gives it: /newbot, then copy the long line.")),
    Setting(
        "mode",
        _l("How messages come"),
        "choice",
        _l("By itself: Telegram calls us where our address is public and https; otherwise we ask Telegram."),
        ((AUTO, _l("By itself")), (WEBHOOK, _l("Telegram calls us")), (ASKING, _l("We ask Telegram"))),
        AUTO,
    ),
    Setting(
        "greeting",
        _l("Greeting"),
        "lines",
        _l("What the bot says to whoever opens it. Empty: nothing."),
        default=["Здравствуйте! Напишите, что вас интересует, и мы ответим здесь же."],
    ),
    Setting(
        "ask_phone",
        _l("Offer to share the phone"),
        "flag",
        _l("A button under the greeting. By the phone a client is recognised who is in the base already."),
        default=True,
    ),
    Setting("api", _l("Address of the Bot API"), "text", _l("Only for a Bot API server of your own; usually empty.")),
)


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """The header holds the word that we gave to Telegram with the address. Raises ChannelError."""
    known, said = str(settings.get("hook_secret") or ""), headers.get(HEADER) or ""
    if not known or not hmac.compare_digest(known.encode(), said.encode("utf-8", "replace")):
        raise ChannelError(kept("The sender did not say the word that Telegram knows."), permanent=True)


def external_id(raw: Raw) -> str | None:
    """The update's number with its chat and message."""
    return updates.delivery_of(raw)


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """Understand an update. Raises ChannelError; Aside for groups and what is not taken."""
    return updates.inbound_of(updates.update_of(raw))


def sample(settings: Mapping[str, Any]) -> Raw:
    """A message such as Telegram would send it; each time of another number."""
    key = int(time.time() * 1000) % 2**40
    who = {"id": 100_000_000_001, "is_bot": False, "first_name": "Проверка", "last_name": "связи"}
    chat = {"id": who["id"], "type": "private", "first_name": who["first_name"]}
    message = {"message_id": key, "from": who, "chat": chat, "date": int(time.time())}
    said = message | {"text": "Пробное сообщение с кнопки «Проверить»"}
    return Raw(json.dumps({"update_id": key, "message": said}).encode(), "application/json")


# ── asking ───────────────────────────────────────────────────────────────────


def pulls(settings: Mapping[str, Any]) -> bool:
    """Whether we ask: it is chosen, or nobody outside could call us."""
    mode = settings.get("mode") or AUTO
    if not settings.get("token"):
        return False
    return mode == ASKING or (mode == AUTO and not can_be_called(settings))


def can_be_called(settings: Mapping[str, Any]) -> bool:
    """Whether the address of the CRM is one that Telegram would call: https, a public name, one of its ports."""
    parts_ = urlsplit(str((settings.get("env") or {}).get("base_url") or ""))
    host = parts_.hostname or ""
    try:
        port = parts_.port or 443
    except ValueError:
        return False
    if parts_.scheme != "https" or port not in PORTS or "." not in host or host.endswith((".local", ".internal")):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def pull(settings: Mapping[str, Any], cursor: Mapping[str, Any], wait: Wait) -> Pulled:
    """One long question; every update becomes a body of its own. Raises ChannelError."""
    asked: dict[str, Any] = {"timeout": int(wait.seconds), "limit": BATCH, "allowed_updates": list(updates.ALLOWED)}
    bot = bot_of(settings)
    # Where one bot goes on says nothing about another: its messages would be thrown away.
    owner, offset = bot.token.partition(":")[0], cursor.get("offset")
    if isinstance(offset, int) and cursor.get("offset_of") == owner:
        asked["offset"] = offset
    try:
        found = call(bot, "getUpdates", asked, wait=wait)
    except ChannelError:
        if wait.over.is_set():
            return Pulled()
        raise
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    keys = [key for row in rows if (key := updates.number(row.get("update_id"))) is not None]
    return Pulled(tuple(map(_body, rows)), {"offset": max(keys) + 1, "offset_of": owner} if keys else {})


def _body(update: Mapping[str, Any]) -> Raw:
    """As Telegram would have sent it to us."""
    return Raw(json.dumps(update, ensure_ascii=False).encode("utf-8", "replace"), "application/json")


def fetch(settings: Mapping[str, Any], ref: str) -> bytes:
    """The bytes of a file that came. Raises ChannelError."""
    return download(bot_of(settings), ref)


# ── setting up ───────────────────────────────────────────────────────────────


def set_up(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Tell Telegram how messages reach us: what is to be kept as the channel's state, `secrets` among it apart.

    A channel that is switched off is not called any more. Raises ChannelError.
    """
    bot = bot_of(settings)
    me = call(bot, "getMe")
    state = {"bot": str(me.get("username") or ""), "bot_id": me.get("id"), "name": str(me.get("first_name") or "")}
    if not settings.get("active", True):
        call(bot, "deleteWebhook", {"drop_pending_updates": False})
        return state | {"mode": ""}
    if pulls(settings):
        call(bot, "deleteWebhook", {"drop_pending_updates": False})
        return state | {"mode": ASKING}
    word = str(settings.get("hook_secret") or "") or secrets.token_urlsafe(32)
    asked = {
        "url": settings["env"]["address"],
        "secret_token": word,
        "allowed_updates": list(updates.ALLOWED),
        "max_connections": CONNECTIONS,
        "drop_pending_updates": False,
    }
    call(bot, "setWebhook", asked)
    return state | {"mode": WEBHOOK, "secrets": {"hook_secret": word}}


def check(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Ask Telegram who the bot is and what it knows of us: `trouble` is what it says went wrong last.

    Raises ChannelError.
    """
    bot = bot_of(settings)
    me, info = call(bot, "getMe"), call(bot, "getWebhookInfo")
    state = {"bot": str(me.get("username") or ""), "bot_id": me.get("id"), "name": str(me.get("first_name") or "")}
    state["mode"] = WEBHOOK if info.get("url") else ASKING
    state["waiting"] = updates.number(info.get("pending_update_count")) or 0
    said = str(info.get("last_error_message") or "")[:300]
    if info.get("url") and said:
        state["trouble"] = kept("Telegram could not hand over the last message: %(why)s", why=said)
    if info.get("url") and info["url"] != settings["env"]["address"]:
        state["trouble"] = kept("Telegram calls another address: %(url)s. Save the channel once more.", url=info["url"])
    return state
