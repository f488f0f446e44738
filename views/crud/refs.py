"""References: a field that searches on the server, and the address that it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, jsonify, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import Select, func, inspect, or_, select
from wtforms import Field, ValidationError

from models.clients import Client
from models.deals import Deal
from models.firms import Firm
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.nearby import first_of
from models.leads import Lead
from models.lowcode.funnels import Funnel, Stage
from models.products import Product
from models.staff import Person, Team
from reports.search import finders
from reports.search.question import Question
from views.crud.asked import search
from views.crud.filters import BIG
from views.crud.view import CrmView, require_signed_in

SHOWN = 20
# The value of a reference that the actor may not see: whoever saves the form keeps it as it is.
KEPT = "kept"


@dataclass(frozen=True)
class Ref:
    """What may be referred to: the table, what is found by the typed text, and the words beside a name."""

    model: Any
    find: Callable[[Select[Any], str], Select[Any]]
    note: Callable[[Any], str] = lambda _row: ""


def folded(text: str) -> str:
    """As names are kept for search."""
    return text.lower().replace("ё", "е")


def by_name(model: Any) -> Callable[[Select[Any], str], Select[Any]]:
    """Rows whose name begins so; for small tables."""

    def find(rows: Select[Any], text: str) -> Select[Any]:
        name = func.translate(func.lower(model.name), "ё", "е")
        return rows.where(name.startswith(folded(text), autoescape=True)).order_by(name, model.id)

    return find


def by_label(model: Any) -> Callable[[Select[Any], str], Select[Any]]:
    """Rows named in several languages, by the name in the reader's."""

    def find(rows: Select[Any], text: str) -> Select[Any]:
        names = model.names
        name = func.lower(func.coalesce(names[current_actor().language].astext, names["ru"].astext, ""))
        return rows.where(name.startswith(text.lower(), autoescape=True)).order_by(model.position, model.id)

    return find


def people(rows: Select[Any], text: str) -> Select[Any]:
    """People who work here, by the beginning of either name."""
    names = [func.translate(func.lower(name), "ё", "е") for name in (Person.first_name, Person.last_name)]
    begins = (name.startswith(folded(text), autoescape=True) for name in names)
    return rows.where(Person.active.is_(True), or_(*begins)).order_by(*names[::-1], Person.id)


def by_folded(model: Any) -> Callable[[Select[Any], str], Select[Any]]:
    """Rows of a large table by the beginning of the folded name, which has an index."""

    def find(rows: Select[Any], text: str) -> Select[Any]:
        if not text:
            return rows.order_by(model.id.desc())
        return rows.where(model.folded.startswith(folded(text), autoescape=True)).order_by(model.folded, model.id)

    return find


def clients_called(text: str, count: int) -> list[Client]:
    """Clients by the beginning of the name, or the latest."""
    rows = by_folded(Client)(select(Client), text)
    order = (Client.folded, False) if text else (Client.id, True)
    return first_of(db.session, rows, order, count, begins=folded(text))


def clients_found(text: str) -> list[dict[str, Any]]:
    """Clients whose name begins so, then those whom the search finds: by any word of the name, phone, INN, e-mail."""
    found = {row.id: row.name for row in clients_called(text, SHOWN)}
    asked = Question.of(text)
    if len(found) < SHOWN and not asked.is_empty:
        found |= {hit.id: hit.name for hit in finders.clients(asked)}
    return [{"id": key, "text": name, "note": ""} for key, name in found.items()]


def deals(rows: Select[Any], text: str) -> Select[Any]:
    """Deals by number, or by the beginning of the title; the latest first."""
    digits = text.removeprefix("№").strip()
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        return rows.where(Deal.number == int(digits))
    title = Deal.title.startswith(text, autoescape=True)
    return rows.where(title if text else Deal.closed_at.is_(None)).order_by(Deal.id.desc())


REFS: dict[str, Ref] = {
    "client": Ref(Client, by_folded(Client)),
    "deal": Ref(Deal, deals, lambda deal: deal.title),
    "firm": Ref(Firm, by_name(Firm)),
    "funnel": Ref(Funnel, by_label(Funnel)),
    "lead": Ref(Lead, by_folded(Lead)),
    "person": Ref(Person, people, lambda person: person.post or ""),
    "product": Ref(Product, by_name(Product)),
    "stage": Ref(Stage, by_label(Stage)),
    "team": Ref(Team, by_name(Team)),
}


