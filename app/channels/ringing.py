"""What exchanges say in different words: numbers without a plus, moments in seconds or as text."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from app.channels.bodies import clean

# The end of a call comes after all its steps, whatever their numbers.
BIGGEST_SEQ = 1_000_000
DEFAULT_ZONE = "Europe/Moscow"
FIRST_YEAR, LAST_YEAR = 2000, 2100


def as_phone(value: Any) -> str:
    """«79161234567» and «sip:79161234567@host» are +79161234567; a short or hidden number stays as it is."""
    text = clean(value or "", 120).removeprefix("sip:").partition("@")[0]
    digits = re.sub(r"\D", "", text) if text.isascii() else ""
    if len(digits) in range(11, 16) and re.fullmatch(r"\+?[\d ()-]+", text):
        return f"+7{digits[1:]}" if len(digits) == 11 and digits[0] in "78" else f"+{digits}"
    return text[:40]


def moment_of(value: Any, zone: str = DEFAULT_ZONE) -> dt.datetime | None:
    """A moment out of seconds since 1970 or of «2026-11-23 11:00:00»; None when it tells none."""
    try:
        if isinstance(value, int | float) or str(value or "").isdigit():
            at = dt.datetime.fromtimestamp(float(value), dt.UTC) if float(value) > 0 else None
        else:
            at = dt.datetime.fromisoformat(str(value or ""))
            at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
            at = at.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError, KeyError):
        return None
    return at if at and FIRST_YEAR <= at.year <= LAST_YEAR else None
