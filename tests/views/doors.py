"""Every door of the application: its addresses, the names in its forms, and how one is knocked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
NAMES = re.compile(r'\bname="([^"]{1,60})"')
# What nobody may read on a page: traces, SQL, the insides.
INSIDES = re.compile(r"Traceback \(most|psycopg|sqlalchemy\.|File \"/|SELECT .{1,200} FROM |werkzeug\.", re.DOTALL)
# What takes rows away comes last, or nothing would be left to try.
ENDING = re.compile(r"delete|withdraw|cancel|reject|put-away|trash")
# Signing out in the middle would leave nothing to try; these two have tests of their own.
LEAVING = ("/logout/", "/me/end-sessions", "/api/v1/security/logout", "/people/end-sessions/", "/people/off/")


@dataclass(frozen=True)
class Door:
    """An address with one method; `holes` are the names of what varies in it."""

    rule: str
    method: str
    holes: tuple[str, ...]

    def address(self, fillings: dict[str, str]) -> str:
        """The address with its holes filled."""
        return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda hole: fillings[hole[1]], self.rule)


def doors(app: Flask, *methods: str) -> list[Door]:
    """All doors with these methods, in order."""
    found = [
        Door(rule.rule, method, tuple(sorted(rule.arguments)))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & set(methods)
        if not rule.endpoint.endswith("static") and not rule.rule.startswith(LEAVING)
    ]
    return sorted(found, key=lambda door: (bool(ENDING.search(door.rule)), door.rule, door.method))


def taking_turns(found: list[Any], inputs: Iterable[str], name: str) -> list[Any]:
    """Every third door or body: with the next input it is the turn of the others, so that each meets a third of all inputs."""
    turn = list(inputs).index(name)
    return found[turn % 3 :: 3]


def names_in_forms(browser: FlaskClient, app: Flask, known: dict[str, str]) -> set[str]:
    """The names of all boxes on all pages that this person may open."""
    found: set[str] = set()
    for door in doors(app, "GET"):
        for asked in ({}, {"deal": known["number"]}):
            found |= set(NAMES.findall(browser.get(door.address(known), query_string=asked).text))
    # The table of plans has a box for each month of each person: those of January are enough.
    return {name for name in found if not re.search(r"csrf|viewport|htmx|theme-color|20\d\d-(?!01)", name)}


def form(said: dict[str, str]) -> dict[str, Any]:
    """What a browser would send, halves of characters included, which no browser sends."""
    pairs = (f"{quote(name, safe='')}={quote(text, safe='', errors='surrogatepass')}" for name, text in said.items())
    return {"data": "&".join(pairs), "content_type": "application/x-www-form-urlencoded"}


def check(answer: Any, door: Door) -> None:
    """No fault of ours, and none of our insides."""
    said = f"{door.method} {door.rule} -> {answer.status_code}"
    assert answer.status_code < 500, said
    text = answer.get_data(as_text=True)
    found = INSIDES.search(text)
    assert not found, f"{said}: {found and found[0]}"
    if answer.status_code >= 400 and not answer.is_json and door.method != "HEAD":
        assert text.strip() or "HX-Trigger" in answer.headers or "HX-Redirect" in answer.headers, f"{said}: no words"


def rows(session: Any, models: tuple[type, ...]) -> Iterator[int]:
    """How many rows there are of each, the trash included."""
    for model in models:
        counted = select(func.count()).select_from(model).execution_options(with_deleted=True)
        yield session.execute(counted).scalar()
