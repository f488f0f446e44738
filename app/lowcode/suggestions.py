"""What is offered for a field that a stage asks for: one tap instead of typing."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import ngettext as _n

from app.wording import day, dots

# The days off that fall on the same date every year (ТК РФ, 112); moved ones are not known beforehand.
DAYS_OFF = {(1, d) for d in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
MAKING = (14, 21)


@dataclass(frozen=True)
class Suggestion:
    """A value as the field takes it, the words of its chip, and the words the field then shows."""

    value: str
    words: str
    text: str = ""


def working_days(start: dt.date, count: int) -> dt.date:
    """The day after so many working days, Saturdays and Sundays and fixed holidays left out."""
    day_at = start
    while count:
        day_at += dt.timedelta(days=1)
        if day_at.weekday() < 5 and (day_at.month, day_at.day) not in DAYS_OFF:
            count -= 1
    return day_at


def production(today: dt.date) -> Sequence[Suggestion]:
    """When it can be made: so many working days from today."""
    found = []
    for count in MAKING:
        at = working_days(today, count)
        words = _n("%(num)s working day — %(day)s", "%(num)s working days — %(day)s", count, day=day(at))
        found.append(Suggestion(dots(at), words))
    return found
