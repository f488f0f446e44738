"""A lead becomes a deal: the dialog with its title, client and funnel, and its save."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import clients
from app.services import leads as verbs
from app.services.leads import doors
from models.clients import Client
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.leads import Lead
from models.lowcode.funnels import Funnel
from views.base import committing, require
from views.deals.moving import is_fragment
from views.leads.doing import person_of
from views.leads.found import colleagues, common, lead_or_404
from views.shell import say

LONGEST_TITLE = 80
ASKED = ("title", "work_type", "address", "name")


class QualifyingPages:
    """/leads/<id>/qualify."""

    @expose("/<int:pk>/qualify", methods=["GET", "POST"])
    @require("can_qualify")
    def qualify(self, pk: int) -> Any:
        """The dialog, and the deal."""
        lead = lead_or_404(pk)
        if request.method == "GET":
            funnel = doors.funnel_of(lead)
            return self._dialog(lead, {"title": title_of(lead), "funnel": funnel.id if funnel else ""})
        try:
            with committing():
                deal = verbs.qualify(lead, _client(), _values(), funnel=_funnel(), owner=_owner())
                address = url_for("Deals.card", number=deal.number)
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(self._dialog(lead_or_404(pk), request.form, refusal), 422)
        say(_("The lead became deal № %(number)s.", number=deal.number))
        if is_fragment():
            return Response("", 200, {"HX-Redirect": address})
        return redirect(address)

    def _dialog(self, lead: Lead, typed: Any, refusal: Refused | None = None) -> str:
        holders = clients.recognise(lead.phone, lead.email, lead.handle)
        actor = current_actor()
        people = colleagues() if actor.may("can_assign", "Deals") else []
        values = {
            "lead": lead,
            "typed": typed,
            "refusal": refusal,
            "holders": [holder for holder in holders if holder.is_visible],
            "hidden": [holder for holder in holders if not holder.is_visible],
            "funnels": [(one.id, one.label(actor.language)) for one in _funnels()],
            "people": people,
            "owners": [("", _("I or the owner of the lead")), *((one.id, one.name) for one in people)],
        }
        template = "leads/_qualify.html" if is_fragment() else "leads/qualify.html"
        return render_template(template, **common(), **values)


def title_of(lead: Lead) -> str:
    """What the deal may be called: the beginning of the client's words."""
    first = lead.words.strip().splitlines()[0] if lead.words.strip() else ""
    return first if len(first) <= LONGEST_TITLE else first[:LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def _funnels() -> list[Funnel]:
    rows = select(Funnel).where(Funnel.active.is_(True)).order_by(Funnel.position, Funnel.id)
    return list(db.session.execute(rows).scalars())


def _key(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _client() -> Client | None:
    """The chosen client; without one a new one is made."""
    key = _key("client")
    if not key:
        return None
    client = db.session.execute(select(Client).where(Client.id == key)).scalar_one_or_none()
    if client is None:
        raise Refused(_("There is no such client any more, or you may not see them. Choose another."), "client")
    return client


def _funnel() -> Funnel | None:
    key = _key("funnel")
    return db.session.execute(select(Funnel).where(Funnel.id == key)).scalar_one_or_none() if key else None


def _owner() -> Any:
    text = request.form.get("owner", "")
    return person_of(text) if text else None


def _values() -> dict[str, Any]:
    return {name: request.form[name] for name in ASKED if request.form.get(name)}
