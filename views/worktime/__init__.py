"""When the firm works: hours of the week, the yearly calendar, the response target."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import abort, redirect, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import worktime
from app.services.worktime import reading
from app.services.worktime import setting as verbs
from app.settings import SETTINGS, put, setting
from app.wording import today
from models.ground.base import db
from models.ground.limits import clean_date
from models.worktime import DayKind, Holiday, WorkHours
from views.base import CrmView, attempting, expose, require
from views.crud.saving import Attempt
from views.me import zones
from views.shell import say

TARGETS = ("response_minutes", "escalate_minutes", "lead_limit")


class Worktime(CrmView):
    """Everybody may look; the administrator sets."""

    route_base = "/worktime"
    default_view = "show"

    @expose("/")
    @require("can_list")
    def show(self) -> Any:
        return self.screen()

    def screen(self, attempt: Attempt | None = None, said: Mapping[str, Any] | None = None) -> Any:
        """The page, with what is wrong with the part that was sent."""
        attempt = attempt or Attempt()
        year = _year()
        html = self.page(
            "worktime/show.html", title=_("Working time"), nav="worktime", said=dict(_known()) | dict(said or {}),
            errors=attempt.errors, words=attempt.errors.get(None, ""), year=year, months=_months(year),
            marked=_marked(year), zones=zones(str(_known()["zone"])), kinds=kinds(),
            weekdays=weekdays(), targets=[(name, SETTINGS[name].sentence) for name in TARGETS],
            works=worktime.hours_of().spans, today=today(),
        )  # fmt: skip
        return html, attempt.status

    @expose("/hours", methods=["POST"])
    @require("can_edit")
    def hours(self) -> Any:
        """The hours of the firm's week."""
        days = {day: request.form.get(f"day.{day}", "") for day in range(7)}
        version = request.form.get("version", "")
        with attempting() as attempt:
            verbs.set_hours(request.form.get("zone", ""), days, version=int(version) if version.isdecimal() else None)
        return self._done(attempt)

    @expose("/targets", methods=["POST"])
    @require("can_edit")
    def targets(self) -> Any:
        """How soon a lead is answered, when it goes on, how many one person may have."""
        with attempting() as attempt:
            for name in TARGETS:
                put(name, request.form.get(name, ""))
        return self._done(attempt, "targets")

    @expose("/day", methods=["POST"])
    @require("can_edit")
    def day(self) -> Any:
        """A day of the calendar is marked, or is again like its weekday."""
        year = _year()
        with attempting() as attempt:
            day = clean_date(request.form.get("day", ""), "day")
            verbs.mark_day(day, request.form.get("kind", ""), request.form.get("words", ""))
            year = day.year
        return self._done(attempt, "book", year)

    def _done(self, attempt: Attempt, part: str = "hours", year: int = 0) -> Any:
        """Back to the part that was saved, in the year of the day that was marked."""
        if attempt.refusal:
            return self.screen(attempt, request.form)
        say(_("Saved."))
        return redirect(url_for("Worktime.show", year=year or _year(), _anchor=part))


def _year() -> int:
    typed = request.values.get("year", "")
    if not typed:
        return today().year
    if not typed.isdecimal() or not 2000 <= int(typed[:5]) <= 2100:
        abort(400)
    return int(typed)


def _known() -> dict[str, Any]:
    """What the forms say before anybody types."""
    row = db.session.execute(select(WorkHours).where(WorkHours.person_id.is_(None))).scalar_one_or_none()
    week = row.week if row else {str(day): [["00:00", "24:00"]] for day in range(7)}
    said: dict[str, Any] = {f"day.{day}": reading.written(week.get(str(day), [])) for day in range(7)}
    said |= {name: setting(name) for name in TARGETS}
    return said | {"zone": row.zone if row else "Europe/Moscow", "version": row.version if row else ""}


def _months(year: int) -> list[tuple[dt.date, list[list[dt.date | None]]]]:
    """Months of a year as weeks from Monday; days of the neighbours are None."""
    book = calendar.Calendar()
    return [
        (dt.date(year, month, 1), [
            [dt.date(year, month, day) if day else None for day in week] for week in book.monthdayscalendar(year, month)
        ])
        for month in range(1, 13)
    ]  # fmt: skip


def _marked(year: int) -> dict[dt.date, Holiday]:
    inside = (Holiday.day >= dt.date(year, 1, 1), Holiday.day <= dt.date(year, 12, 31))
    return {row.day: row for row in db.session.execute(select(Holiday).where(*inside).order_by(Holiday.day)).scalars()}


def weekdays() -> list[str]:
    """Names of the days of a week, from Monday."""
    names = get_locale().days["stand-alone"]["wide"]
    return [names[day].capitalize() for day in range(7)]


def kinds() -> dict[str, str]:
    """What a day may be, in words."""
    return {DayKind.OFF: _("Day off"), DayKind.SHORT: _("An hour less"), DayKind.WORKING: _("Working day")}
