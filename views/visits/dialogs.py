"""The dialogs of a visit: planned, changed, ended one way or the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from app.services.visits.slots import Taken
from app.settings import setting
from app.wording import today, zone
from models.deals import Deal
from models.ground.refused import Refused
from models.visits import Visit
from reports.calendar.route import MAP, colleague_of, phone_of
from views.deals.found import common
from views.tasks.dialogs import came_from
from views.tasks.typed import moment_of
from views.visits.found import sendable

TYPED = ("assignee", "minutes", "address", "place_note", "travel_minutes")


def typed_visit(form: Mapping[str, str]) -> dict[str, Any]:
    """The values of a visit's form. Raises Refused."""
    values: dict[str, Any] = {name: form[name] for name in TYPED if name in form}
    try:
        values["starts_at"] = moment_of(form.get("day", ""), form.get("time", "")) if form.get("time") else None
    except Refused as refusal:
        raise Refused(refusal.words, "starts_at") from None
    return values


def plan_dialog(place: Any, typed: Any, refusal: Refused | None = None) -> str:
    """A new visit, with the free hours of whoever is to go."""
    people = sendable()
    usual = {
        "assignee": str(people[0].id) if people else "",
        "day": f"{today():%d.%m.%Y}",
        "minutes": str(setting("visit_minutes")),
        "travel_minutes": str(setting("travel_minutes")),
        "address": place.address if isinstance(place, Deal) else "",
    }
    return _drawn("visits/_plan.html", usual | dict(typed.items()), refusal, place=place, visit=None, people=people)


def visit_dialog(visit: Visit, typed: Any, refusal: Refused | None = None) -> str:
    """A visit as it is planned, or as it ended."""
    shown = values_of(visit) | dict(typed.items())
    return _drawn("visits/_plan.html", shown, refusal, place=visit.place, visit=visit, people=sendable())


def values_of(visit: Visit) -> dict[str, str]:
    """What the boxes of a visit's form show."""
    at = visit.starts_at.astimezone(zone())
    return {
        "assignee": str(visit.assignee_id), "day": f"{at:%d.%m.%Y}", "time": f"{at:%H:%M}",
        "minutes": str(visit.minutes), "travel_minutes": str(visit.travel_minutes), "address": visit.address,
        "place_note": visit.place_note, "version": str(visit.version),
    }  # fmt: skip


def end_dialog(visit: Visit, how: str, typed: Any, refusal: Refused | None = None) -> str:
    """What came of it, or why nobody goes."""
    return _drawn("visits/_end.html", dict(typed.items()), refusal, visit=visit, how=how)


def _drawn(template: str, typed: dict[str, Any], refusal: Refused | None, **values: Any) -> str:
    visit = values.get("visit")
    places = [place for place in refusal.details if isinstance(place, Taken)] if refusal else []
    return render_template(
        template, typed=typed, refusal=refusal, offers=[place.starts.astimezone(zone()) for place in places],
        is_deal=isinstance(values.get("place"), Deal), came_from=came_from(), map_base=MAP,
        phone=phone_of(visit) if visit is not None else "",
        colleague=colleague_of(visit) if visit is not None else None, **values, **common(),
    )  # fmt: skip
