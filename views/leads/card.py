"""The card of a lead: what the client said, who he is, what was done; notes."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services import clients
from app.services import leads as verbs
from models.leads import Lead
from reports import files
from reports.leads import card as told
from views.base import committing, require
from views.deals.found import TASK_ICONS
from views.deals.moving import is_fragment
from views.leads.found import common, lead_or_404
from views.shell import say


class CardPages:
    """/leads/<id> and its feed."""

    @expose("/<int:pk>")
    @require("can_show")
    def card(self, pk: int) -> Any:
        """The whole card."""
        lead = lead_or_404(pk)
        before, after = told.neighbours(lead)
        values = {
            "tasks": told.open_tasks(lead),
            "place": told.place_of(lead),
            "hidden": hidden_holder(lead),
            "consents": told.consents(lead),
            "filed": files.of(lead),
            "filed_on": files.on(lead),
            "task_icons": TASK_ICONS,
            "minutes": minutes_of(lead),
            "before": before,
            "after": after,
        }
        return self.render_template("leads/card.html", **fed(lead), **values)  # type: ignore[attr-defined]

    @expose("/<int:pk>/feed")
    @require("can_show")
    def feed(self, pk: int) -> Any:
        """The feed alone: asked for again when something was said."""
        return render_template("leads/_feed.html", **fed(lead_or_404(pk)))

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """FAB's address of a row leads to the card."""
        return redirect(url_for("Leads.card", pk=self.row_or_404(pk).id))  # type: ignore[attr-defined]

    @expose("/<int:pk>/note", methods=["POST"])
    @require("can_show")
    def note(self, pk: int) -> Any:
        """Write a note into the feed."""
        lead = lead_or_404(pk)
        with committing():
            verbs.note(lead, request.form.get("words", ""))
        if not is_fragment():
            return redirect(url_for("Leads.card", pk=pk))
        return render_template("leads/_feed.html", **fed(lead_or_404(pk)))

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


def fed(lead: Lead) -> dict[str, Any]:
    """What the feed is drawn of."""
    feed = told.feed(lead)
    kept = files.of_messages([entry.message.id for entry in feed if entry.message])
    return {"lead": lead, "feed": feed, "files_of": kept} | common()


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
