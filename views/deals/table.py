"""Deals as a table: columns, filters, totals, the whole form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, func, or_, select
from werkzeug.exceptions import BadRequest

from app.services import deals as verbs
from app.wording import day, language, money, short_money
from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.beginnings import begun
from models.lowcode import choices
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import Stage, StageKind
from views.base import CrmInterface, CrmModelView
from views.crud.interface import CAP, Wanted
from views.deals.moving import person_of
from views.look.dressing import here, icon

OPEN, WON, LOST, EVERY = "open", "won", "lost", "all"
STATES = {OPEN: _l("In work"), WON: _l("Won"), LOST: _l("Lost"), EVERY: _l("All")}
LEAST_DIGITS = 4
# The tables themselves: whoever reaches a deal reaches its client, and the deals are in reach already; the
# client's own condition would first collect every client in reach.
NAMED: Any = Client.__table__.alias()
PHONES: Any = ContactPoint.__table__.alias()
FORM = (
    "client", "title", "work_type", "address", "source", "category", "budget", "expected_on", "payer",
    "production_on", "comment",
)  # fmt: skip


def listed(name: str) -> Callable[[], list[tuple[str, str]]]:
    """The words of one of the company's lists, read when a form is made."""

    def pairs() -> list[tuple[str, str]]:
        said = language()
        return [("", "—"), *((choice.code, choice.label(said)) for choice in choices.choices(name))]

    return pairs


def stage_tag(stage: Stage | None) -> Markup:
    """A stage with its dot."""
    if stage is None:
        return Markup("")
    return Markup('<span class="row1 tight"><span class="v-dot h-{}"></span><span class="el">{}</span></span>').format(
        stage.hue, stage.label(language())
    )


def held_mark(until: dt.date | None) -> Markup:
    """Until when a deal is on hold; nothing for one in work."""
    mark = Markup('<span class="row1 tight">{}<span>{}</span></span>')
    return mark.format(icon("player-pause", "s mut3"), day(until)) if until else Markup("")


