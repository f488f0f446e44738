"""How a table's rows are read for a list: what is shown is loaded at once, counts and pages are bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import asc, desc, func, inspect, select, tuple_
from sqlalchemy.orm import selectinload
from werkzeug.exceptions import BadRequest

from models.ground.access import ROW_BY_ROW
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.nearby import STEPS, few, is_collected, nearby, own_column
from views.crud import filters as conditions
from views.crud.places import Place

CAP = 10_000
# Up to this page rows are skipped one by one; further on only their keys are.
NEAR = 20


@dataclass
class Page:
    """A page of rows. `count` stops at CAP + 1; `next` and `previous` are places to go on from."""

    rows: list[Any]
    count: int
    next: Place | None = None
    previous: Place | None = None


@dataclass
class Wanted:
    """What part of a list is wanted, and in which order."""

    filters: Any = None
    order: str = ""
    direction: str = "asc"
    number: int = 0
    size: int = 50
    place: Place | None = None
    columns: list[str] = field(default_factory=list)
    narrow: Any = None
    # How many rows are looked through before all in reach are collected (models/ground/nearby.py).
    steps: int = STEPS
    # Told by the page: the actor reaches many rows, and they lie close together.
    is_dense: bool = False


class CrmInterface(SQLAInterface):
    """A table as views read it.

    `load` names relations that the shown columns need although they do not name them ("client.contacts");
    `order_by` says by which column a shown one is ordered ({"name": "folded"} is known by itself).
    """

    filter_converter_class = conditions.Converter
    FilterRelationOneToManyEqual = conditions.Refers

    def __init__(self, obj: Any, load: tuple[str, ...] = (), order_by: dict[str, str] | None = None) -> None:
        super().__init__(obj)
        self.load = load
        own = {"name": "folded"} if hasattr(obj, "folded") else {}
        self.order_by = own | (order_by or {})

    @property
    def session(self) -> Any:
        """The session of the request: FAB's detour over the application is not needed."""
        return db.session

    @property
    def model_name(self) -> str:
        """The class's name."""
        return str(self.obj.__name__)

    def get_related_interface(self, col_name: str) -> CrmInterface:
        """The interface to a related table."""
        return CrmInterface(self.get_related_model(col_name))

    def key_of(self, relation: str) -> Any:
        """The foreign key column behind a relation, as an attribute."""
        column = self.get_relation_fk(relation)
        return getattr(self.obj, inspect(self.obj).get_property_by_column(column).key)

    # ── one row ──────────────────────────────────────────────────────────────

    def get(self, id: Any, filters: Any = None, *_more: Any, **_options: Any) -> Any:  # noqa: A002
        """The row with this key, if there is one and the actor may see it."""
        key = self.read_key(id)
        if key is None:
            return None
        query = self.session.query(self.obj).filter(self.get_pk() == key)
        if filters is not None:
            query = self.apply_filters(query, self.get_inner_filters(filters))
        return query.one_or_none()

    def read_key(self, text: Any) -> Any:
        """The key that an address says, or nothing when no row can have it."""
        if not self.is_integer(self.get_pk_name()):
            return str(text)
        try:
            return conditions.whole(str(text), conditions.top_of(self.get_pk()))
        except BadRequest:
            return None

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        """The record that a condition names, if the actor may see it."""
        return CrmInterface(self.get_related_model(col_name)).get(value)

    # ── many rows ────────────────────────────────────────────────────────────

    def query(self, filters: Any = None, order_column: str = "", order_direction: str = "", page: int | None = None,
              page_size: int | None = None, *_more: Any, **_options: Any) -> tuple[int, list[Any]]:  # fmt: skip
        """As FAB asks: the capped count and the rows."""
        wanted = Wanted(filters, order_column, order_direction or "asc", page or 0, page_size or 50)
        found = self.page(wanted)
        return found.count, found.rows

    def page(self, wanted: Wanted) -> Page:
        """The wanted part of the list."""
        query = self.session.query(self.obj)
        query = self.apply_filters(query, self.get_inner_filters(wanted.filters))
        if wanted.narrow is not None:
            query = wanted.narrow(query)
        rows = self._rows(query, wanted)
        is_more = len(rows) > wanted.size
        if wanted.place is not None and wanted.place.is_backwards:
            rows = rows[: wanted.size][::-1]
            is_more, is_less = True, is_more
        else:
            rows = rows[: wanted.size]
            is_less = wanted.number > 0 or wanted.place is not None
        page = Page(rows, self._count(query, wanted, len(rows), is_more))
        if rows and self._is_walkable(wanted.order):
            page.next = self._place(rows[-1], wanted, "after") if is_more else None
            page.previous = self._place(rows[0], wanted, "before") if is_less else None
        return page

    def _count(self, query: Any, wanted: Wanted, seen: int, is_more: bool) -> int:
        if wanted.number == 0 and wanted.place is None and not is_more:
            return seen
        if wanted.is_dense:
            own = query.filter(self.obj.is_own(current_actor()))
            if self._capped(few(own)) > CAP:
                return CAP + 1
        return self._capped(query)

    def _capped(self, query: Any) -> int:
        keys = query.with_entities(self.get_pk()).order_by(None).limit(CAP + 1).subquery()
        counted = select(func.count()).select_from(keys).execution_options(**query.get_execution_options())
        return int(self.session.execute(counted).scalar_one())

    def _rows(self, query: Any, wanted: Wanted) -> list[Any]:
        """One row more than fits, to know whether there is a next page."""
        is_backwards = wanted.place is not None and wanted.place.is_backwards
        columns = self._order_columns(wanted.order)
        falls = (wanted.direction == "desc") != is_backwards
        query = query.order_by(*((desc if falls else asc)(column) for column in columns))
        beyond = []
        if wanted.place is not None:
            here = tuple_(*wanted.place.values(columns))
            query = query.filter(tuple_(*columns) < here if falls else tuple_(*columns) > here)
            own = tuple_(*map(own_column, columns))
            beyond = [own < here if falls else own > here]
        elif wanted.number > NEAR:
            return self._by_keys(self._keys(query, wanted), wanted)
        if self._is_collected(query, wanted):
            keys = self._keys(nearby(query, columns[0], falls, *beyond, steps=wanted.steps), wanted)
            if len(keys) > wanted.size:
                wanted.is_dense = wanted.narrow is None
                return self._by_keys(keys, wanted)
        if wanted.place is None:
            query = query.offset(wanted.number * wanted.size)
        return list(query.options(*self._loads(wanted.columns)).limit(wanted.size + 1))

    def _is_collected(self, query: Any, wanted: Wanted) -> bool:
        """Whether it pays to look nearby first: where few are asked for, they are asked one by one anyway."""
        is_walked = self._is_walkable(wanted.order) and not query.get_execution_options().get(ROW_BY_ROW)
        return is_walked and is_collected(self.obj, current_actor())

    def _keys(self, query: Any, wanted: Wanted) -> list[Any]:
        """The keys of a page: the rows before it are skipped without being read."""
        skip = 0 if wanted.place is not None else wanted.number * wanted.size
        return [row[0] for row in query.with_entities(self.get_pk()).offset(skip).limit(wanted.size + 1)]

    def _by_keys(self, keys: list[Any], wanted: Wanted) -> list[Any]:
        """The rows with these keys, in their order."""
        pk = self.get_pk()
        rows = self.session.query(self.obj).filter(pk.in_(keys)).options(*self._loads(wanted.columns))
        by_key = {getattr(row, pk.key): row for row in few(rows)}
        return [by_key[key] for key in keys if key in by_key]

    def _order_columns(self, order: str) -> list[Any]:
        pk = self.get_pk()
        if not order:
            return [pk]
        column = getattr(self.obj, self.order_by.get(order, order))
        return [column] if column is pk else [column, pk]

    def _is_walkable(self, order: str) -> bool:
        """Whether the order has no empty values: those are neither before nor after anything."""
        columns = (column.property.columns[0] for column in self._order_columns(order))
        return not any(column.nullable for column in columns)

    def _place(self, row: Any, wanted: Wanted, side: str) -> Place:
        values = [getattr(row, column.key) for column in self._order_columns(wanted.order)]
        return Place.of(side, values)

    def _loads(self, columns: list[str]) -> list[Any]:
        """Relations of the shown columns, each with one statement for the whole page."""
        ways = {way for column in (*columns, *self.load) if (way := self._way(column))}
        return [self._load(way) for way in sorted(ways)]

    def _way(self, column: str) -> tuple[str, ...]:
        """The relations that a shown column goes through: ("client",) of "client.name"."""
        model, way = self.obj, []
        for part in column.split("."):
            relation = inspect(model).relationships.get(part)
            if relation is None:
                break
            way.append(part)
            model = relation.mapper.class_
        return tuple(way)

    def _load(self, way: tuple[str, ...]) -> Any:
        model, option = self.obj, None
        for part in way:
            attribute = getattr(model, part)
            option = selectinload(attribute) if option is None else option.selectinload(attribute)
            model = attribute.property.mapper.class_
        return option

    # ── writing: doors commit, not the interface ─────────────────────────────

    def add(self, item: Any, commit: bool = True) -> None:
        """Put the row into the session."""
        self.session.add(item)
        self.session.flush()

    def edit(self, item: Any, commit: bool = True) -> None:
        """The row is in the session already."""
        self.session.flush()

    def delete(self, item: Any, commit: bool = True) -> None:
        """Take the row out."""
        self.session.delete(item)
        self.session.flush()
