"""Clients: the list, the card, the form with a hint at those who are there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload
from wtforms import TextAreaField

from app.services import clients as verbs
from app.services import contacts
from app.wording import phone
from models.clients import Client, ContactKind, ContactPoint
from models.ground.actor import current_actor
from models.ground.base import db
from models.staff import Person
from reports import clients as report
from views.base import CrmInterface, CrmModelView, committing, require
from views.leads.doing import person_of
from views.leads.found import BIGGEST
from views.leads.known import asked_answer
from views.shell import say

LEAST_DIGITS, MOST_TYPED = 4, 5
FORM = ["kind", "name", "phones", "emails", "full_name", "inn", "kpp", "address", "comment"]
CONTACTS = {"phones": ContactKind.PHONE, "emails": ContactKind.EMAIL}


def kinds() -> list[tuple[str, Any]]:
    """Who a client is, for a form."""
    return [(str(kind), str(words)) for kind, words in report.KINDS.items()]


class Clients(CrmModelView):
    """Everybody we sell to, and how to reach them."""

    datamodel = CrmInterface(Client, load=("contacts",))
    route_base = "/clients"
    class_permission_name = "Clients"
    list_title, add_title, edit_title = _l("Clients"), _l("New client"), _l("Client")
    list_columns = ["name", "phone", "email", "kind", "owner", "created_at"]
    order_columns = ["name", "created_at"]
    search_columns = ["kind", "owner", "inn", "created_at"]
    add_columns = edit_columns = FORM
    base_order = ("created_at", "desc")
    choices_columns = {"kind": kinds}
    quick_words = _l("Name, phone, e-mail")
    masked = {"phone": "client.phone", "email": "client.email"}
    add_form_extra_fields = edit_form_extra_fields = {
        "phones": TextAreaField(_l("Phones, each on a line of its own"), render_kw={"rows": 2}),
        "emails": TextAreaField(_l("E-mails, each on a line of its own"), render_kw={"rows": 2}),
    }
    label_columns = {
        "name": _p("client", "Name"), "phone": _l("Phone"), "email": _l("E-mail"), "kind": _l("Who it is"),
        "owner": _l("Owner"), "created_at": _l("Since"), "full_name": _l("Name in full"), "inn": _l("INN"),
        "kpp": _l("KPP"), "address": _l("Address"), "comment": _l("Comment"),
    }  # fmt: skip
    formatters_columns = {
        "phone": lambda value: phone(value) or "—",
        "kind": lambda value: report.KINDS.get(value, value),
    }
    empty = {
        "title": _l("There are no clients here"),
        "text": _l("A client appears when a lead becomes a deal; you can add one by hand too."),
    }
    extra_args = {
        "add_words": _l("Client"),
        "list_args": {"phone": {"l1": "name", "r1": "owner", "l2": "phone", "r2": "kind"}},
    }
    add_template = edit_template = "clients/form.html"

    def narrowed(self, query: Any, text: str) -> Any:
        """By words of the name, the last digits of a phone, or the beginning of an e-mail."""
        digits = "".join(letter for letter in text if letter.isdigit())
        actor = current_actor()
        point = select(ContactPoint.client_id)
        if "@" in text and actor.sees("client.email"):
            mail = ContactPoint.value.startswith(text.strip().lower(), autoescape=True)
            return query.filter(Client.id.in_(point.where(ContactPoint.kind == ContactKind.EMAIL, mail)))
        if len(digits) >= LEAST_DIGITS and not any(letter.isalpha() for letter in text):
            return query.filter(or_(*_by_digits(digits)))
        words = [word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if word]
        if not words:
            return query.filter(Client.id.is_(None))
        asked = func.to_tsquery("simple", " & ".join(f"{word.replace('ё', 'е')}:*" for word in words))
        return query.filter(Client.words.op("@@")(asked))

    # ── the card ─────────────────────────────────────────────────────────────

    @expose("/<int:pk>")
    @require("can_show")
    def card(self, pk: int) -> Any:
        """The client with deals, requests and the feed."""
        client = client_or_404(pk)
        deals, leads = report.deals_of(client), report.leads_of(client)
        actor = current_actor()
        values = {
            "client": client,
            "deals": deals,
            "leads": leads,
            "feed": report.feed(deals, leads),
            "sees": actor.sees,
            "lang": actor.language,
            "kind_words": report.KINDS,
            "people": _people() if actor.may("can_edit", "Clients") else [],
        }
        return self.render_template("clients/card.html", **values)

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """FAB's address of a row leads to the card."""
        return redirect(url_for("Clients.card", pk=self.row_or_404(pk).id))

    @expose("/<int:pk>/assign", methods=["POST"])
    @require("can_edit")
    def assign(self, pk: int) -> Any:
        """Give the client to somebody else."""
        person = person_of(request.form.get("owner", ""))
        with committing():
            verbs.assign(client_or_404(pk), person)
        say(_("Given to %(name)s.", name=person.name))
        found = db.session.execute(select(Client.id).where(Client.id == pk)).first()
        return redirect(url_for("Clients.card", pk=pk) if found else url_for("Clients.list"))

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
            verbs.complete(client, _lines(request.form.get("phones", "")), _lines(request.form.get("emails", "")))
        say(_("The contacts are added to %(name)s.", name=client.name))
        return redirect(url_for("Clients.card", pk=pk))

    def row_or_404(self, pk: Any) -> Client:
        """The row; the address of a merged client leads to the one that it is part of."""
        row = self.datamodel.get(pk, self._base_filters)
        digits = str(pk)
        is_key = digits.isascii() and digits.isdigit() and len(digits) < 19
        return row if row is not None else gone(int(digits) if is_key else 0)  # type: ignore[no-any-return]

    # ── forms ────────────────────────────────────────────────────────────────

    def create(self, form: Any) -> Client:
        """Make the client."""
        values = {name: form[name].data or "" for name in FORM if name in form and name not in CONTACTS}
        name = values.pop("name", "")
        return verbs.create(name, phones=_typed(form, "phones"), emails=_typed(form, "emails"), values=values)

    def change(self, row: Client, form: Any) -> None:
        """Save what the form shows."""
        plain = [name for name in FORM if name in form and name not in CONTACTS]
        values: dict[str, Any] = {name: form[name].data or "" for name in plain}
        values |= {name: _typed(form, name) for name in CONTACTS if name in form}
        verbs.change(row, values)

    def prefill_form(self, form: Any, pk: Any) -> None:
        """Phones and e-mails, each on a line; what the actor may not see is not asked for."""
        client = self.row_or_404(pk)
        for name, kind in CONTACTS.items():
            said = [point.value for point in client.contacts if point.kind == kind]
            form[name].data = "\n".join(phone(one) if kind == ContactKind.PHONE else one for one in said)

    def _form_page(self, kind: str, form: Any, outcome: Any) -> Any:
        """Fields of contacts that the actor may not see are left out; the hint knows whose form it is."""
        actor = current_actor()
        for name, hidden in (("phones", "client.phone"), ("emails", "client.email")):
            if name in form and not actor.sees(hidden):
                del form[name]
        self.extra_args |= {"known_url": url_for("Clients.known", own=(request.view_args or {}).get("pk", ""))}
        return super()._form_page(kind, form, outcome)

    def after_add(self, row: Client) -> Any:
        """To the card."""
        return redirect(url_for("Clients.card", pk=row.id))

    def after_edit(self, row: Client) -> Any:
        """To the card."""
        return redirect(url_for("Clients.card", pk=row.id))


