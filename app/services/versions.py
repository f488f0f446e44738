"""Optimistic saves: a row is locked, and a save that did not see the last one is refused with both values."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy import inspect, select

from models.ground.base import db
from models.ground.refused import Difference, NotFound, Refused, Stale
from models.staff import Person

Row = TypeVar("Row", bound=Any)


def locked(row: Row) -> Row:
    """The same row as it is in the database now, locked until the commit; changes at hand are saved first.

    Raises NotFound when it is gone or out of reach.
    """
    db.session.flush()
    cls, state = type(row), inspect(row)
    # Others may still name the row by a foreign key: whoever ends a task writes an event of its deal, and would else
    # wait for whoever closes the deal, who waits for the task. Not session.get(): it refuses a row that somebody saved
    # since it was read, where a person has to be told.
    is_it = [column == value for column, value in zip(state.mapper.primary_key, state.identity, strict=True)]
    wanted = select(cls).where(*is_it).with_for_update(of=cls, key_share=True)
    found = db.session.execute(wanted, execution_options={"populate_existing": True}).scalar_one_or_none()
    if found is None:
        raise NotFound("")
    return found


def locked_deal(row: Any) -> Any:
    """The deal that a paper, a payment or a shipment is of, locked: what is counted on one deal is counted in turn.

    Raises Refused when it lies in the trash meanwhile.
    """
    if row.deal is None:
        raise Refused(_("The deal is in the trash, or you may not see it. Restore the deal first."))
    return locked(row.deal)


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
    raise Stale(by.name if by else "Voronka", row.changed_at, differences, row.version)
