"""How long something lasts, has lasted, or may still last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask_babel import ngettext as _n

from app.wording.days import local
from app.wording.numbers import DASH, MINUS, NBSP


def duration(value: timedelta | int | float | None) -> str:
    """42 мин, 3 ч, 2 дн: one unit, rounded down, from a time span or seconds."""
    if value is None:
        return DASH
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    minutes = int(abs(seconds) // 60)
    if minutes < 60:
        said = _n("%(num)s min", "%(num)s min", minutes)
    elif minutes < 24 * 60:
        said = _n("%(num)s h", "%(num)s h", minutes // 60)
    else:
        said = _n("%(num)s d", "%(num)s d", minutes // (24 * 60))
    return (MINUS if seconds <= -60 else "") + said.replace(" ", NBSP)


def ago(value: datetime | None) -> str:
    """How long it has lasted since that moment: 42 мин, 3 ч, 2 дн; a minute at least, nobody says that 0 went by."""
    if value is None:
        return DASH
    return duration(max(datetime.now(UTC) - local(value), timedelta(minutes=1)))


def countdown(until: datetime | None) -> str:
    """13:05 left, or −6:40 over; from an hour on it is said in words."""
    if until is None:
        return DASH
    seconds = int((local(until) - datetime.now(UTC)).total_seconds())
    if abs(seconds) >= 3600:
        return duration(seconds)
    minutes, rest = divmod(abs(seconds), 60)
    return f"{MINUS if seconds < 0 else ''}{minutes}:{rest:02}"
