"""The frame of every page: the menu with its counters, the theme, toasts, words for the scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Response, current_app, flash, g, get_flashed_messages, redirect, request, session
from markupsafe import Markup

from app.wording import language, today, zone
from models.ground.actor import Actor, current_actor
from reports.counters import frame_facts
from views.look import conditions, controls, dressing, listing
from views.look.words import script_words
from views.places import SHOWN, address_of, creatable, entries

THEMES = ("light", "dark", "auto")
KINDS = {"success": "ok", "info": "ok", "message": "ok", "warning": "warn", "danger": "bad", "error": "bad"}


@dataclass
class Shell:
    """Everything base.html draws around a page."""

    language: str
    theme: str
    shown_theme: str
    workspace: str
    person: Any
    post: str = ""
    login_url: str = "/login/"
    logout_url: str = "/logout/"
    settings_url: str = ""
    notices_url: str = ""
    menu: list[dict[str, Any]] = field(default_factory=list)
    more: list[dict[str, Any]] = field(default_factory=list)
    create: list[dict[str, Any]] = field(default_factory=list)
    unread: int = 0


def shell() -> Shell:
    """The frame for whoever reads this page; made once a request."""
    if "shell" not in g:
        g.shell = _make()
    return g.shell


def _make() -> Shell:
    user = getattr(g, "user", None)
    person = user if user is not None and getattr(user, "is_authenticated", False) else None
    theme, shown = _theme(person.theme if person else "auto")
    frame = Shell(language(), theme, shown, current_app.config["APP_NAME"], person)
    if person:
        _furnish(frame, current_actor())
    return frame


def _furnish(frame: Shell, actor: Actor) -> None:
    """Menu, counters and names for somebody who is signed in."""
    facts = frame_facts(actor, datetime.combine(today() + timedelta(days=1), time(), zone()))
    found = entries(actor)
    for entry in found:
        entry["count"] = facts.counts.get(entry["key"])
        entry["hot"] = entry["key"] in facts.late
    frame.menu, frame.more = found[:SHOWN], found[SHOWN:]
    frame.create = creatable(actor)
    frame.unread = facts.unread
    frame.workspace = facts.brand or frame.workspace
    frame.post = frame.person.post or facts.role_names.get(frame.language, "")
    frame.settings_url = address_of("Me.show")
    frame.notices_url = address_of("Notices.list")


def counters() -> str:
    """The menu's counters and whether something there is late, for a page that brings them up to date."""
    frame = shell()
    found = {one["key"]: [one["count"], one["hot"]] for one in frame.menu + frame.more if one["count"] is not None}
    return json.dumps(found)


def _theme(own: str) -> tuple[str, str]:
    """The theme chosen in this browser, or one's own, and the one to draw: "auto.dark" says what auto was."""
    chosen, _dot, seen = request.cookies.get("theme", own).partition(".")
    if chosen not in THEMES:
        chosen = "auto"
    shown = chosen if chosen != "auto" else seen
    return chosen, shown if shown in ("light", "dark") else "light"


# ── toasts ───────────────────────────────────────────────────────────────────


def say(words: Any, undo: str = "", kind: str = "ok") -> None:
    """Tell the person in a toast, after this page or the next one. `undo` is an address that is POSTed to.

    kind: ok, warn or bad; a bad one stays until it is closed.
    """
    flash({"words": str(words), "undo": undo}, kind)


def _send_toasts(response: Response) -> Response:
    """A fragment that htmx asked for draws no toasts: they travel in a header instead."""
    leaves = {"HX-Redirect", "HX-Refresh", "HX-Location", "Location"} & set(response.headers.keys())
    if request.headers.get("HX-Request") and not leaves and session.get("_flashes"):
        toasts = [_toast(kind, said) for kind, said in get_flashed_messages(with_categories=True)]
        events = json.loads(response.headers.get("HX-Trigger", "{}"))
        response.headers["HX-Trigger"] = json.dumps({"v:toast": {"toasts": toasts}} | events)
    return response


def settled(address: str) -> Any:
    """Where a change leads: a page that keeps itself fresh (app/static/js/live.js) stays, any other is `address`."""
    if not request.headers.get("HX-Request"):
        return redirect(address)
    if request.headers.get("X-Live"):
        return Response("", 200, {"HX-Trigger": json.dumps({"v:changed": {}})})
    return Response("", 200, {"HX-Redirect": address})


def _toast(kind: str, said: Any) -> dict[str, str]:
    """FAB flashes plain strings under Bootstrap's names, we flash words with an undo."""
    known = said if isinstance(said, dict) else {"words": str(said), "undo": ""}
    return {"kind": KINDS.get(kind, kind), "words": known["words"], "undo": known["undo"]}


def toasts() -> list[dict[str, str]]:
    """What was said since the last page."""
    return [_toast(kind, said) for kind, said in get_flashed_messages(with_categories=True)]


@lru_cache(maxsize=8)
def _words_of(code: str) -> Markup:
    """As JSON that may stand inside a <script> of data."""
    return Markup(json.dumps(script_words(), ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def words() -> Markup:
    """What the scripts say, in the reader's language: no text stands in the scripts themselves."""
    return _words_of(language())


def init_app(app: Flask) -> None:
    """Give the frame and the small tools to the templates, and toasts to fragments."""
    for part in (dressing, controls, listing, conditions):
        part.init_app(app)
    app.jinja_env.globals.update(shell=shell, toasts=toasts, script_words=words)
    app.after_request(_send_toasts)
