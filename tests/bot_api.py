"""A Bot API server on loopback: it checks every request by the types of an independent library, and gives out updates."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.sealed import seal
from models.channels import Channel

VECTORS = json.loads((Path(__file__).parent / "vectors" / "telegram_updates.json").read_text("utf-8"))
BOT_TOKEN = "777000111:AAtestsTESTStestsTESTStestsTESTStests"
WORD = VECTORS["headers"]["X-Telegram-Bot-Api-Secret-Token"]
HEADER = "X-Telegram-Bot-Api-Secret-Token"
CLIENT, CHAT = 444555666, "444555666"


@dataclass
class Said:
    """A request that a bot made."""

    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass
class BotApi:
    """What the server was told, what it will answer, and the updates that wait to be asked for."""

    url: str = ""
    said: list[Said] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    bell: threading.Condition = field(default_factory=threading.Condition)
    is_over: bool = False
    hold: Callable[[str], None] = lambda _method: None
    number: int = 9000

    def of(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of a method."""
        return [one.params for one in self.said if one.method == method]

    def texts(self) -> list[str]:
        """What was sent as text, in order."""
        return [params["text"] for params in self.of("sendMessage")]

    def push(self, *updates: dict[str, Any]) -> None:
        """Something came for the bot."""
        with self.bell:
            self.updates += updates
            self.bell.notify_all()

    def refuse(self, code: int, why: str, **parameters: Any) -> None:
        """The next call, other than asking, is answered with a no."""
        self.answers.append({"ok": False, "error_code": code, "description": why, "parameters": parameters})

    def hang_up(self) -> None:
        """The next call is taken and never answered."""
        self.answers.append(None)

    # ── what the server does ────────────────────────────────────────────────

    def answer(self, said: Said) -> Any:
        """The result of a call; None hangs up."""
        check(said, self.faults)
        with self.bell:
            self.said.append(said)
        self.hold(said.method)
        if said.method != "getUpdates" and self.answers:
            return self.answers.pop(0)
        return {"ok": True, "result": getattr(self, f"do_{said.method}", self.do_send)(said.params)}

    def do_getMe(self, _params: Any) -> Any:  # noqa: N802
        return {"id": 777000111, "is_bot": True, "first_name": "Окна", "username": "okna_crm_bot"}

    def do_setWebhook(self, params: Any) -> Any:  # noqa: N802
        self.webhook = params
        return True

    def do_deleteWebhook(self, _params: Any) -> Any:  # noqa: N802
        self.webhook = {}
        return True

    def do_getWebhookInfo(self, _params: Any) -> Any:  # noqa: N802
        return {"url": self.webhook.get("url", ""), "pending_update_count": len(self.updates)}

    def do_answerCallbackQuery(self, _params: Any) -> Any:  # noqa: N802
        return True

    def do_getFile(self, params: Any) -> Any:  # noqa: N802
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_path": f"documents/{params['file_id']}"}

    def do_getUpdates(self, params: Any) -> Any:  # noqa: N802
        until = time.monotonic() + params.get("timeout", 0)
        with self.bell:
            if "offset" in params:
                self.updates = [one for one in self.updates if one["update_id"] >= params["offset"]]
            while not self.updates and not self.is_over and time.monotonic() < until:
                self.bell.wait(0.05)
            return self.updates[: params.get("limit", 100)]

    def do_send(self, params: Any) -> Any:
        self.number += 1
        chat = {"id": params.get("chat_id"), "type": "private"}
        return {"message_id": self.number, "date": int(time.time()), "chat": chat, "text": params.get("text", "")}


def check(said: Said, faults: list[str]) -> None:
    """The request must be one that aiogram's types take, with no field that they do not know."""
    from aiogram import methods
    from aiogram.types import BufferedInputFile

    kind = getattr(methods, said.method[0].upper() + said.method[1:], None)
    if kind is None:
        faults.append(f"there is no method {said.method}")
        return
    given: dict[str, Any] = said.params | {
        name: BufferedInputFile(data, filename=file) for name, (file, data) in said.files.items()
    }
    strange = set(given) - set(kind.model_fields)
    if strange:
        faults.append(f"{said.method} does not know {sorted(strange)}")
    try:
        kind.model_validate(given)
    except ValueError as error:
        faults.append(f"{said.method}: {error}")


class Door(BaseHTTPRequestHandler):
    """HTTP of the server."""

    protocol_version = "HTTP/1.1"
    api: BotApi

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        _empty, bot, method = self.path.split("/", 2)
        if bot != f"bot{BOT_TOKEN}":
            return self.give(404, {"ok": False, "error_code": 404, "description": "Not Found"})
        answer = self.api.answer(said_of(method, self.headers.get("Content-Type", ""), body))
        if answer is None:
            self.close_connection = True
            return None
        return self.give(answer.get("error_code", 200), answer)

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        data = self.api.stored.get(name)
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def give(self, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        with contextlib.suppress(OSError):
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Nothing is written to the screen."""


def said_of(method: str, kind: str, body: bytes) -> Said:
    """A request as the server understood it: JSON, or a form in parts with files."""
    if not kind.startswith("multipart/"):
        return Said(method, json.loads(body or b"{}"))
    whole = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    said = Said(method, {})
    for part in whole.iter_parts():
        name, file = part.get_param("name", header="content-disposition"), part.get_filename()
        data = part.get_payload(decode=True) or b""
        if file is None:
            said.params[str(name)] = loose(data.decode())
        else:
            said.files[str(name)] = (file, data)
    return said


def loose(text: str) -> Any:
    """A value of a form: JSON where it is, else a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    """The server, running; at the end every request must have been one of the Bot API."""
    api = BotApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnDoor", (Door,), {"api": api}))
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield api
    api.is_over = True
    server.shutdown()
    server.server_close()
    assert api.faults == []


def bot_channel(session: Any, api: BotApi | None, **values: Any) -> Channel:
    """A channel of the test bot; with an `api` it speaks to that server."""
    settings = {"mode": "webhook", "greeting": [], "ask_phone": False, "api": api.url if api else "http://127.0.0.1:9"}
    usual: dict[str, Any] = {"kind": "telegram", "name": "Бот", "token": "hook-of-the-bot", "source": "telegram"}
    secrets = seal({"token": BOT_TOKEN, "hook_secret": WORD})
    channel = Channel(**usual | {"settings": settings | values.pop("settings", {}), "secrets": secrets} | values)
    session.add(channel)
    session.commit()
    return channel


def update(number: int, text: str | None = "Здравствуйте!", **more: Any) -> dict[str, Any]:
    """A message of the client to the bot, as Telegram sends it; `at` shifts its time."""
    who = {"id": more.pop("who", CLIENT), "is_bot": False, "first_name": "Сергей", "last_name": "Петров"}
    who |= {"username": more.pop("username", "petrov_s")}
    chat = {"id": who["id"], "type": "private", "first_name": "Сергей"}
    key, at = more.pop("key", number), int(time.time()) + more.pop("at", 0)
    kind = more.pop("kind", "message")
    message = {"message_id": key, "from": who, "chat": chat, "date": at} | more
    if text is not None:
        message["text"] = text
    return {"update_id": number, kind: message}
