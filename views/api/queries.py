"""What a list is asked for: filters and order by an allow-list, pages of a bounded size and depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.sql import operators
from werkzeug.datastructures import MultiDict

from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.nearby import WITH_CONDITION, is_collected, nearby
from models.ground.refused import Refused
from views.api.bodies import listed, short
from views.api.columns import Column, Unclear, read_whole

PAGE_SIZE = 25
LARGEST_PAGE = 200
# Counting stops here, and so do pages: further on one reads by a range of the key, which is quick anywhere.
CAP = 10_000
VALUES_LIMIT = 50

Condition = Callable[[str], Any]


@dataclass(frozen=True)
class Filter:
    """A parameter of the address. `make` turns its text into a condition of the query."""

    name: str
    column: Column
    make: Condition
    words: str
    is_many: bool = False


def filters_of(columns: Sequence[Column]) -> dict[str, Filter]:
    """Every filter that whoever asks may use: by value, and from and to where values have an order."""
    found: dict[str, Filter] = {}
    for column in columns:
        if not column.is_seen(current_actor()):
            continue
        if column.ask:
            found[column.name] = Filter(column.name, column, _asked(column), str(column.words))
        elif column.by is not None:
            found[column.name] = Filter(column.name, column, _equal(column), str(column.words), is_many=True)
            found |= _ranges(column) if column.of.has_range else {}
    return found


def _ranges(column: Column) -> dict[str, Filter]:
    start, end = f"{column.name}_from", f"{column.name}_to"
    return {
        start: Filter(start, column, lambda text: column.by >= column.of.read(text, start), _("this or more")),
        end: Filter(end, column, lambda text: column.by <= column.of.read(text, end), _("this or less")),
    }


def _equal(column: Column) -> Condition:
    return lambda text: column.of.read(text, column.name)


def _asked(column: Column) -> Condition:
    """A filter that is more than a comparison: its column makes the condition itself."""
    return lambda text: column.ask(column.of.read(text, column.name))  # type: ignore[misc]


@dataclass(frozen=True)
class Asked:
    """A list as it was asked for."""

    conditions: list[Any]
    order: list[Any]
    page: int
    page_size: int


def read(args: MultiDict[str, str], columns: Sequence[Column], key: Any) -> Asked:
    """Read the address. Raises Unclear (400) for anything that the resource does not offer."""
    known = filters_of(columns)
    try:
        page = read_whole(args.get("page", "0"), "page")
        size = min(max(read_whole(args.get("page_size", str(PAGE_SIZE)), "page_size"), 1), LARGEST_PAGE)
        conditions = [
            _condition(known, name, args.getlist(name)) for name in args if name not in {"page", "page_size", "order"}
        ]
    except Refused as refusal:
        raise Unclear(refusal.words, refusal.field) from None
    if page * size > CAP:
        words = _("Pages end at the record %(cap)s. Narrow the list by a filter, for example of dates.", cap=CAP)
        raise Unclear(words, "page")
    return Asked(conditions, _order(args.get("order", ""), columns, key), page, size)


def _condition(known: dict[str, Filter], name: str, values: list[str]) -> Any:
    filter_ = known.get(name)
    if filter_ is None:
        words = _("There is no filter “%(name)s”. There are: %(known)s.", name=short(name), known=listed(known))
        raise Refused(words, short(name))
    if not filter_.is_many:
        if len(values) > 1:
            raise Refused(_("This may be said once."), name)
        return filter_.make(values[0])
    if len(values) > VALUES_LIMIT:
        raise Refused(_("At most %(limit)s values may be asked for at once.", limit=VALUES_LIMIT), name)
    return filter_.column.by.in_([filter_.make(value) for value in values])


def _order(asked: str, columns: Sequence[Column], key: Any) -> list[Any]:
    """By one column of the allow-list, and by the key after it; the newest first when nothing is asked."""
    name, is_down = (asked[1:], True) if asked.startswith("-") else (asked, not asked)
    known = {column.name: column.by for column in columns if column.sort and column.is_seen(current_actor())}
    if name and name not in known:
        words = _("There is no order “%(name)s”. There are: %(known)s.", name=short(name), known=listed(known))
        raise Unclear(words, "order")
    parts = [known[name], key] if name and known[name] is not key else [key]
    return [part.desc() if is_down else part.asc() for part in parts]


def page_of(asked: Asked, statement: Select[Any], key: Any) -> list[Any]:
    """The rows of the page."""
    wanted = statement.where(*asked.conditions).order_by(*asked.order)
    if len(asked.order) == 1 and is_collected(key.class_, current_actor()):
        falls = asked.order[0].modifier is operators.desc_op
        found = _cut(nearby(wanted, key, falls, steps=WITH_CONDITION), asked)
        if len(found) == asked.page_size:
            return found
    return _cut(wanted, asked)


def _cut(wanted: Any, asked: Asked) -> list[Any]:
    cut = wanted.limit(asked.page_size).offset(asked.page * asked.page_size)
    return list(db.session.execute(cut).unique().scalars())


def count_of(asked: Asked, key: Any) -> int:
    """How many rows there are; counting stops one after the cap."""
    inside = select(key).where(*asked.conditions).order_by(None).limit(CAP + 1).subquery()
    return int(db.session.execute(select(func.count()).select_from(inside)).scalar_one())
