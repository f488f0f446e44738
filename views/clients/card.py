"""The card of a client: how to reach them, deals and money, what was said; given, merged, written to."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import clients as verbs
from models.clients import Client
from models.ground.actor import current_actor
from models.ground.base import db
from models.staff import Person
from reports import clients as kinds
from reports import files
from reports.clients import card as report
from reports.clients.feed import feed
from reports.clients.places import others
from reports.duplicates import REASONS, pairs_of
from views.base import committing, require
from views.clients.changing import fields_of
from views.clients.found import client_or_404
from views.crud.asked import search
from views.deals.found import TASK_ICONS
from views.leads.doing import person_of
from views.leads.found import common
from views.shell import say, settled

MOST_PEOPLE = 200


class CardPages:
    """/clients/<id>."""

    @expose("/<int:pk>")
    @require("can_show")
    def card(self, pk: int) -> Any:
        """The client with deals, requests, money and the feed."""
        client = client_or_404(pk)
        deals, leads = report.deals_of(client), report.leads_of(client)
        said = feed(client, deals, leads)
        values = {
            "client": client,
            "fields": fields_of(client),
            "deals": deals,
            "leads": leads,
            "money": report.money_of(client),
            "papers": report.papers_of(client),
            "payments": report.payments_of(client),
            "tasks": report.tasks_of(client),
            "chats": report.chats_of(client, deals, leads),
            "brought": report.brought_by(client) if client.kind == "partner" else None,
            "feed": said,
            "files_of": files.of_messages([entry.message.id for entry in said if entry.message]),
            "filed": files.of(client),
            "filed_on": files.on(client),
            "kind_words": kinds.KINDS,
            "task_icons": TASK_ICONS,
            "lang": current_actor().language,
            "alike": pairs_of(client) if current_actor().may("can_merge", "Clients") else [],
            "same_words": REASONS,
        }
        return self.render_template("clients/card.html", **common(), **values)  # type: ignore[attr-defined]

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """FAB's address of a row leads to the card."""
        return redirect(url_for("Clients.card", pk=self.row_or_404(pk).id))  # type: ignore[attr-defined]

    @expose("/<int:pk>/assign", methods=["GET", "POST"])
    @require("can_edit")
    def assign(self, pk: int) -> Any:
        """Give the client to somebody else."""
        client = client_or_404(pk)
        if request.method == "GET":
            return render_template("clients/_ask_assign.html", client=client, people=_people())
        person, was = person_of(request.form.get("owner", "")), client.owner_id
        with committing():
            verbs.assign(client, person)
        undo = url_for("Clients.give_back", pk=pk, owner=was) if was else ""
        say(_("Given to %(name)s.", name=person.name), undo=undo)
        found = db.session.execute(select(Client.id).where(Client.id == pk)).first()
        return settled(url_for("Clients.card", pk=pk) if found else url_for("Clients.list"))

    @expose("/<int:pk>/give-back", methods=["POST"])
    @require("can_edit")
    def give_back(self, pk: int) -> Any:
        """Undo of assign."""
        with committing():
            verbs.assign(client_or_404(pk), person_of(request.args.get("owner", "")))
        return redirect(url_for("Clients.card", pk=pk))

    @expose("/<int:pk>/same")
    @require("can_edit")
    def same(self, pk: int) -> Any:
        """Whom to compare this client with: found by a name or a phone, or by the same contact."""
        client = client_or_404(pk)
        template = "clients/_others.html" if "q" in request.args else "clients/_same.html"
        return render_template(template, client=client, found=others(client, search()), **common())


def _people() -> list[Person]:
    rows = verbs.receivers().order_by(Person.first_name, Person.last_name)
    return list(db.session.execute(rows.limit(MOST_PEOPLE)).scalars())
