"""Days and moments, said as people say them and in the reader's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache

from babel import Locale
from flask_babel import gettext as _

from app.wording.numbers import DASH, NBSP
from app.wording.reader import language, zone

Moment = datetime | date


def now() -> datetime:
    """This moment in the reader's zone."""
    return datetime.now(zone())


def today() -> date:
    """The reader's date."""
    return now().date()


def local(value: datetime) -> datetime:
    """The moment in the reader's zone; a naive one is taken as UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(zone())


def day(value: Moment | None) -> str:
    """сегодня, завтра, вчера, пт (the next six days), 24 октября, 24 октября 2024."""
    return _day(_date_of(value), today()) if value else DASH


def _day(that: date, now_on: date) -> str:
    apart = (that - now_on).days
    if abs(apart) <= 1:
        # One lookup and not three: a board says 180 days.
        return _("today") if apart == 0 else _("tomorrow") if apart == 1 else _("yesterday")
    names = _names(language())
    if 1 < apart < 7:
        return names.weekdays[that.weekday()]
    year = "" if that.year == now_on.year else f"{NBSP}{that.year}"
    return f"{that.day}{NBSP}{names.months[that.month]}{year}"


def moment(value: datetime | None) -> str:
    """сегодня 11:30, вчера 17:00, пт, 9:30, 10 октября, 12:40."""
    if value is None:
        return DASH
    here, now_on = local(value), today()
    near = abs((here.date() - now_on).days) <= 1
    comma = " " if near or language() == "en" else ", "
    return f"{_day(here.date(), now_on)}{comma}{here.hour}:{here.minute:02}"


def clock(value: datetime | None) -> str:
    """9:05."""
    if value is None:
        return DASH
    here = local(value)
    return f"{here.hour}:{here.minute:02}"


def dots(value: Moment | None) -> str:
    """16.10.2025: in forms, on papers and in exact columns, in both languages."""
    return f"{_date_of(value):%d.%m.%Y}" if value else DASH


def stamp(value: datetime | None) -> str:
    """16.10.2025, 11:30: the exact moment, for hints and histories."""
    if value is None:
        return DASH
    here = local(value)
    return f"{here:%d.%m.%Y}, {here.hour}:{here.minute:02}"


def weekday(value: Moment | None) -> str:
    """четверг, 16 октября: under a page's title."""
    if value is None:
        return DASH
    that = _date_of(value)
    names = _names(language())
    return f"{names.long_weekdays[that.weekday()]}, {that.day}{NBSP}{names.months[that.month]}"


def month(value: Moment | None) -> str:
    """октябрь 2025: heads of columns and of charts."""
    if value is None:
        return DASH
    that = _date_of(value)
    return f"{_names(language()).standing_months[that.month]}{NBSP}{that.year}"


def _date_of(value: Moment) -> date:
    return local(value).date() if isinstance(value, datetime) else value


class _Names:
    """Names of days and months in one language, as Unicode's tables have them."""

    def __init__(self, code: str) -> None:
        locale = Locale.parse(code)
        width = "wide" if code == "ru" else "abbreviated"
        self.months = locale.months["format"][width]
        self.standing_months = locale.months["stand-alone"]["wide"]
        self.weekdays = locale.days["format"]["abbreviated"]
        self.long_weekdays = locale.days["format"]["wide"]


@lru_cache(maxsize=4)
def _names(code: str) -> _Names:
    return _Names(code)
