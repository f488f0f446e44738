"""Leads as a table: tabs, filters, the timer; and the form that corrects what was typed."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder.widgets import ListWidget
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import func, or_
from werkzeug.exceptions import BadRequest

from app.services import leads as verbs
from app.wording import number
from models.ground.actor import current_actor
from models.leads import Lead
from reports import leads as report
from views.base import CrmInterface, CrmModelView
from views.crud.interface import Wanted
from views.leads.found import common
from views.look.dressing import here

LEAST_DIGITS = 4


def listed(words: Any) -> Any:
    """Pairs for a filter, in the language at hand."""
    return lambda: [("", "—"), *((str(code), str(one[0] if isinstance(one, tuple) else one)) for code, one in words)]


class LeadsWidget(ListWidget):
    """Rows drawn by hand: a timer, a class with its reason, where it came from."""

    template = "leads/_table.html"


class LeadsTable(CrmModelView):
    """FAB's list and forms of leads over our verbs."""

    datamodel = CrmInterface(Lead, load=("client",))
    list_title = _l("Leads")
    add_title = _l("New lead")
    edit_title = _l("Lead")
    list_template = "leads/list.html"
    list_widget = LeadsWidget
    list_columns = ["name", "phone", "words", "source", "klass", "respond_by", "owner"]
    order_columns = ["name", "received_at", "respond_by"]
    search_columns = ["klass", "state", "source", "owner", "received_at", "respond_by"]
    edit_columns = ["name", "phone", "email", "words"]
    method_permission_name = {"take_back": "edit"}
    # What is written down by hand comes through its own page, not through FAB's form.
    add_columns = ["name", "phone", "email", "words"]
    base_order = ("received_at", "desc")
    quick_words = _l("Name, phone, request")
    masked = {"email": "lead.phone"}
    choices_columns = {
        "klass": listed(report.CLASSES.items()),
        "state": listed(report.STATES.items()),
        "source": lambda: [("", "—"), *report.sources()],
    }
    label_columns = {
        "name": _p("person", "Name"),
        "phone": _l("Contact"),
        "email": _l("E-mail"),
        "words": _l("Request"),
        "source": _l("From"),
        "klass": _l("Class"),
        "state": _l("State"),
        "respond_by": _l("Answer"),
        "received_at": _l("Came"),
        "owner": _l("Owner"),
    }
    empty = {
        "title": _l("There are no leads here"),
        "text": _l("Requests from the site, calls and letters come here; each has a timer until it is answered."),
    }
    extra_args = {"add_words": _l("Lead")}

    def _list_widget(self, wanted: Wanted, filters: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Rows of the tab at hand; those that wait stand with the most urgent first."""
        tab = request.args.get("tab", report.NEEDED)
        if tab not in report.TABS:
            raise BadRequest
        typed = wanted.narrow
        wanted.narrow = lambda query: (typed(query) if typed else query).filter(*report.within(tab))
        if tab == report.NEEDED and "_oc_Leads" not in request.args:
            wanted.order, wanted.direction = "respond_by", "asc"
        self.extra_args |= {"tabs": _tabs(tab)}
        return super()._list_widget(wanted, filters, **kwargs, **common())

    def narrowed(self, query: Any, text: str) -> Any:
        """By beginnings of words of the name and the request, the last digits of the phone, or the number."""
        digits = "".join(letter for letter in text if letter.isdigit())
        if digits and not any(letter.isalpha() for letter in text):
            return query.filter(or_(*_by_digits(digits)))
        letters = "".join(c if c.isalnum() else " " for c in text.lower().replace("ё", "е"))
        if not letters.split():
            return query.filter(Lead.id.is_(None))
        asked = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in letters.split()))
        return query.filter(Lead.searched.op("@@")(asked))

    def change(self, row: Lead, form: Any) -> None:
        """Save what was corrected; what is not shown is not touched."""
        verbs.change(row, {name: form[name].data or "" for name in self.edit_columns if name in form})

    def prefill_form(self, form: Any, pk: Any) -> None:
        """A phone that could not be understood is shown as it was typed."""
        if "phone" in form and not form.phone.data:
            form.phone.data = self.row_or_404(pk).typed_phone

    def after_edit(self, row: Lead) -> Any:
        """To the card."""
        return redirect(url_for("Leads.card", pk=row.id))


def _tabs(tab: str) -> list[dict[str, Any]]:
    counted = report.counts()
    places = {"after": None, "before": None, "page_Leads": None, "_oc_Leads": None, "_od_Leads": None}
    return [
        {"label": str(words), "url": here(tab=key, **places), "on": key == tab, "count": _few(counted[key])}
        for key, words in report.TABS.items()
    ]


def _few(count: int) -> str:
    return number(count) if count < report.CAP else f"{number(report.CAP)}+"


def _by_digits(digits: str) -> list[Any]:
    found: list[Any] = [Lead.id == int(digits)] if len(digits) < 10 else []
    if len(digits) >= LEAST_DIGITS and current_actor().sees("lead.phone"):
        tail = digits[-10:][::-1]
        found.append((Lead.phone != "") & func.reverse(Lead.phone).startswith(tail, autoescape=True))
    return found or [Lead.id.is_(None)]
