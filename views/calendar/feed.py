"""The calendar for other programs: a secret address per person, renewed and revoked in one's own settings."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, abort, current_app, render_template, request

from app import limits
from app.rights import actor_of_person
from app.services import feeds
from app.wording import speaking
from models.ground.actor import SYSTEM, acting_as, current_actor
from models.ground.base import db
from models.staff import Person
from reports.calendar import ics
from views.base import CrmView, committing, expose, open_to_all, require

TIMES_A_MINUTE = 30


class Feeds(CrmView):
    """/calendar/feed…"""

    route_base = "/calendar/feed"
    class_permission_name = "Me"
    default_view = "show"

    @expose("/")
    @require("can_edit")
    def show(self) -> Any:
        """The part of one's own settings."""
        return _part()

    @expose("/renew", methods=["POST"])
    @require("can_edit")
    def renew(self) -> Any:
        """A new address, shown once; the one before it is dead."""
        with committing():
            token = feeds.renew(_me())
        base = current_app.config["CRM"].BASE_URL.rstrip("/") or request.host_url.rstrip("/")
        return _part(f"{base}/calendar/feed/{token}.ics")

    @expose("/revoke", methods=["POST"])
    @require("can_edit")
    def revoke(self) -> Any:
        """No address any more."""
        with committing():
            feeds.revoke(_me())
        return _part()

    @expose("/<token>.ics")
    @open_to_all
    def read(self, token: str) -> Response:
        """The calendar itself: as much as its owner sees, and nothing for anybody who does not know the secret."""
        limits.limit(f"feed:{request.remote_addr}", limits.per_minute(TIMES_A_MINUTE))
        if len(token) > 100:
            abort(404)
        with acting_as(SYSTEM) as own, committing(own):
            person = feeds.whose(token)
            found = (person.id, person.language, person.zone, actor_of_person(person)) if person else None
        if found is None:
            abort(404)
        person_id, language, zone, actor = found
        with acting_as(actor), speaking(language, zone):
            body = ics.written(person_id, zone, _mark(), _address)
        headers = {
            "Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex",
            "Content-Disposition": 'inline; filename="voronka.ics"',
        }  # fmt: skip
        return Response(body, 200, headers, content_type="text/calendar; charset=utf-8")


def _me() -> Person:
    return db.session.get_one(Person, current_actor().person_id)


def _part(address: str = "") -> str:
    return render_template("calendar/_feed.html", link=feeds.link_of(_me()), address=address)


def _mark() -> str:
    """The same for ever on this installation, and another on every other."""
    return hashlib.sha256(f"ics:{current_app.config['SECRET_KEY']}".encode()).hexdigest()[:12]


def _address(deal: Any) -> str:
    if deal is None:
        return ""
    base = current_app.config["CRM"].BASE_URL.rstrip("/") or request.host_url.rstrip("/")
    return f"{base}/deals/{deal.number}"
