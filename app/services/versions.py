"""Optimistic saves: a row is locked, and a save that did not see the last one is refused with both values."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import inspect

from models.ground.base import db
from models.ground.refused import Difference, NotFound, Stale
from models.staff import Person

Row = TypeVar("Row", bound=Any)


def locked(row: Row) -> Row:
    """The same row as it is in the database now, locked until the commit; changes at hand are saved first.

    Raises NotFound when it is gone or out of reach.
    """
    db.session.flush()
    key = inspect(row).identity
    found = db.session.get(type(row), key, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("")
    return found


def check_version(row: Any, version: int | None, mine: Mapping[str, Any] | None = None) -> None:
    """Refuse a save of somebody who saw an older version. `mine` are the values they typed, by attribute.

    Raises Stale with who saved meanwhile, when, and the values that differ.
    """
    if version is None or row.version == version:
        return
    typed = mine or {}
    differences = [
        Difference(name, value, getattr(row, name, None))
        for name, value in typed.items()
        if value != getattr(row, name, None)
    ]
    by = db.session.get(Person, row.changed_by_id) if row.changed_by_id else None
    raise Stale(by.name if by else "Voronka", row.changed_at, differences)
