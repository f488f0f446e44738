"""A request that belongs to a deal or a client that is there: found by a few letters, attached by a click."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.services.leads import placing
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from reports.leads.places import places
from views.base import require
from views.crud.asked import search
from views.leads.doing import came_from, do
from views.leads.found import common, lead_or_404

NOUNS: dict[str, Any] = {"deal": Deal, "client": Client}


class AttachingPages:
    """/leads/<id>/attach."""

    @expose("/<int:pk>/attach", methods=["GET"])
    @require("can_edit")
    def attach(self, pk: int) -> Any:
        """The window with a search; the search alone when it asks."""
        lead = lead_or_404(pk)
        template = "leads/_places.html" if "q" in request.args else "leads/_attach.html"
        values = {"lead": lead, "found": places(lead, search()), "came_from": came_from(pk)}
        return render_template(template, lang=current_actor().language, **values, **common())

    @expose("/<int:pk>/attach", methods=["POST"])
    @require("can_edit")
    def attach_to(self, pk: int) -> Any:
        """Attach it to the chosen one."""
        place = place_of(request.form.get("place", ""))
        words = (
            _("Attached to deal № %(number)s.", number=place.number)
            if isinstance(place, Deal)
            else _("The request is of the client %(name)s.", name=place.name)
        )
        return do(pk, lambda lead: placing.attach(lead, place), words)


def place_of(text: str) -> Any:
    """The deal or client that a button names: deal:7."""
    noun, _colon, key = text.partition(":")
    model = NOUNS.get(noun)
    if model is None or not (key.isascii() and key.isdigit()) or len(key) > 18:
        abort(404)
    found = db.session.execute(select(model).where(model.id == int(key))).scalar_one_or_none()
    return found if found is not None else abort(404)
