"""A request written down by hand: one line at the phone, or field by field; who is known is hinted at (known.py)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import leads as verbs
from app.services.leads.belonging import place_of
from app.services.leads.reading import read_line
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.lowcode import choices
from reports import leads as report
from views.base import committing, require
from views.leads.doing import person_of
from views.leads.found import colleagues, common
from views.shell import say

NAMES = ("line", "name", "phone", "email", "words", "source", "owner", "belongs")


class EnteringPages:
    """/leads/add, and what it asks while a phone is typed."""

    @expose("/add", methods=["GET", "POST"])
    @require("can_add")
    def add(self) -> Any:
        """The form of a lead by hand, and its save."""
        typed = {name: request.values.get(name, "")[:10_000] for name in NAMES}
        if request.method == "GET":
            return self._form(typed)
        try:
            with committing():
                owner = person_of(typed["owner"]) if typed["owner"] else None
                lead = verbs.enter(_inbound(typed), owner, place_of(typed["belongs"]))
        except NotFound:
            raise
        except Refused as refusal:
            return self._form(typed, refusal), 422
        say(_("The lead is written down."))
        is_seen = db.session.execute(select(Lead.id).where(Lead.id == lead.id)).first() is not None
        return redirect(url_for("Leads.card", pk=lead.id) if is_seen else url_for("Leads.list"))

    def _form(self, typed: dict[str, str], refusal: Refused | None = None) -> Any:
        actor = current_actor()
        others = colleagues() if actor.may("can_assign", "Leads") else []
        values = {
            "typed": typed,
            "refusal": refusal,
            "people": others,
            "owners": [("", _("Me")), *((person.id, person.name) for person in others if person.id != actor.person_id)],
            "sources": [(one.code, one.label(actor.language)) for one in choices.choices("source")],
        }
        return self.render_template("leads/add.html", **common(), **values)  # type: ignore[attr-defined]


def _inbound(typed: dict[str, str]) -> Inbound:
    """What was typed; the one line gives what the other fields leave empty."""
    said = read_line(typed["line"])
    return Inbound(
        name=typed["name"] or said.name,
        phone=typed["phone"] or said.phone,
        email=typed["email"] or said.email,
        handle=said.handle,
        words=typed["words"] or said.words,
        source=typed["source"] if typed["source"] in report.source_codes() else "",
    )
