"""A browser as small as can be: one connection that is kept, cookies, and how long an answer takes."""

from __future__ import annotations

import http.client
import re
import time
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from app import sessions
from models.ground.actor import SYSTEM, acting_as
from models.staff import Person


class Browser:
    """Asks one server, over one connection."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = SimpleCookie(cookie)
        self.token = ""

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        sent = {"csrf_token": self.token, **form} if self.token else form
        return self._ask("POST", path, urlencode(sent))

    def read_token(self, path: str) -> None:
        """Forms ask for the token of a page."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get(path)[1])
        self.token = found[1] if found else ""

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The server let go of a connection that was idle; the warm requests take this upon them.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookies.load(value)
        if answer.status == 429:
            # Nobody types as fast as this; a median does not mind one wait.
            time.sleep(int(answer.getheader("Retry-After") or 1))
            return self._ask(method, path, body)
        return answer.status, text


def cookie_of(app: Flask, username: str) -> tuple[int, str]:
    """The person's id, and the cookie of a log-in; the log-in page's limit is left to those who try it."""
    client = app.test_client()
    with app.test_request_context(), acting_as(SYSTEM) as session:
        person = session.execute(select(Person).where(Person.username == username)).scalar_one()
        key = sessions.begin(person)
        session.commit()
        person_id = person.id
    with client.session_transaction() as kept:
        kept.update({sessions.KEY: key, "_user_id": str(person_id), "_fresh": True})
        kept.permanent = True
    name = app.config["SESSION_COOKIE_NAME"]
    found = client.get_cookie(name)
    return person_id, f"{name}={found.value if found else ''}"


def timed(ask: object, times: int, warm: int = 8) -> list[float]:
    """Milliseconds of each of so many answers, after some that are not counted."""
    found = []
    for place in range(warm + times):
        began = time.perf_counter()
        status = ask()  # type: ignore[operator]
        took = (time.perf_counter() - began) * 1000
        if status >= 400:
            raise SystemExit(f"an answer was {status}")
        if place >= warm:
            found.append(took)
    return found
