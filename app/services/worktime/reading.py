"""Hours of a day as people write them: «9–18», «9:00–13:00, 14:00–18:30», nothing for a day off."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from app.services.worktime.clockwork import DAY, Span
from models.ground.refused import Refused

ONE = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
MOST = 4


def spans_of(text: str, field: str) -> list[list[str]]:
    """The spans of one day, as they are kept: `[["09:00", "18:00"]]`. Raises Refused, which names the field."""
    parts = (part.strip() for part in re.split(r"[,;]", str(text or "")))
    found = [_span(part, field) for part in parts if part]
    if len(found) > MOST:
        raise Refused(_("A day has at most %(n)s spans of work.", n=MOST), field)
    found.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise Refused(_("These hours overlap: “%(typed)s”.", typed=text[:60]), field)
    return [[clock(begins), clock(ends)] for begins, ends in found]


def _span(text: str, field: str) -> Span:
    read = ONE.fullmatch(text)
    if read is None:
        raise Refused(_("Write hours as 9:00–18:00, “%(typed)s” is not understood.", typed=text[:60]), field)
    hours = [int(part or 0) for part in read.groups()]
    begins, ends = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or not begins < ends <= DAY:
        raise Refused(_("“%(typed)s” does not end after it begins.", typed=text[:60]), field)
    return begins, ends


def clock(minute: int) -> str:
    """09:00; the end of the day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minutes(text: str) -> int:
    """The minute of the day of what `clock` wrote."""
    hours, _colon, rest = text.partition(":")
    return int(hours) * 60 + int(rest)


def week_of(kept: Mapping[str, Any]) -> dict[int, tuple[Span, ...]]:
    """A stored week as spans of minutes."""
    return {
        int(day): tuple((minutes(begins), minutes(ends)) for begins, ends in spans) for day, spans in kept.items()
    }


def written(spans: Sequence[Sequence[str]]) -> str:
    """The spans of a day as a box shows them: 9:00–18:00."""
    return ", ".join("–".join(one.removeprefix("0") for one in span) for span in spans)