def name_of(row: Any) -> str:
    """A row's name in the reader's language."""
    return str(row.label(current_actor().language) if hasattr(row, "label") else row)


def address_of(model: Any) -> str:
    """Where references to this table are searched."""
    return next(f"/ref/{noun}" for noun, ref in REFS.items() if ref.model is model)


class Refs(CrmView):
    """Answers what a reference field may be set to: rows that the actor sees, at most SHOWN."""

    route_base = "/ref"

    @expose("/<noun>")
    @require_signed_in
    def search(self, noun: str) -> Any:
        """{"results": [{"id", "text", "note"}]}."""
        ref = REFS.get(noun)
        if ref is None:
            abort(404)
        if ref.model is Client:
            return jsonify(results=clients_found(search()))
        rows = list(db.session.execute(ref.find(select(ref.model), search()).limit(SHOWN)).scalars())
        return jsonify(results=[{"id": row.id, "text": name_of(row), "note": ref.note(row)} for row in rows])


class RefWidget:
    """A select with the current value alone; the page's script searches."""

    css = "form-select"

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        value, words = field.shown
        key = attributes.pop("id", field.id)
        options = Markup('<option value="{}" selected>{}</option>').format(value, words) if value else ""
        marks = " ".join(f'{name}="{escape(text)}"' for name, text in attributes.items() if text)
        needed = Markup(" required") if field.flags.required else ""
        return Markup('<select id="{}" name="{}" data-ref-url="{}"{} {}><option value=""></option>{}</select>').format(
            key, field.name, field.address, needed,
            Markup(marks),  # noqa: S704 (names are ours, values escaped above)
            options,
        )


class RefField(Field):
    """A reference. What the actor may not see is kept: a save never empties what it could not show."""

    widget = RefWidget()

    def __init__(self, label: Any = None, validators: Any = None, *, model: Any, key: str = "", **options: Any) -> None:
        super().__init__(label, validators, **options)
        self.model = model
        self.key = key
        self.is_kept = False
        self.is_posted = False

    @property
    def address(self) -> str:
        """Where it searches."""
        return address_of(self.model)

    @property
    def shown(self) -> tuple[str, str]:
        """The value and the words of the only option in the page."""
        if self.is_kept:
            return KEPT, _("hidden record")
        if self.data is None:
            return "", ""
        return str(inspect(self.data).identity[0]), name_of(self.data)

    def look_at(self, row: Any) -> None:
        """Learn from the row whether it refers to something that the actor may not see."""
        self.is_kept = self.data is None and getattr(row, self.key, None) is not None

    def process_data(self, value: Any) -> None:
        """A row, or the id that an address prefills."""
        self.data = self._row(value) if isinstance(value, str | int) else value

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.is_posted = True
        self.is_kept = valuelist[0] == KEPT
        if not self.is_kept:
            self.data = self._row(valuelist[0]) if valuelist[0] else None
            self.is_unknown = bool(valuelist[0]) and self.data is None

    is_unknown = False

    def pre_validate(self, form: Any) -> None:
        if self.is_unknown:
            raise ValidationError(_("There is no such record, or you may not see it. Choose another."))

    def _row(self, text: Any) -> Any:
        digits = str(text)
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or int(digits) > BIG:
            return None
        found = db.session.execute(select(self.model).where(self.model.id == int(digits))).scalar_one_or_none()
        return found  # noqa: RET504

    def populate_obj(self, obj: Any, name: str) -> None:
        if not self.is_posted or self.is_kept:
            return
        setattr(obj, name, self.data)
        if self.data is None and self.key:
            # The relation to what the actor may not see looks empty already.
            setattr(obj, self.key, None)


def prefilled(name: str) -> str | None:
    """The value that an address gives to a reference of a new record: ?client=5, or FAB's _flt_0_client=5."""
    return request.args.get(name) or request.args.get(f"_flt_0_{name}")
