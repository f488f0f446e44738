"""The Bot API over HTTP: one call, one answer, and errors that say whether the thing was done or not."""

import contextlib
import http.client
import json
import re
import secrets
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from app.channels.inbound import ChannelError, OutFile, Unreachable, Wait
from app.wording import kept

OFFICIAL = "https://api.telegram.org"
TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,120}")
SECONDS, CONNECTING = 20.0, 10.0
MIB = 1024 * 1024
# What the Bot API gives out and takes in (domain of the official server).
LARGEST_IN, LARGEST_OUT, LARGEST_ANSWER = 20 * MIB, 50 * MIB, 16 * MIB
# How it says that this person will not be reached any more.
GONE = ("blocked by the user", "user is deactivated", "chat not found", "initiate conversation", "have no rights")


@dataclass(frozen=True)
class Bot:
    """A bot and the server that it is reached through."""

    token: str
    base: str = OFFICIAL

    def path(self, method: str) -> str:
        """The address of a method; it holds the token, so it is never logged or shown."""
        return f"{urlsplit(self.base).path.rstrip('/')}/bot{self.token}/{method}"


def bot_of(settings: Mapping[str, Any]) -> Bot:
    """The bot of a channel. Raises ChannelError for a token that cannot be one."""
    token = str(settings.get("token") or "").strip()
    if not TOKEN.fullmatch(token):
        raise ChannelError(kept("This is not a bot's token. BotFather gives one like 123456789:AA…"), permanent=True)
    env = settings.get("env") or {}
    base = str(settings.get("api") or env.get("telegram_api") or OFFICIAL).strip().rstrip("/")
    if not _is_address(base):
        raise ChannelError(kept("The address of the Bot API must begin with https://."), permanent=True)
    return Bot(token, base)


def _is_address(base: str) -> bool:
    try:
        parts = urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def call(
    bot: Bot,
    method: str,
    params: Mapping[str, Any] | None = None,
    files: Sequence[tuple[str, OutFile]] = (),
    wait: Wait | None = None,
) -> Any:
    """Call a method and return its `result`. Raises ChannelError.

    `doubtful` when everything was handed over and no answer came; `pause` when the server asks to come later.
    """
    kind, body = _body(params or {}, files)
    seconds = SECONDS + (wait.seconds if wait else 0)
    with contextlib.closing(_connected(bot, seconds, wait)) as line:
        try:
            line.request("POST", bot.path(method), body, {"Content-Type": kind})
            answer = line.getresponse()
            said = answer.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise _broken(error) from None
    return _result(answer.status, said)


def download(bot: Bot, file_id: str) -> bytes:
    """The bytes of a file that was sent to the bot, at most 20 MB. Raises ChannelError."""
    found = call(bot, "getFile", {"file_id": file_id})
    path = str(found.get("file_path") or "") if isinstance(found, dict) else ""
    if not path or ".." in path:
        raise ChannelError(kept("Telegram does not give out this file any more."), permanent=True)
    address = f"{urlsplit(bot.base).path.rstrip('/')}/file/bot{bot.token}/{quote(path)}"
    with contextlib.closing(_connected(bot, 60, None)) as line:
        try:
            line.request("GET", address)
            answer = line.getresponse()
            data = answer.read(LARGEST_IN + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _broken(error) from None
    if answer.status != http.client.OK:
        raise ChannelError(kept("Telegram did not give out the file."), permanent=400 <= answer.status < 500)
    if len(data) > LARGEST_IN:
        words = kept("The file is larger than 20 MB: Telegram does not give such files to bots.")
        raise ChannelError(words, permanent=True)
    return data


def _connected(bot: Bot, seconds: float, wait: Wait | None) -> http.client.HTTPConnection:
    """A line to the server. An error here means that nothing was handed over."""
    parts = urlsplit(bot.base)
    host = parts.hostname or ""
    if parts.scheme == "https":
        secure = ssl.create_default_context()
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=CONNECTING, context=secure
        )
    else:
        line = http.client.HTTPConnection(host, parts.port, timeout=CONNECTING)
    try:
        line.connect()
    except (OSError, http.client.HTTPException) as error:
        line.close()
        raise ChannelError(_away(error)) from None
    line.sock.settimeout(seconds)
    if wait is not None:
        wait.closes(lambda: _cut(line))
    return line


