"""Which columns of a table the actor may not see: asked by lists, cards, forms, order, search and filters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import inspect

from models.ground.actor import current_actor


@lru_cache(maxsize=4096)
def field_name(model: Any, column: str) -> str:
    """The name by which a field is hidden: `phone` of Client and `client.phone` of Deal are "client.phone"."""
    *way, leaf = column.split(".")
    for relation in way:
        found = inspect(model).relationships.get(relation)
        if found is None:
            break
        model = found.mapper.class_
    return f"{getattr(model, 'noun', model.__tablename__)}.{leaf}"


def is_seen(view: Any, column: str) -> bool:
    """Whether the actor may see this column of the view's table.

    A view names in `masked` what its own columns show: {"margin": "estimate.margin"}.
    """
    masked = getattr(view, "masked", {})
    return current_actor().sees(masked.get(column) or field_name(view.datamodel.obj, column))


def seen(view: Any, columns: list[str]) -> list[str]:
    """The columns that the actor may see, in a list of their own."""
    if not current_actor().hidden:
        return list(columns)
    return [column for column in columns if is_seen(view, column)]


def hidden(view: Any, columns: list[str]) -> frozenset[str]:
    """The columns that the actor may not see."""
    if not current_actor().hidden:
        return frozenset()
    return frozenset(column for column in columns if not is_seen(view, column))


def names_of(form: Any) -> list[str]:
    """The fields that a form class declares."""
    return [name for name in dir(form) if not name.startswith("_") and hasattr(getattr(form, name), "field_class")]


@lru_cache(maxsize=1024)
def form_without(form: Any, names: frozenset[str]) -> Any:
    """The same form without some fields."""
    return type(form.__name__, (form,), dict.fromkeys(names)) if names else form
