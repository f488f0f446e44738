"""What a list's address asks for: page, size, order, conditions. What cannot be meant is refused with 400."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from views.crud.filters import whole
from views.crud.interface import Wanted
from views.crud.places import Place

SIZES = (1, 200)
LAST_PAGE = 1_000_000
CONDITION = re.compile(r"_flt_(\d)_([a-zA-Z_.0-9]{1,60})")
LONGEST_SEARCH = 100


def wanted(view: Any) -> Wanted:
    """What this request asks of the view's list. Fills the view's filters too."""
    name = view.__class__.__name__
    order, direction = order_of(view, name)
    read_conditions(view)
    return Wanted(
        filters=view._filters.get_joined_filters(view._base_filters),  # noqa: SLF001 (FAB's own name)
        order=order,
        direction=direction,
        number=number(f"page_{name}", 0, LAST_PAGE) or 0,
        size=number(f"psize_{name}", *SIZES) or view.page_size,
        place=place(),
        columns=view.list_columns,
    )


def number(argument: str, least: int, most: int) -> int | None:
    """A whole number of the address, or nothing when it is not there."""
    text = request.args.get(argument)
    if text is None:
        return None
    found = whole(text, most)
    if found < least:
        raise BadRequest
    return found


def order_of(view: Any, name: str) -> tuple[str, str]:
    """The column to order by, one of those that the view allows and the actor sees, and the direction."""
    column = request.args.get(f"_oc_{name}")
    direction = request.args.get(f"_od_{name}", "asc")
    if direction not in {"asc", "desc"}:
        raise BadRequest
    if column is None:
        base = view.base_order
        return (base[0], base[1]) if base else ("", "desc")
    if column not in view.order_columns:
        raise BadRequest(_("The list cannot be ordered so."))
    return column, direction


def read_conditions(view: Any) -> None:
    """Put the conditions of the address into the view's filters."""
    filters = view._filters  # noqa: SLF001
    filters.clear_filters()
    for argument in request.args:
        if not argument.startswith("_flt_"):
            continue
        found = CONDITION.fullmatch(argument)
        known = filters.get_search_filters().get(found[2]) if found else None
        if found is None or not known or int(found[1]) >= len(known):
            raise BadRequest(_("The list cannot be filtered so."))
        for text in request.args.getlist(argument):
            if text:
                condition = known[int(found[1])]
                condition.read(text)
                filters._add_filter(condition, [text])  # noqa: SLF001


def place() -> Place | None:
    """The row to go on from, when the list is walked page by page."""
    for side in ("after", "before"):
        token = request.args.get(side)
        if token:
            return Place.read(side, token)
    return None


def search() -> str:
    """What was typed into the list's search box."""
    text = request.args.get("q", "").replace("\x00", "").strip()
    return text[:LONGEST_SEARCH]