def _away(error: Exception) -> str:
    """Why there is no line, in words."""
    if isinstance(error, ConnectionRefusedError):
        return kept("Telegram cannot be reached: the connection was refused.")
    if isinstance(error, TimeoutError):
        return kept("Telegram cannot be reached: there is no answer. Perhaps the network does not let it through.")
    if isinstance(error, socket.gaierror):
        return kept("Telegram cannot be reached: its name is not found. Perhaps there is no network.")
    if isinstance(error, ssl.SSLError):
        return kept("Telegram cannot be reached: its certificate is not trusted.")
    return kept("Telegram cannot be reached: %(why)s", why=type(error).__name__)


def _cut(line: http.client.HTTPConnection) -> None:
    """Wake whoever waits on this line."""
    with contextlib.suppress(OSError, AttributeError):
        line.sock.shutdown(socket.SHUT_RDWR)


def _broken(error: Exception) -> ChannelError:
    if isinstance(error, TimeoutError):
        return ChannelError(kept("Telegram did not answer in time."), doubtful=True)
    return ChannelError(kept("Telegram hung up before it answered."), doubtful=True)


def _result(status: int, said: bytes) -> Any:
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        words = kept("The Bot API answered something else than JSON (%(status)s).", status=status)
        raise ChannelError(words, doubtful=status >= 500)
    if answer.get("ok") is True:
        return answer.get("result")
    raise _refusal(int(answer.get("error_code") or status), answer)


def _refusal(code: int, answer: Mapping[str, Any]) -> ChannelError:
    """What the server's no means for us, in words."""
    why = " ".join(str(answer.get("description") or "").split())[:300]
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if code == 429 or after:
        pause = float(after) if isinstance(after, int | float) and 0 < after < 86400 else 30.0
        return ChannelError(kept("Telegram asks to wait %(n)s s.", n=int(pause)), pause=pause)
    if code in (401, 404):
        return ChannelError(kept("Telegram does not know this token. Take it from BotFather anew."), permanent=True)
    if code == 409:
        return ChannelError(kept("Another program asks for this bot's messages: %(why)s", why=why))
    if code == 403 or any(words in why for words in GONE):
        return Unreachable(_gone(why))
    if code >= 500:
        return ChannelError(kept("Telegram has a fault: %(why)s", why=why), doubtful=True)
    return ChannelError(kept("Telegram refused: %(why)s", why=why), permanent=True)


def _gone(why: str) -> str:
    if "blocked" in why:
        return kept("The client has blocked the bot. Call or write by another way.")
    if "deactivated" in why:
        return kept("The client's Telegram account is no more. Call or write by another way.")
    if "initiate" in why or "not found" in why:
        return kept("The client has not written to this bot, so the bot cannot write to them.")
    return kept("Telegram refused: %(why)s", why=why)


def _body(params: Mapping[str, Any], files: Sequence[tuple[str, OutFile]]) -> tuple[str, bytes]:
    """JSON, or a form in parts when files go along."""
    if not files:
        return "application/json", json.dumps(params, ensure_ascii=False).encode("utf-8", "replace")
    edge = f"----{secrets.token_hex(16)}"
    parts: list[bytes] = []
    for name, value in params.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        parts += [_head(edge, f'name="{name}"'), text.encode("utf-8", "replace"), b"\r\n"]
    for name, file in files:
        said = f'name="{name}"; filename="{_file_name(file.name)}"'
        kind = file.content_type if file.content_type.isascii() else ""
        parts += [_head(edge, said, kind or "application/octet-stream"), file.data, b"\r\n"]
    parts.append(f"--{edge}--\r\n".encode())
    return f"multipart/form-data; boundary={edge}", b"".join(parts)


def _head(edge: str, disposition: str, kind: str = "") -> bytes:
    lines = [f"--{edge}", f"Content-Disposition: form-data; {disposition}"]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _file_name(name: str) -> str:
    """A name that cannot end its own quotes or line."""
    return "".join("_" if c in '"\\' or not c.isprintable() else c for c in name) or "file"
