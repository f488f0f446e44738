"""Leads as a table: tabs, filters, the timer; and the form that corrects what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder.widgets import ListWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import func, or_
from werkzeug.exceptions import BadRequest

from app.services import leads as verbs
from app.wording import number
from models.ground.actor import current_actor
from models.ground.beginnings import begun
from models.leads import Lead
from reports import leads as report
from views.base import CrmInterface, CrmModelView
from views.crud import asked
from views.crud.interface import Wanted
from views.leads.found import colleagues, common
from views.look.dressing import here

LEAST_DIGITS = 4
# The first page again: what is on the second of a wider list says nothing of a narrower one.
START: dict[str, Any] = {"after": None, "before": None, "page_Leads": None}


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
    search_columns = ["klass", "state", "source", "owner", "partner", "received_at", "respond_by"]
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
        "partner": _l("Partner"),
    }
    empty = {
        "title": _l("There are no leads here"),
        "text": _l("Requests from the site, calls and letters come here; each has a timer until it is answered."),
    }
    extra_args = {"add_words": _l("Lead")}

    def _list_widget(self, wanted: Wanted, filters: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Rows of the tab at hand; those that wait stand with the most urgent first."""
        seen = narrowing()
        wanted.narrow = _with(wanted.narrow, seen)
        if seen.tab == report.NEEDED and "_oc_Leads" not in request.args:
            wanted.order, wanted.direction = "respond_by", "asc"
        self.extra_args |= {
            "tabs": _tabs(seen.tab),
            "seen": seen,
            "choices": self._choices(),
            "periods": report.PERIODS,
        }
        return super()._list_widget(wanted, filters, tab=seen.tab, **kwargs, **common())

    def matching(self, most: int) -> list[int]:
        """Keys of the whole list that this address shows, whatever page it is on, at most so many and one more."""
        wanted = asked.wanted(self)
        text = asked.search()
        query = self.datamodel.session.query(Lead)
        query = self.datamodel.apply_filters(query, self.datamodel.get_inner_filters(wanted.filters))
        query = self.narrowed(query, text) if text else query
        rows = _with(None, narrowing())(query).with_entities(Lead.id).order_by(Lead.id)
        return [row.id for row in rows.limit(most + 1)]

    def _choices(self) -> list[dict[str, Any]]:
        """The filters that stand as chips: those that do not hold yet, each with its values and their addresses."""
        people = [(str(person.id), person.name) for person in colleagues()]
        lists = {
            "source": report.sources(),
            "klass": [(str(code), str(words)) for code, (words, _hue) in report.CLASSES.items()],
            "owner": [("0", _("nobody")), *people],
        }
        known = self._filters.get_search_filters()
        return [
            {
                "label": str(self.label_columns[column]),
                "column": column,
                "values": _values(column, pairs, known[column]),
            }
            for column, pairs in lists.items()
            if not any(name.startswith("_flt_") and name.endswith(f"_{column}") for name in request.args)
        ]

    def narrowed(self, query: Any, text: str) -> Any:
        """By beginnings of words of the name and the request, the last digits of the phone, or the number."""
        digits = "".join(letter for letter in text if letter.isdigit())
        if digits and not any(letter.isalpha() for letter in text):
            return query.filter(or_(*_by_digits(digits)))
        letters = "".join(c if c.isalnum() else " " for c in text.lower().replace("ё", "е"))
        if not letters.split():
            return query.filter(Lead.id.is_(None))
        return query.filter(Lead.searched.op("@@")(begun(letters.split())))

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


@dataclass(frozen=True)
class Narrowing:
    """What the address says beside FAB's own filters: the tab, the period, only what is late."""

    tab: str
    period: str
    late: bool


def narrowing() -> Narrowing:
    """As the address says it. Refuses what cannot be meant."""
    said = Narrowing(
        request.args.get("tab", report.NEEDED), request.args.get("period", ""), request.args.get("late", "") == "1"
    )
    if said.tab not in report.TABS or (said.period and said.period not in report.PERIODS):
        raise BadRequest
    return said


def _with(typed: Any, seen: Narrowing) -> Any:
    conditions = [*report.within(seen.tab, seen.period), *(report.overdue() if seen.late else [])]
    return lambda query: (typed(query) if typed else query).filter(*conditions)


def _values(column: str, pairs: list[tuple[str, str]], known: list[Any]) -> list[tuple[str, str]]:
    """Words and the address that narrows the list to them."""
    whole = next(index for index, one in enumerate(known) if one.arg_name in {"eq", "rel_o_m"})
    return [(words, here(**{f"_flt_{whole}_{column}": code}, **START)) for code, words in pairs]


def _tabs(tab: str) -> list[dict[str, Any]]:
    counted = report.counts()
    places = START | {"_oc_Leads": None, "_od_Leads": None, "period": None, "late": None}
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
