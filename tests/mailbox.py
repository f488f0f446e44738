"""A real mailbox on loopback: an IMAP server in a process of its own, into which letters are put as the post does."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Any

USER, PASSWORD = "crm@parus.test", "mailbox-of-the-tests"
SERVER = "from pymap.main import main; main()"


@dataclass
class Mailbox:
    """The server and what stands in a channel's settings to reach it."""

    port: int
    process: subprocess.Popen[bytes] = field(repr=False)

    def settings(self, **more: Any) -> dict[str, Any]:
        known = {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD, "security": "none"}
        return known | {"address": USER, "folder": "INBOX", "after": "leave", "env": {}} | more

    def line(self) -> imaplib.IMAP4:
        """A mail program of our own, logged in."""
        line = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        line.login(USER, PASSWORD)
        return line

    def put(self, letter: EmailMessage | bytes, folder: str = "INBOX") -> None:
        """The post brings a letter."""
        data = letter if isinstance(letter, bytes) else letter.as_bytes()
        line = self.line()
        try:
            status, said = line.append(folder, "", imaplib.Time2Internaldate(time.time()), data)
            assert status == "OK", said
        finally:
            line.logout()

    def flags(self, folder: str = "INBOX") -> list[str]:
        """The marks of the letters, in their order."""
        line = self.line()
        try:
            line.select(folder, readonly=True)
            _status, said = line.fetch("1:*", "(FLAGS)")
            return [str(one) for one in said if one]
        finally:
            line.logout()

    def anew(self) -> None:
        """The folder is made again, with the same letters: the server counts anew."""
        line = self.line()
        try:
            line.select("INBOX", readonly=True)
            _status, said = line.fetch("1:*", "(BODY.PEEK[])")
            bodies = [one[1] for one in said if isinstance(one, tuple)]
            line.unselect() if "UNSELECT" in line.capabilities else line.close()
            line.rename("INBOX", f"Old{time.time_ns()}")
            for body in bodies:
                line.append("INBOX", "", imaplib.Time2Internaldate(time.time()), body)
        finally:
            line.logout()

    def kill(self) -> None:
        """The server is gone in the middle of whatever it did."""
        self.process.kill()
        self.process.wait(10)


@contextlib.contextmanager
def mailbox(*more: str) -> Iterator[Mailbox]:
    """A fresh server with one empty mailbox."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    served = ["--no-service", "admin", "--no-service", "managesieve", "--host", "127.0.0.1", "--port", str(port)]
    users = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    command = [sys.executable, "-c", SERVER, *served, *(more or ("--no-tls",)), *users]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_open(port, process)
        yield Mailbox(port, process)
    finally:
        process.kill()
        process.wait(10)


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _try in range(200):
        assert process.poll() is None, "the mail server did not start"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the mail server does not listen")


def letter(words: str = "Сколько стоит остеклить балкон?", **headers: str) -> EmailMessage:
    """A letter of a client."""
    made = EmailMessage(policy=SMTP)
    usual = {
        "From": "Ирина Соколова <irina@client.test>", "To": USER, "Subject": "Балкон", "Date": formatdate(),
        "Message-ID": make_msgid(domain="client.test"),
    }  # fmt: skip
    for name, value in (usual | {name.replace("_", "-"): text for name, text in headers.items()}).items():
        if value:
            made[name] = value
    made.set_content(words)
    return made