class DealsTable(CrmModelView):
    """FAB's list and forms of deals over our verbs."""

    datamodel = CrmInterface(Deal)
    list_title = _l("Deals")
    add_title = _l("New deal")
    edit_title = _l("Deal")
    list_columns = [
        "number", "client_name", "title", "stage", "amount", "owner", "stage_since", "held_until", "created_at",
    ]  # fmt: skip
    order_columns = ["number", "title", "amount", "stage_since", "created_at"]
    search_columns = [
        "funnel", "stage", "owner", "client", "partner", "source", "category", "work_type", "amount", "created_at",
        "closed_at", "held_until",
    ]  # fmt: skip
    add_columns = list(FORM)
    edit_columns = list(FORM)
    # The newest first: by the key, along which the reach of a manager is merged and not sorted.
    base_order = ("id", "desc")
    quick_words = _l("Client, phone or number")
    masked = {"budget": "deal.amount"}
    choices_columns = {
        "work_type": listed("work_type"),
        "source": listed("source"),
        "category": listed("category"),
    }
    label_columns = {
        "number": "№",
        "client": _l("Client"),
        "client_name": _l("Client"),
        "partner": _l("Partner"),
        "title": _l("What we make"),
        "stage": _l("Stage"),
        "funnel": _l("Funnel"),
        "amount": _l("Amount"),
        "owner": _l("Owner"),
        "stage_since": _l("On the stage since"),
        "created_at": _l("Created"),
        "closed_at": _l("Closed"),
        "held_until": _l("Held until"),
        **{code: FIELDS[code].label for code in FORM if code not in {"client", "title"}},
    }
    formatters_columns = {
        "stage": stage_tag,
        "amount": money,
        "held_until": held_mark,
        "client_name": lambda name: escape(name or "—"),
    }
    empty = {
        "title": _l("There are no deals yet"),
        "text": _l("A deal is a sale on its way from request to shipment. Leads become deals; you can start one too."),
    }
    extra_args = {
        "form_args": {"units": {"budget": "₽"}},
        "list_args": {"phone": {"l1": "client_name", "r1": "amount", "l2": "title", "r2": "stage"}},
        "add_words": _l("Deal"),
    }
    list_template = "deals/list.html"

    # ── the list ─────────────────────────────────────────────────────────────

    def _list_widget(self, wanted: Wanted, filters: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Rows of the tab at hand; with the sum of all of them while they can be counted."""
        state = request.args.get("state", OPEN)
        if state not in STATES:
            raise BadRequest
        typed = wanted.narrow
        wanted.narrow = lambda query: (typed(query) if typed else query).filter(*_of_state(state))
        self.extra_args |= {"tabs": _tabs(state)}
        widget = super()._list_widget(wanted, filters, **kwargs)
        count = widget["list"].template_args["count"]
        if current_actor().sees("deal.amount") and 0 < count <= CAP:
            widget["list"].template_args["sum_words"] = short_money(self._sum(wanted))
        return widget

    def _sum(self, wanted: Wanted) -> Any:
        query = self.datamodel.session.query(func.coalesce(func.sum(Deal.amount), 0))
        query = self.datamodel.apply_filters(query, self.datamodel.get_inner_filters(wanted.filters))
        return wanted.narrow(query).scalar()

    def narrowed(self, query: Any, text: str) -> Any:
        """By the number of the deal, the last digits of the client's phone, or words of the client's name."""
        digits = "".join(letter for letter in text if letter.isdigit())
        if digits and not any(letter.isalpha() for letter in text):
            return query.filter(or_(*_by_digits(digits)))
        words = [word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if word]
        if not words:
            return query.filter(Deal.id.is_(None))
        asked = begun(words)
        return query.filter(Deal.client_id.in_(select(NAMED.c.id).where(NAMED.c.words.op("@@")(asked))))

    # ── forms ────────────────────────────────────────────────────────────────

    def create(self, form: Any) -> Deal:
        """Start a deal."""
        values = _values(form)
        owner = request.args.get("owner")
        return verbs.start(None, values, owner=person_of(owner) if owner else None)

    def change(self, row: Deal, form: Any) -> None:
        """Save the whole form; a client that the actor may not see stays."""
        verbs.change(row, _values(form))

    def after_add(self, row: Deal) -> Any:
        """To the card."""
        return redirect(url_for("Deals.card", number=row.number))

    def after_edit(self, row: Deal) -> Any:
        """To the card."""
        return redirect(url_for("Deals.card", number=row.number))


def _tabs(state: str) -> list[dict[str, Any]]:
    page = {f"page_{name}": None for name in ("Deals",)}
    return [
        {"label": str(words), "url": here(state=key, after=None, before=None, **page), "on": key == state}
        for key, words in STATES.items()
    ]


def _of_state(state: str) -> list[ColumnElement[bool]]:
    if state == OPEN:
        return [Deal.closed_at.is_(None)]
    if state == EVERY:
        return []
    kind = StageKind.WON if state == WON else StageKind.LOST
    return [Deal.closed_at.is_not(None), Deal.stage_id.in_(_stages(kind))]


def _stages(kind: StageKind) -> list[int]:
    """The ids themselves: the planner then knows how few or many they are."""
    return list(db.session.execute(select(Stage.id).where(Stage.kind == kind)).scalars())


def _by_digits(digits: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if len(digits) < 10:
        found.append(Deal.number == int(digits))
    if len(digits) >= LEAST_DIGITS and current_actor().sees("client.phone"):
        ends = func.reverse(PHONES.c.value).startswith(digits[::-1], autoescape=True)
        holders = select(PHONES.c.client_id).where(PHONES.c.kind == ContactKind.PHONE, ends)
        found.append(Deal.client_id.in_(holders))
    return found or [Deal.id.is_(None)]


def _values(form: Any) -> dict[str, Any]:
    """What was typed, by field code; references that are hidden are left alone."""
    values = {}
    for code in FORM:
        if code not in form or getattr(form[code], "is_kept", False):
            continue
        data = form[code].data
        values[code] = data.id if hasattr(data, "id") else data
    return values
