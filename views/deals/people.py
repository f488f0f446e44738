"""Who takes part in a deal: the dialog that invites, the one that describes and dismisses."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import clients
from app.services.deals import notes, people
from models.clients import Client
from models.deals import Deal
from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import NotFound, Refused
from models.participants import Participant
from models.staff import Person
from views.base import committing, require
from views.crud.refs import clients_called
from views.deals.found import colleagues_by_name, common, deal_or_404
from views.deals.moving import is_fragment
from views.shell import say

SHOWN = 8


class PeoplePages:
    """/deals/<number>/people/…"""

    @expose("/<int:number>/people", methods=["GET", "POST"])
    @require("can_edit")
    def people(self, number: int) -> Any:
        """Invite a client, a colleague, or somebody new."""
        deal = deal_or_404(number)
        if request.method == "GET":
            return _ask(deal, {})
        try:
            with committing():
                part = people.invite(deal, _who(deal), request.form.get("words", ""))
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(_ask(deal_or_404(number), request.form, refusal), 422)
        _warn(deal, part)
        return _away(number)

    @expose("/<int:number>/people/found")
    @require("can_edit")
    def people_found(self, number: int) -> Any:
        """Clients and colleagues by the beginning of a name."""
        deal_or_404(number)
        text = clean_line(request.args.get("q", ""), "q", 100)
        known = clients_called(text, SHOWN)
        mates = colleagues_by_name(text)
        staff = db.session.execute(mates.order_by(func.lower(Person.first_name)).limit(SHOWN)).scalars()
        found = [{"id": f"c{client.id}", "text": client.name, "note": _("client")} for client in known]
        found += [{"id": f"p{one.id}", "text": one.name, "note": one.post or _("colleague")} for one in staff]
        return jsonify(results=found)

    @expose("/<int:number>/people/<int:key>", methods=["GET", "POST"])
    @require("can_edit")
    def person(self, number: int, key: int) -> Any:
        """The words of somebody's role."""
        deal = deal_or_404(number)
        part = _part_or_404(deal, key)
        if request.method == "GET":
            return _ask_role(deal, part)
        try:
            with committing():
                people.describe(part, request.form.get("words", ""))
        except NotFound:
            raise
        except Refused as refusal:
            deal = deal_or_404(number)
            return make_response(_ask_role(deal, _part_or_404(deal, key), refusal), 422)
        return _away(number)

    @expose("/<int:number>/people/<int:key>/dismiss", methods=["POST"])
    @require("can_edit")
    def dismiss(self, number: int, key: int) -> Any:
        """Somebody takes no part any more."""
        part = _part_or_404(deal_or_404(number), key)
        name = people.name_of(part)
        who = f"c{part.client_id}" if part.client_id else f"p{part.person_id}"
        undo = url_for("Deals.invite_again", number=number, who=who, words=part.words)
        with committing():
            people.dismiss(part)
        say(_("%(name)s takes no part in the deal any more.", name=name), undo=undo)
        return _away(number)

    @expose("/<int:number>/people/again", methods=["POST"])
    @require("can_edit")
    def invite_again(self, number: int) -> Any:
        """Undo of dismiss."""
        deal = deal_or_404(number)
        with committing():
            people.invite(deal, _known(request.args.get("who", "")), request.args.get("words", ""))
        return redirect(url_for("Deals.card", number=number))


def _ask(deal: Deal, typed: Any, refusal: Refused | None = None) -> str:
    return render_template("deals/windows/_invite.html", deal=deal, typed=typed, refusal=refusal, **common())


def _ask_role(deal: Deal, part: Participant, refusal: Refused | None = None) -> str:
    return render_template("deals/windows/_role.html", deal=deal, part=part, refusal=refusal, **common())


def _who(deal: Deal) -> Client | Person:
    """Whom the form means: somebody known, or a new client by name and phone."""
    name = clean_line(request.form.get("name", ""), "name")
    if not request.form.get("who") and name:
        phone = request.form.get("phone", "")
        return clients.create(name, phones=[phone] if phone.strip() else [], owner=deal.owner)
    return _known(request.form.get("who", ""))


def _known(text: str) -> Client | Person:
    digits = text[1:]
    key = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    kinds: dict[str, Any] = {"c": Client, "p": Person}
    found = db.session.get(kinds[text[0]], key) if text[:1] in kinds else None
    if found is None:
        raise Refused(_("Choose somebody from the list, or type the name of somebody new."), "who")
    return found  # type: ignore[no-any-return]


def _part_or_404(deal: Deal, key: int) -> Participant:
    wanted = select(Participant).where(Participant.id == key, Participant.deal_id == deal.id)
    part = db.session.execute(wanted).scalar_one_or_none() if key < 2**63 else None
    if part is None:
        abort(404)
    return part


def _warn(deal: Deal, part: Participant) -> None:
    if part.person and not notes.reaches(part.person, deal):
        words = _("%(name)s takes part, but may not open this deal: give them a task on it.", name=part.person.name)
        say(words, kind="warn")
    else:
        say(_("%(name)s takes part in the deal.", name=people.name_of(part)))


def _away(number: int) -> Any:
    """The card anew."""
    card = url_for("Deals.card", number=number)
    return make_response("", 200, {"HX-Redirect": card}) if is_fragment() else redirect(card)
