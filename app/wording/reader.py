"""Whom we speak to: the language and the time zone of the person at the page or of a letter's receiver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import has_app_context
from flask_babel import force_locale, get_locale

from models.ground.actor import current_actor

DEFAULT_ZONE = "Europe/Moscow"

_zone: ContextVar[str | None] = ContextVar("wording_zone", default=None)


@contextmanager
def speaking(language: str, zone: str) -> Iterator[None]:
    """Say things in this language and zone: a letter speaks to its receiver, not to whoever caused it."""
    token = _zone.set(zone)
    try:
        with force_locale(language):
            yield
    finally:
        _zone.reset(token)


def language() -> str:
    """Two letters of the language that the page or letter is in."""
    found = get_locale() if has_app_context() else None
    return found.language if found else "ru"


def zone() -> ZoneInfo:
    """The time zone of whoever reads."""
    named = _zone.get() or (current_actor().zone if has_app_context() else None)
    return _zone_of(named or DEFAULT_ZONE)


@lru_cache(maxsize=512)
def _zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)
