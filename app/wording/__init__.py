"""How values are said to a person; each is also a filter of the templates: {{ deal.amount|money }}."""

from __future__ import annotations

from flask import Flask

from app.wording.days import clock, day, dots, local, moment, month, now, stamp, today, weekday
from app.wording.kept import kept, told
from app.wording.numbers import DASH, MINUS, NBSP, filesize, money, number, percent, short_money
from app.wording.people import initials, phone
from app.wording.reader import language, speaking, zone
from app.wording.spans import ago, countdown, duration

__all__ = [
    "DASH", "MINUS", "NBSP", "ago", "clock", "countdown", "day", "dots", "duration", "filesize", "init_app",
    "initials", "kept", "language", "local", "moment", "money", "month", "now", "number", "percent", "phone",
    "short_money", "speaking", "stamp", "today", "told", "weekday", "zone",
]  # fmt: skip

FILTERS = (
    ago, clock, countdown, day, dots, duration, filesize, initials, moment, money, month, number, percent,
    phone, short_money, stamp, told, weekday,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Register the filters and the clock of the templates."""
    app.jinja_env.filters.update({said.__name__: said for said in FILTERS})
    app.jinja_env.globals.update(now=now, today=today)
