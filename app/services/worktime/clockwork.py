"""Working time as arithmetic: hours of a week, days that differ, and moments counted along them; no database."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

# (begins, ends) in minutes of the day; 24:00 is 1440.
Span = tuple[int, int]
DAY = 24 * 60
# A day shortened before a holiday ends an hour earlier (Labour Code of Russia, article 95).
SHORTER = 60
# Longer than the longest holidays: whoever never works is not waited for.
FARTHEST = 400
ALWAYS: Mapping[int, tuple[Span, ...]] = dict.fromkeys(range(7), ((0, DAY),))


@dataclass(frozen=True)
class Clockwork:
    """The hours of somebody: by weekday from Monday 0, and the days that are not like their weekday."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Span, ...]]
    off: frozenset[dt.date] = frozenset()
    short: frozenset[dt.date] = frozenset()
    working: frozenset[dt.date] = frozenset()
    _usual: tuple[Span, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        # A Saturday that is worked has the hours of the first day of the week that has any.
        usual = next((self.week[day] for day in range(7) if self.week.get(day)), ())
        object.__setattr__(self, "_usual", usual)

    def spans(self, day: dt.date) -> tuple[Span, ...]:
        """When this day is worked, in minutes from its midnight."""
        if day in self.off:
            return ()
        spans = self.week.get(day.weekday(), ())
        if day in self.working:
            spans = spans or self._usual
        return _shortened(spans) if day in self.short else spans

    def is_open(self, at: dt.datetime) -> bool:
        """Whether that moment is worked."""
        here = at.astimezone(self.zone)
        minute = here.hour * 60 + here.minute
        return any(begins <= minute < ends for begins, ends in self.spans(here.date()))

    def next_open(self, at: dt.datetime) -> dt.datetime:
        """That moment if it is worked, else the next one that is; itself where nothing ever is."""
        return next((max(begins, at) for begins, _ends in self.hours(at)), at)

    def after(self, start: dt.datetime, minutes: float) -> dt.datetime:
        """The moment when so many working minutes have passed since `start`, in UTC.

        Where nothing is ever worked it is plain time, so that nothing waits for ever.
        """
        left = dt.timedelta(minutes=minutes)
        for begins, ends in self.hours(start):
            first = max(begins, start)
            if first + left <= ends:
                return first + left
            left -= ends - first
        return start.astimezone(dt.UTC) + left

    def between(self, first: dt.datetime, last: dt.datetime) -> float:
        """The working minutes from one moment to a later one; below zero when it is the earlier one."""
        if last < first:
            return -self.between(last, first)
        passed = dt.timedelta()
        for begins, ends in self.hours(first):
            if begins >= last:
                break
            passed += min(ends, last) - max(begins, first)
        return passed.total_seconds() / 60

    def hours(self, since: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """The worked spans that end after `since`, in order and in UTC."""
        first = since.astimezone(self.zone).date()
        for number in range(FARTHEST):
            for span in self.spans(first + dt.timedelta(days=number)):
                begins, ends = (self._moment(first + dt.timedelta(days=number), minute) for minute in span)
                if ends > since:
                    yield begins, ends

    def _moment(self, day: dt.date, minute: int) -> dt.datetime:
        """A minute of a day on the wall's clock; 24:00 is the next midnight."""
        day, minute = day + dt.timedelta(days=minute // DAY), minute % DAY
        there = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), self.zone)
        return there.astimezone(dt.UTC)


def _shortened(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if not spans:
        return ()
    begins, ends = spans[-1]
    last = max(begins, ends - SHORTER)
    return (*spans[:-1], (begins, last)) if last > begins else spans[:-1]
