"""The card of a lead: what the client said, who he is, what was done; notes."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services import clients
from app.services import leads as verbs
from models.ground.actor import current_actor
from models.leads import Lead
from reports import leads as report
from reports.leads import card as told
from views.base import committing, require
from views.deals.found import TASK_ICONS
from views.deals.moving import is_fragment
from views.leads.found import colleagues, common, lead_or_404
from views.shell import say


class CardPages:
    """/leads/<id> and its feed."""

    @expose("/<int:pk>")
    @require("can_show")
    def card(self, pk: int) -> Any:
        """The whole card."""
        lead = lead_or_404(pk)
        may_assign = current_actor().may("can_assign", "Leads")
        values = {
            "lead": lead,
            "feed": told.feed(lead),
            "tasks": told.open_tasks(lead),
            "place": told.place_of(lead),
            "hidden": hidden_holder(lead),
            "people": colleagues() if may_assign and lead.is_live else [],
            "reasons": report.reasons(),
            "task_icons": TASK_ICONS,
            "minutes": minutes_of(lead),
        }
        return self.render_template("leads/card.html", **common(), **values)  # type: ignore[attr-defined]

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """FAB's address of a row leads to the card."""
        return redirect(url_for("Leads.card", pk=self.row_or_404(pk).id))  # type: ignore[attr-defined]

    @expose("/<int:pk>/feed")
    @require("can_show")
    def feed(self, pk: int) -> Any:
        """The feed alone, after something was said."""
        lead = lead_or_404(pk)
        return render_template("leads/_feed.html", lead=lead, feed=told.feed(lead), **common())

    @expose("/<int:pk>/note", methods=["POST"])
    @require("can_show")
    def note(self, pk: int) -> Any:
        """Write a note into the feed."""
        lead = lead_or_404(pk)
        with committing():
            verbs.note(lead, request.form.get("words", ""))
        if not is_fragment():
            return redirect(url_for("Leads.card", pk=pk))
        lead = lead_or_404(pk)
        return render_template("leads/_feed.html", lead=lead, feed=told.feed(lead), **common())

    @expose("/<int:pk>/ask-access", methods=["POST"])
    @require("can_show")
    def ask_access(self, pk: int) -> Any:
        """Ask whoever has the client that may not be seen."""
        lead = lead_or_404(pk)
        holder = hidden_holder(lead)
        with committing():
            name = clients.ask_access(holder.client_id, lead) if holder else ""
        say(_("%(name)s is asked for access.", name=name) if name else _("There is nobody to ask."))
        return make_response(redirect(url_for("Leads.card", pk=pk)))


def hidden_holder(lead: Lead) -> clients.Holder | None:
    """Somebody else's client with the same contact: only who has him is told."""
    if not lead.phone and not lead.email:
        return None
    holders = clients.recognise(lead.phone, lead.email)
    return next((holder for holder in holders if not holder.is_visible), None)


def minutes_of(lead: Lead) -> float:
    """The target of the answer, in seconds, for the timer's colours."""
    if lead.respond_by is None:
        return 900
    return max(60.0, (lead.respond_by - lead.received_at).total_seconds())