def client_or_404(pk: int) -> Client:
    """The client with this key, if the actor reaches it."""
    if pk > BIGGEST:
        abort(404)
    loads = (selectinload(Client.owner), selectinload(Client.contacts))
    client = db.session.execute(select(Client).where(Client.id == pk).options(*loads)).scalar_one_or_none()
    return client if client is not None else gone(pk)


def _holders(typed: Any) -> list[verbs.Holder]:
    """Those who have one of the typed contacts, except whoever the form is of and those called different from them."""
    own = typed.get("own") or request.args.get("own", "")
    apart = int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None
    found: dict[int, verbs.Holder] = {}
    for text in _lines(typed.get("phones", ""))[:MOST_TYPED]:
        found |= {one.client_id: one for one in verbs.recognise(phone=contacts.phone(text), apart_from=apart)}
    for text in _lines(typed.get("emails", ""))[:MOST_TYPED]:
        found |= {one.client_id: one for one in verbs.recognise(email=contacts.email(text), apart_from=apart)}
    if inn := typed.get("inn", "").strip():
        found |= {one.client_id: one for one in verbs.of_inns([inn[:12]], apart_from=apart)}
    return list(found.values())


def gone(pk: int) -> NoReturn:
    """The address of a client that was merged leads to the one client; of others there is nothing."""
    now = verbs.became(pk)
    if now is None:
        abort(404)
    abort(redirect(url_for("Clients.card", pk=now)))


def _by_digits(digits: str) -> list[Any]:
    found: list[Any] = [Client.inn == digits] if len(digits) in (10, 12) else []
    if current_actor().sees("client.phone"):
        ends = func.reverse(ContactPoint.value).startswith(digits[-10:][::-1], autoescape=True)
        points = select(ContactPoint.client_id).where(ContactPoint.kind == ContactKind.PHONE, ends)
        found.append(Client.id.in_(points))
    return found or [Client.id.is_(None)]


def _people() -> Sequence[Person]:
    rows = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name).limit(200)
    return db.session.execute(rows).scalars().all()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _typed(form: Any, name: str) -> list[str] | None:
    """What stands in a field of contacts, a line each; None when the form does not show it."""
    return _lines(form[name].data or "") if name in form else None
