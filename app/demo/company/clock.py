"""Days and hours of the demo company, counted from the moment of loading."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Moscow")
A_LITTLE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Clock:
    """`now` is the moment of loading."""

    now: dt.datetime

    @property
    def today(self) -> dt.date:
        """The company's date."""
        return self.now.astimezone(ZONE).date()

    def at(self, days: int, time: str) -> dt.datetime:
        """A time of the day so many days from today: at(-1, "17:00")."""
        hour, _colon, minute = time.partition(":")
        return dt.datetime.combine(
            self.today + dt.timedelta(days=days), dt.time(int(hour), int(minute)), ZONE
        )

    def was(self, days: int, time: str) -> dt.datetime:
        """The same of what has happened: loaded early in the morning, nothing of it lies ahead."""
        return min(self.at(days, time), self.now - A_LITTLE)

    def ago(self, hours: float) -> dt.datetime:
        """So many hours before the loading."""
        return self.now - dt.timedelta(hours=hours)
