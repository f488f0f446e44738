"""A channel with a real mailbox, the post that brings letters to it, and what people do with them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from app.channels import email
from app.channels.email import line
from app.channels.inbound import Wait
from app.jobs import ears
from app.sealed import opened, seal
from models.channels import Channel
from tests.mailbox import PASSWORD, USER, Mailbox, letter, mailbox
from tests.talks import System

PDF = b"%PDF-1.7 drawing"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found
    line.hang_up()


def mail_channel(session: Any, box: Mailbox, **settings: Any) -> Channel:
    """A channel of the mailbox; it sends by SMTP_URL."""
    known = {name: value for name, value in box.settings().items() if name not in ("password", "env")}
    channel = Channel(
        kind="email", name="Почта", token="hook-of-the-mailbox", source="email", settings=known | settings,
        secrets=seal({"password": PASSWORD}), cursor={},
    )  # fmt: skip
    session.add(channel)
    session.flush()
    return channel


@pytest.fixture
def channel(system: System, box: Mailbox, smtp: Any) -> int:
    """The channel, and where its mailbox stands is known already."""
    with system() as session:
        found = mail_channel(session, box).id
    asked(system, found)
    return found


def asked(system: System, channel_id: int) -> int:
    """One question of the ears, in this process; how many letters came."""
    with system() as session:
        found = session.get(Channel, channel_id)
        settings, cursor = opened(found), dict(found.cursor)
    pulled = email.pull(settings, cursor, Wait(0, threading.Event()))
    with system() as session:
        ears.keep(session, channel_id, pulled)
    return len(pulled.bodies)


@pytest.fixture
def post(system: System, box: Mailbox, channel: int, worker: Callable[[], None]) -> Callable[..., None]:
    """The post brings letters; the ears hear of them; the worker does what there is."""

    def bring(*letters: EmailMessage | bytes) -> None:
        for one in letters:
            box.put(one)
        asked(system, channel)
        worker()

    return bring


def say(browser: Any, place: str, words: str, **more: Any) -> Any:
    body = {"words": words, **more}
    return browser.post(
        f"/conversations/{place}/say", data=body, content_type="multipart/form-data", headers={"HX-Request": "true"}
    )


def answer(sent: EmailMessage, words: str, **headers: str) -> EmailMessage:
    """The client answers a letter of ours, as mail programs do."""
    usual = {
        "Subject": f"Re: {sent['Subject']}", "In_Reply_To": sent["Message-ID"],
        "References": f"{sent.get('References', '')} {sent['Message-ID']}".strip(),
    }  # fmt: skip
    quoted = f"{words}\n\nпт, 14 окт. 2026 г. в 16:20, Парус <{USER}>:\n> Добрый день!\n"
    return letter(quoted, **(usual | headers))


class hangs_up_after_data:  # noqa: N801
    """A mail server that takes the whole letter and is gone before it says yes."""

    def __enter__(self) -> int:
        self.door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return int(self.door.getsockname()[1])

    def __exit__(self, *_error: object) -> None:
        self.door.close()

    def serve(self) -> None:
        line, _address = self.door.accept()
        with line, line.makefile("rwb") as talk:
            talk.write(b"220 x\r\n")
            talk.flush()
            for said in talk:
                if said.upper().startswith(b"DATA"):
                    talk.write(b"354 go\r\n")
                    talk.flush()
                    while talk.readline() != b".\r\n":
                        pass
                    return
                talk.write(b"250 x\r\n")
                talk.flush()
