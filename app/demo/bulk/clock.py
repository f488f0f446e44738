"""Moments as whole minutes since 1970 in UTC, and the text by which COPY takes them."""

from __future__ import annotations

import datetime as dt

DAY = 24 * 60
EPOCH = dt.date(1970, 1, 1)
# Texts are put together of two halves made once: a million moments are formatted otherwise for seconds.
DAYS = {day: str(EPOCH + dt.timedelta(days=day)) for day in range(14_000, 40_000)}
CLOCK = [f" {minute // 60:02}:{minute % 60:02}:00+00" for minute in range(DAY)]


def minutes(moment: dt.datetime) -> int:
    """Whole minutes since 1970 of an aware moment."""
    return int(moment.timestamp()) // 60


def moment(minute: int) -> str:
    """«2025-10-16 11:30:00+00»."""
    return DAYS[minute // DAY] + CLOCK[minute % DAY]


def date(minute: int) -> str:
    """«2025-10-16»."""
    return DAYS[minute // DAY]
