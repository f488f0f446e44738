"""Clients as a table: open deals, their sum, the last word; and the form with a hint at those who are there already."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder.widgets import ListWidget
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import or_, select
from wtforms import TextAreaField

from app.services import clients as verbs
from app.wording import phone
from models.clients import Client, ContactKind
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.beginnings import begun
from models.ground.nearby import STEPS, WITH_CONDITION, WITH_WORDS, few
from reports import clients as report
from reports.search import index
from views.base import CrmInterface, CrmModelView
from views.clients.found import gone, lines_of
from views.crud.filters import Refers
from views.crud.interface import Wanted
from views.deals.found import colleagues
from views.leads.found import common
from views.look.dressing import here

LEAST_DIGITS = 4
START: dict[str, Any] = {"after": None, "before": None, "page_Clients": None}
FORM = [
    "kind", "name", "phones", "emails", "full_name", "inn", "kpp", "address", "promo", "partner_percent",
    "partner_terms", "comment",
]  # fmt: skip
CONTACTS = {"phones": ContactKind.PHONE, "emails": ContactKind.EMAIL}


def kinds() -> list[tuple[str, Any]]:
    """Who a client is, for a form."""
    return [(str(kind), str(words)) for kind, words in report.KINDS.items()]


class ClientsWidget(ListWidget):
    """Rows drawn by hand: what is open with each and when one last spoke."""

    template = "clients/_table.html"


class ClientsTable(CrmModelView):
    """FAB's list and forms of clients over our verbs."""

    datamodel = CrmInterface(Client, load=("contacts",))
    list_title, add_title, edit_title = _l("Clients"), _l("New client"), _l("Client")
    list_columns = ["name", "phone", "email", "kind", "owner", "created_at"]
    order_columns = ["name", "created_at"]
    search_columns = ["kind", "owner", "inn", "promo", "created_at"]
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
        "kpp": _l("KPP"), "address": _l("Address"), "comment": _l("Comment"), "promo": _l("Promo code"),
        "partner_percent": _l("The partner gets, %"), "partner_terms": _l("Terms of the partner"),
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
    list_template = "clients/list.html"
    list_widget = ClientsWidget

    # ── the list ─────────────────────────────────────────────────────────────

    def _list_widget(self, wanted: Wanted, filters: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Rows with how it stands with each; only those with open deals where that is asked for."""
        typed, is_open = wanted.narrow, request.args.get("open") == "1"
        wanted.steps = WITH_WORDS if typed else WITH_CONDITION if request.args else STEPS
        if is_open:
            buying = select(Deal.id).where(Deal.client_id == Client.id, Deal.closed_at.is_(None)).exists()
            # Open deals in reach are few beside all clients, and so are those who buy.
            wanted.narrow = lambda query: few((typed(query) if typed else query).filter(buying))
        elif _is_of_one(wanted.filters):
            wanted.narrow = lambda query: few(typed(query) if typed else query)
        widget = super()._list_widget(wanted, filters, **kwargs, **common(), kind_words=report.KINDS)
        rows = widget["list"].template_args["rows"]
        widget["list"].template_args["standing"] = report.standing([row.id for row in rows])
        self.extra_args |= {"is_open": is_open, "choices": self._choices()}
        return widget

    def _choices(self) -> list[dict[str, Any]]:
        """The filters that stand as chips while they do not hold: the kind and the owner."""
        lists = {"kind": kinds(), "owner": [(str(person.id), person.name) for person in colleagues()]}
        known = self._filters.get_search_filters()
        return [
            {
                "label": str(self.label_columns[column]),
                "column": column,
                "values": values_of(column, pairs, known),
            }
            for column, pairs in lists.items()
            if not any(name.startswith("_flt_") and name.endswith(f"_{column}") for name in request.args)
        ]

    def narrowed(self, query: Any, text: str) -> Any:
        """By words of the name, the last digits of a phone, or the beginning of an e-mail."""
        digits = "".join(letter for letter in text if letter.isdigit())
        if "@" in text and current_actor().sees("client.email"):
            return few(query.filter(index.has_mail(text.strip().lower())))
        if len(digits) >= LEAST_DIGITS and not any(letter.isalpha() for letter in text):
            return few(query.filter(or_(*_by_digits(digits))))
        words = [word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if word]
        if not words:
            return query.filter(Client.id.is_(None))
        asked = begun(words)
        found = query.filter(Client.words.op("@@")(asked))
        return few(found) if index.are_few(asked) else found

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


def values_of(column: str, pairs: list[tuple[str, Any]], known: dict[str, list[Any]]) -> list[tuple[str, str]]:
    """Words of a filter and the address that narrows the list to them."""
    whole = next(index for index, one in enumerate(known[column]) if one.arg_name in {"eq", "rel_o_m"})
    return [(words, here(**{f"_flt_{whole}_{column}": code}, **START)) for code, words in pairs]


def _is_of_one(filters: Any) -> bool:
    """Whether one person's clients are asked for: their index leaves few to ask access for."""
    conditions = zip(filters.filters, filters.values, strict=True)
    return any(isinstance(one, Refers) and one.column_name == "owner" and value != "0" for one, value in conditions)


def _by_digits(digits: str) -> list[Any]:
    found: list[Any] = [Client.inn == digits] if len(digits) in (10, 12) else []
    if current_actor().sees("client.phone"):
        found.append(index.has_phone(digits[-10:][::-1]))
    return found or [Client.id.is_(None)]


def _typed(form: Any, name: str) -> list[str] | None:
    """What stands in a field of contacts, a line each; None when the form does not show it."""
    return lines_of(form[name].data or "") if name in form else None
