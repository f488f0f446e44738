"""Visits: today's route of whoever goes, planning with free hours, moving, cancelling, what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import visits as verbs
from app.services.visits.slots import Taken, free, is_worked, nearest
from app.settings import setting
from app.wording import moment, today, zone
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.limits import clean_date
from models.ground.refused import Refused, Stale
from models.staff import Person
from reports.calendar.route import route
from reports.tasks.asked import colleagues
from views.base import CrmView, committing, require
from views.deals.found import common
from views.deals.moving import is_fragment, version_of
from views.security import safe_next
from views.shell import say, settled
from views.tasks.dialogs import came_from
from views.tasks.overtaken import overtaken, typed_again
from views.tasks.typed import key_of, moment_of, place_of
from views.visits.dialogs import end_dialog, plan_dialog, typed_visit, values_of, visit_dialog
from views.visits.found import visit_or_404


class Visits(CrmView):
    """/visits/…: the first screen of a surveyor, and the dialogs of planning."""

    route_base = "/visits"
    default_view = "route"

    @expose("/")
    @require("can_list")
    def route(self) -> Any:
        """A day in the order of the way."""
        return self.page("visits/route.html", **_route())

    @expose("/now")
    @require("can_list")
    def now(self) -> Any:
        """The day alone, for a page that keeps itself fresh."""
        return self.page("visits/_route.html", **_route())

    @expose("/ask")
    @require("can_add")
    def ask(self) -> Any:
        """The dialog of a new visit for a deal or a lead."""
        place = place_of(request.args)
        if place is None:
            raise BadRequest
        return plan_dialog(place, {name: request.args[name][:10] for name in ("day", "time") if name in request.args})

    @expose("/plan", methods=["POST"])
    @require("can_add")
    def plan(self) -> Any:
        """Save the dialog of a new visit."""
        place = place_of(request.form)
        if place is None:
            raise BadRequest
        try:
            with committing():
                visit = verbs.plan(place, typed_visit(request.form))
        except Refused as refusal:
            return make_response(plan_dialog(place_of(request.form), request.form, refusal), 422)
        name, at = visit.assignee.name, moment(visit.starts_at)
        say(_("Visit planned: %(name)s, %(at)s.", name=name, at=at))
        return settled(came_from())

    @expose("/slots")
    @require("can_list")
    def slots(self) -> Any:
        """The free hours of a person on a day, as buttons."""
        minutes = request.args.get("minutes") or str(setting("visit_minutes"))
        way = request.args.get("travel_minutes") or str(setting("travel_minutes"))
        for text in (minutes, way):
            if not (text.isascii() and text.isdigit()) or len(text) > 4:
                return self.page("visits/_slots.html", slots=[], words=_("Write how many minutes the visit lasts."))
        person = db.session.get(Person, key_of(request.args.get("assignee") or "0")) if _int4() else None
        try:
            day = clean_date(request.args.get("day", ""), "day")
        except Refused as refusal:
            return self.page("visits/_slots.html", slots=[], words=refusal.words)
        if person is None or not person.active:
            return self.page("visits/_slots.html", slots=[], words=_("Choose who goes."))
        but = request.args.get("but", "")
        own = int(but) if but.isascii() and but.isdigit() and len(but) < 18 else 0
        lasts = max(int(minutes), 10)
        found = free(person, day, lasts, int(way), own)
        words = "" if found else _("%(name)s has no free time that day.", name=person.name)
        soon = [] if found else _soonest(person, day, lasts * dt.timedelta(minutes=1), int(way), own)
        late = _outside_hours(person, lasts)
        return self.page("visits/_slots.html", slots=found, soon=soon, words=words, warning=late)

    @expose("/<int:pk>", methods=["GET", "POST"])
    @require("can_list")
    def show(self, pk: int) -> Any:
        """The dialog of a visit; who may change it saves another time, person, address, note."""
        visit = visit_or_404(pk)
        if request.method == "GET":
            return visit_dialog(visit, {})
        if not current_actor().may("can_edit", "Visits"):
            raise BadRequest
        typed = typed_visit(request.form)
        try:
            with committing():
                verbs.change(visit, {k: typed[k] for k in verbs.PLACED if k in typed}, version_of(request.form))
                verbs.move(visit, typed)
        except Refused as refusal:
            return make_response(visit_dialog(visit_or_404(pk), request.form, refusal), 422)
        except Stale as stale:
            visit, again = visit_or_404(pk), typed_again(request.form)
            said = overtaken(stale, values_of(visit), again, {"assignee": visit.assignee.name})
            return make_response(visit_dialog(visit, again, said), 409)
        say(_("Saved."))
        return settled(came_from())

    @expose("/<int:pk>/finish", methods=["GET", "POST"])
    @require("can_edit")
    def finish(self, pk: int) -> Any:
        """What came of it."""
        return self._end(pk, "finish", lambda visit: verbs.finish(visit, request.form.get("result", "")))

    @expose("/<int:pk>/cancel", methods=["GET", "POST"])
    @require("can_edit")
    def cancel(self, pk: int) -> Any:
        """Nobody goes, and why."""
        return self._end(pk, "cancel", lambda visit: verbs.cancel(visit, request.form.get("reason", "")))

    @expose("/<int:pk>/take-back", methods=["POST"])
    @require("can_edit")
    def take_back(self, pk: int) -> Any:
        """Undo of finish and cancel."""
        with committing():
            verbs.take_back(visit_or_404(pk))
        say(_("The visit is planned again."))
        return settled(safe_next(request.args["next"]) if "next" in request.args else came_from())

    def _end(self, pk: int, how: str, act: Any) -> Any:
        visit = visit_or_404(pk)
        if request.method == "GET":
            return end_dialog(visit, how, {})
        try:
            with committing():
                act(visit)
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(end_dialog(visit_or_404(pk), how, request.form, refusal), 422)
        words = _("The visit is done.") if how == "finish" else _("The visit is cancelled.")
        say(words, undo=url_for("Visits.take_back", pk=pk, next=came_from()))
        return settled(came_from())


def _outside_hours(person: Person, minutes: int) -> str:
    """What is wrong with a time that was typed by hand: it is no refusal, clients live by hours of their own."""
    try:
        starts = moment_of(request.args.get("day", ""), request.args.get("time", ""))
    except Refused:
        return ""
    if not request.args.get("time") or is_worked(person, starts, starts + dt.timedelta(minutes=minutes)):
        return ""
    return _("%(name)s does not work at this time. The visit may be planned all the same.", name=person.name)


def _soonest(person: Person, day: dt.date, lasts: dt.timedelta, way: int, own: int) -> list[dt.datetime]:
    """Where a day is full: the first free hours after it."""
    if lasts > dt.timedelta(hours=12):
        return []
    begins = dt.datetime.combine(max(day, today()), dt.time(), ZoneInfo(person.zone))
    found = nearest(person, Taken(begins, begins + lasts, way, own))
    return [slot.starts.astimezone(zone()) for slot in found]


def _int4() -> bool:
    return len(request.args.get("assignee", "")) < 10


def _route() -> dict[str, Any]:
    """Whose day, and which; one's own today without an address."""
    text, who = request.args.get("day", ""), request.args.get("who", "")
    try:
        day = dt.date.fromisoformat(text) if text else today()
    except ValueError:
        raise BadRequest from None
    if not 2000 < day.year < 2100 or (who and not (who.isascii() and who.isdigit() and len(who) < 10)):
        raise BadRequest
    actor = current_actor()
    sees_others = actor.reads("visit") is Scope.ALL or len(actor.own_ids) > 1
    person_id = int(who) if who else actor.person_id or 0
    return {
        "route": route(person_id, day), "whose": person_id, "people": colleagues() if sees_others else [],
        "today_on": today(), "kept": {"who": who} if who else {}, **common(),
    }  # fmt: skip
