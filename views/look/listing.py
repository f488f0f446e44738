"""What the templates of generated lists ask for: cells, rows' addresses, heads that sort, a phone's lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, request, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from app.wording import DASH, day, moment, number, stamp
from models.staff import Person
from views.look.dressing import here, icon

CAP = 10_000
# Deal 1042, not 1 042: whole numbers of four digits are not grouped.
PLAIN = 10_000
EMPTY = Markup('<span class="mut3">{}</span>').format(DASH)


def cell(value: Any) -> Any:
    """A value of a list or a card, as people write it."""
    if value is None or value in ("", []):
        return EMPTY
    if isinstance(value, bool):
        return icon("check", "ok") if value else EMPTY
    if isinstance(value, Person):
        return _person(value.hue or "slate", value.initials, value.name)
    if isinstance(value, datetime):
        # Both are made of digits and of our own words: a list has a hundred of them, and escaping takes its time.
        return Markup(f'<span class="nw" title="{stamp(value)}">{moment(value)}</span>')  # noqa: S704
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int) and abs(value) < PLAIN:
        return str(value)
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, list | tuple | set):
        return ", ".join(str(one) for one in value)
    return value


@lru_cache(maxsize=2048)
def _person(hue: str, letters: str, name: str) -> Markup:
    html = Markup('<span class="row1"><span class="v-ava s h-{}">{}</span><span class="el">{}</span></span>')
    return html.format(hue, letters, name)


def row_address(view: str, page: str) -> str | None:
    """The beginning of rows' addresses, to which a key is added: one url_for a page, not one a row."""
    try:
        return url_for(f"{view}.{page}", pk="0")[:-1]
    except BuildError:
        return None


def key_in_address(key: Any) -> str:
    """A row's key as the end of its address."""
    return quote(str(key), safe="")


@dataclass(frozen=True)
class Sort:
    """How a column is sorted now, and the address that sorts by it (again: the other way round)."""

    url: str
    direction: str


def sort_of(view: str, column: str, base_order: tuple[str, str] | None = None) -> Sort:
    """The state of one column's head."""
    named = request.args.get(f"_oc_{view}")
    by, way = (named, request.args.get(f"_od_{view}", "asc")) if named else (base_order or ("", ""))
    direction = way if by == column else ""
    turned = "desc" if direction == "asc" else "asc"
    changes = {f"_oc_{view}": column, f"_od_{view}": turned, f"page_{view}": None, "after": None}
    return Sort(here(**changes), direction)


def total_words(count: int) -> str:
    """61, 1 240 or 10 000+: counting stops at the cap."""
    return f"{number(CAP)}+" if count > CAP else number(count)


def numeric_of(filters: Any, columns: list[str]) -> list[str]:
    """Columns of numbers, counted ones too: their heads and cells stand at the right."""
    table = filters.datamodel
    kinds = (table.is_integer, table.is_numeric, table.is_float)
    stored = [one for one in columns if not table.is_relation(one) and any(kind(one) for kind in kinds)]
    return [one for one in columns if one in stored or is_counted(getattr(table.obj, one, None))]


def is_counted(attribute: Any) -> bool:
    """Whether a property of the row says that it gives a Decimal, as a margin does."""
    getter = getattr(attribute, "fget", None)
    return str(getattr(getter, "__annotations__", {}).get("return")) in {"Decimal", str(Decimal)}


def phone_lines(phone: dict[str, str] | None, columns: list[str], numeric: list[str]) -> dict[str, str]:
    """Where a column stands on a phone: l1 and r1 above, l2 and r2 below; what has no place is not shown."""
    if phone:
        return {column: place for place, column in phone.items()}
    name, *rest = columns
    right = next((one for one in rest if one in numeric), None)
    left = [one for one in rest if one != right]
    places = {name: "l1", **dict(zip(left, ("l2", "r2"), strict=False))}
    return places | ({right: "r1"} if right else {})


def column_styles(
    columns: list[str], lines: dict[str, str], numeric: list[str], classes: dict[str, str] | None
) -> list[tuple[str, str]]:
    """Each column with the classes of its cells, put together once and not for every row."""
    own = classes or {}
    said = {one: (lines.get(one), "num" if one in numeric else "", own.get(one)) for one in columns}
    return [(one, " ".join(filter(None, parts))) for one, parts in said.items()]


GLOBALS = (cell, row_address, key_in_address, sort_of, total_words, numeric_of, phone_lines, column_styles)


def init_app(app: Flask) -> None:
    """Give it to the templates."""
    app.jinja_env.globals.update({tool.__name__: tool for tool in GLOBALS})
