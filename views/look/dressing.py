"""What templates ask for beyond plain values: icons, static files, links, rights. All are Jinja globals."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request
from markupsafe import Markup

from app.wording import now, today
from models.ground.actor import current_actor


@lru_cache(maxsize=1024)
def _icon(sprite: str, name: str, cls: str) -> Markup:
    classes = f"ti {cls}".rstrip()
    return Markup(f'<svg class="{classes}" aria-hidden="true"><use href="{sprite}#ti-{name}"/></svg>')  # noqa: S704


def icon(name: str, cls: str = "") -> Markup:
    """An icon of app/static/icons.txt; cls: s small, l large, xl of an empty screen, or a colour."""
    return _icon(asset("vendor/icons.svg"), name, cls)


@lru_cache(maxsize=256)
def _asset(folder: str, base: str, name: str) -> str:
    file = Path(folder) / name
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:8] if file.exists() else "0"
    return f"{base}/{name}?v={mark}"


def asset(name: str) -> str:
    """Address of a static file; it changes with the content, so browsers may keep it for ever."""
    return _asset(current_app.static_folder or "", current_app.static_url_path or "", name)


def csrf() -> Markup:
    """The hidden field that every form which changes something carries."""
    token = current_app.jinja_env.globals.get("csrf_token")
    field = Markup('<input type="hidden" name="csrf_token" value="{}">')
    return field.format(token()) if token else Markup("")


def may(permission: str, view: str) -> bool:
    """Whether the person may do this, as in may('can_add', 'Deals'): what one may not do is not drawn."""
    return current_actor().may(permission, view)


def sees(field: str) -> bool:
    """Whether the person may see a field, as in sees('client.email')."""
    return current_actor().sees(field)


def here(**changes: Any) -> str:
    """This page's address with other parameters: here(page=2); None takes one away."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return request.path + (f"?{urlencode(pairs)}" if pairs else "")


# ── due moments ──────────────────────────────────────────────────────────────


def due_class(at: datetime | date) -> str:
    """bad = late, now = today, '' = later."""
    if isinstance(at, datetime):
        moment = at.astimezone(now().tzinfo) if at.tzinfo else at.replace(tzinfo=now().tzinfo)
        late, day = moment < now(), moment.date()
    else:
        late, day = at < today(), at
    return "bad" if late else "now" if day == today() else ""


def is_over(since: datetime, norm_days: float) -> bool:
    """Whether it has lasted longer than the norm."""
    return now() - since.astimezone(now().tzinfo) > timedelta(days=float(norm_days))


GLOBALS = (icon, asset, csrf, may, sees, here, due_class, is_over)


def init_app(app: Flask) -> None:
    """Give it to the templates, as globals: FAB renders its widgets without context processors."""
    app.jinja_env.globals.update({tool.__name__: tool for tool in GLOBALS})
