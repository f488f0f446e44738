"""Who is there already while a client is typed: hinted at, asked for, or completed instead of a second one."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services import clients as verbs
from app.services import contacts
from views.base import committing, require
from views.clients.found import client_or_404, lines_of
from views.leads.known import asked_answer
from views.shell import say

MOST_TYPED = 5


class KnownPages:
    """/clients/known and what its hints do."""

    @expose("/known")
    @require("can_add")
    def known(self) -> Any:
        """Who has one of the typed contacts already: a fragment under the fields."""
        return render_template("leads/_known.html", holders=_holders(request.args), rows=[], how="client")

    @expose("/known/ask", methods=["POST"])
    @require("can_add")
    def ask_owner(self) -> Any:
        """Ask whoever has the client with a typed contact for access."""
        hidden = [holder for holder in _holders(request.form) if not holder.is_visible]
        return asked_answer([holder.client_id for holder in hidden])

    @expose("/<int:pk>/complete", methods=["POST"])
    @require("can_edit")
    def complete(self, pk: int) -> Any:
        """The typed contacts are those of a client who is there already: no second one is made."""
        client = client_or_404(pk)
        with committing():
            verbs.complete(client, lines_of(request.form.get("phones", "")), lines_of(request.form.get("emails", "")))
        say(_("The contacts are added to %(name)s.", name=client.name))
        return redirect(url_for("Clients.card", pk=pk))


def _holders(typed: Any) -> list[verbs.Holder]:
    """Those who have one of the typed contacts, except whoever the form is of and those called different from them."""
    own = typed.get("own") or request.args.get("own", "")
    apart = int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
    found: dict[int, verbs.Holder] = {}
    for text in lines_of(typed.get("phones", ""))[:MOST_TYPED]:
        found |= {one.client_id: one for one in verbs.recognise(phone=contacts.phone(text), apart_from=apart)}
    for text in lines_of(typed.get("emails", ""))[:MOST_TYPED]:
        found |= {one.client_id: one for one in verbs.recognise(email=contacts.email(text), apart_from=apart)}
    if inn := typed.get("inn", "").strip():
        found |= {one.client_id: one for one in verbs.of_inns([inn[:12]], apart_from=apart)}
    return list(found.values())
