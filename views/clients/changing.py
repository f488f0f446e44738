"""A client changed in place: a field by a click, a phone or an e-mail added and taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

from app.services import clients as verbs
from app.services import contacts
from app.services.clients import points
from app.wording import number, phone
from models.clients import Client, ClientKind, ContactKind, ContactPoint
from models.ground.actor import current_actor
from models.ground.refused import NotFound, Refused, Stale
from reports.clients import KINDS
from views.base import committing, require
from views.clients.found import client_or_404
from views.deals.moving import is_fragment, version_of
from views.shell import say


@dataclass(frozen=True)
class Field:
    """A field of the card: what it is called, in which part it stands, and how it is typed."""

    code: str
    label: Any
    part: str = "requisites"
    kind: str = "line"


FIELDS = {
    one.code: one
    for one in (
        Field("name", _p("client", "Name"), "head"),
        Field("kind", _l("Who it is"), "head", "choice"),
        Field("full_name", _l("Name in full")),
        Field("inn", _l("INN")),
        Field("kpp", _l("KPP")),
        Field("address", _l("Address")),
        Field("comment", _l("Comment"), "head", "text"),
        Field("promo", _l("Promo code"), "partner"),
        Field("partner_percent", _l("Percent of the partner"), "partner", "number"),
        Field("partner_terms", _l("Terms of the partner"), "partner", "text"),
    )
}


def fields_of(client: Client) -> list[tuple[Field, str]]:
    """The fields of the card that the actor may see, with their values in words; a partner's only for a partner."""
    sees = current_actor().sees
    shown = [one for one in FIELDS.values() if sees(f"client.{one.code}")]
    is_partner = client.kind == ClientKind.PARTNER
    return [(one, words_of(client, one)) for one in shown if one.part != "partner" or is_partner]


def words_of(client: Client, field: Field) -> str:
    """A value as the card shows it."""
    value = getattr(client, field.code)
    if field.kind == "choice":
        return str(KINDS.get(value, value))
    if field.kind == "number":
        return number(value, 2).rstrip("0").rstrip(",.") if value is not None else ""
    return str(value or "")


class ChangingPages:
    """/clients/<id>/field/<code> and /clients/<id>/contacts."""

    @expose("/<int:pk>/field/<code>", methods=["GET", "POST"])
    @require("can_edit")
    def field(self, pk: int, code: str) -> Any:
        """The box of a field, and its save; `show` puts the row back."""
        known = FIELDS.get(code)
        if known is None or not current_actor().sees(f"client.{code}"):
            abort(404)
        client = client_or_404(pk)
        if request.method == "GET":
            return _row(client, known) if "show" in request.args else _box(client, known)
        typed = request.form.get("value", "")
        try:
            with committing():
                verbs.change(client, {code: typed}, version_of(request.form))
        except NotFound:
            raise
        except Refused as refusal:
            return make_response(_box(client_or_404(pk), known, typed, error=refusal.words), 422)
        except Stale as stale:
            return make_response(_box(client_or_404(pk), known, typed, stale=stale), 409)
        if not is_fragment():
            return redirect(url_for("Clients.card", pk=pk))
        return _row(client_or_404(pk), known, saved=True)

    @expose("/<int:pk>/contacts", methods=["POST"])
    @require("can_edit")
    def add_contact(self, pk: int) -> Any:
        """One more phone or e-mail, whatever was typed."""
        client, typed = client_or_404(pk), request.form.get("contact", "")
        before = {point.value for point in client.contacts}
        ways = ("client.email", "emails") if "@" in typed else ("client.phone", "phones")
        if not current_actor().sees(ways[0]):
            abort(404)
        try:
            with committing():
                verbs.complete(client, *(([], [typed]) if ways[1] == "emails" else ([typed], [])))
        except NotFound:
            raise
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(_contacts(client_or_404(pk), typed, refusal.words), 422)
        _tell_of(client_or_404(pk), before)
        return _done(pk)

    @expose("/<int:pk>/contacts/<int:key>/remove", methods=["POST"])
    @require("can_edit")
    def remove_contact(self, pk: int, key: int) -> Any:
        """Take a phone, an e-mail or a messenger away; the toast gives it back."""
        client = client_or_404(pk)
        point = next((one for one in client.contacts if one.id == key and _is_seen(one)), None)
        if point is None:
            abort(404)
        said = phone(point.value) if point.kind == ContactKind.PHONE else point.value
        back = url_for("Clients.give_contact_back", pk=pk, kind=point.kind, value=point.value)
        with committing():
            points.take_away(client, point)
        say(_("Removed: %(name)s", name=said), undo=back)
        return _done(pk)

    @expose("/<int:pk>/contacts/back", methods=["POST"])
    @require("can_edit")
    def give_contact_back(self, pk: int) -> Any:
        """Undo of the removal."""
        client, value = client_or_404(pk), request.args.get("value", "")
        kind = request.args.get("kind", "")
        understood = {"phone": contacts.phone, "email": contacts.email, "handle": contacts.handle}.get(kind)
        if understood is None or understood(value) != value or not value or not value.isprintable():
            abort(404)
        with committing():
            points.give_back(client, ContactKind(kind), value)
        return redirect(url_for("Clients.card", pk=pk))


def _tell_of(client: Client, before: set[str]) -> None:
    """A contact that was here already, or that somebody else has too: they may be one client."""
    fresh = [point for point in client.contacts if point.value not in before]
    if not fresh:
        say(_("This contact is written down already."), kind="warn")
    for point in fresh:
        for other in verbs.recognise(**{point.kind: point.value}, apart_from=client.id)[:1]:
            words = _("%(name)s has the same contact. If they are one client, merge them.", name=other.name)
            hidden = _("A client whom %(name)s leads has the same contact.", name=other.owner_name or "—")
            say(words if other.is_visible else hidden, kind="warn")


def _is_seen(point: ContactPoint) -> bool:
    hidden = "client.email" if point.kind == ContactKind.EMAIL else "client.phone"
    return current_actor().sees(hidden)


def _row(client: Client, field: Field, *, saved: bool = False) -> str:
    words = words_of(client, field)
    return render_template("clients/_field_row.html", client=client, field=field, words=words, saved=saved)


def _box(client: Client, field: Field, typed: str | None = None, **values: Any) -> str:
    value = words_of(client, field) if typed is None else typed
    if field.kind == "choice":
        value = client.kind if typed is None else typed
    said = {"error": "", "stale": None, "theirs": words_of(client, field)} | values
    choices = [(str(kind), str(words)) for kind, words in KINDS.items()]
    return render_template("clients/_field_box.html", client=client, field=field, value=value, choices=choices, **said)


def _contacts(client: Client, typed: str = "", error: str = "") -> str:
    return render_template("clients/_contacts.html", client=client, typed=typed, error=error, sees=current_actor().sees)


def _done(pk: int) -> Any:
    if not is_fragment():
        return redirect(url_for("Clients.card", pk=pk))
    return make_response(_contacts(client_or_404(pk)), 200, {"HX-Trigger": '{"v:said": {}}'})
