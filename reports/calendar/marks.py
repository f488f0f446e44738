"""What marks the days of a calendar: holidays of the year, absences of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from models.ground.base import db
from models.worktime import Absence, Holiday


def holidays(first: dt.date, last: dt.date) -> dict[dt.date, Holiday]:
    """The days of the yearly calendar that are not like their weekday."""
    rows = select(Holiday).where(Holiday.day.between(first, last))
    return {row.day: row for row in db.session.execute(rows).scalars()}


def absences(people: Sequence[int], first: dt.date, last: dt.date) -> list[Absence]:
    """Who of these is away on some of these days."""
    rows = select(Absence).where(Absence.person_id.in_(people), Absence.begins <= last, ~Absence.cancelled)
    return list(db.session.execute(rows.where((Absence.ends >= first) | Absence.ends.is_(None))).scalars())
