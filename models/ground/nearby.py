"""The first of an ordered list without the set of everything in reach: the nearest rows are asked one by one.

Access to clients is a set of ids: the clients of all deals in reach. Whoever heads eight managers reaches a hundred
thousand of them, and a page shows fifty. In the order that was asked for, the next few thousand rows hold that page;
for whoever reaches few they do not, but their set is small. So one looks nearby first, and into the set after that.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from models.ground.access import ROW_BY_ROW, Owned
from models.ground.actor import Actor, Scope, actor_of

# Conditions are cheap beside access, and leave fewer rows to ask for it: with them one looks further.
STEPS, WITH_CONDITION, WITH_WORDS = 3000, 10_000, 25_000


def is_collected(model: Any, actor: Actor) -> bool:
    """Whether access to the table is a set for this actor, and one that may be large."""
    collects = issubclass(model, Owned) and model.collects and not actor.everything
    return collects and model.reading_scope(actor) in (Scope.OWN, Scope.TEAM)


def few(statement: Any) -> Any:
    """The statement, which finds few rows whoever asks: access is asked of each."""
    return statement.execution_options(**{ROW_BY_ROW: True})


def first_of(session: Any, statement: Any, order: tuple[Any, bool], count: int, begins: str = "") -> list[Any]:
    """The first so many rows of a statement in an order (column, whether it falls): nearby, or of all in reach.

    `begins` is how all values of the column begin, where the statement says so.
    """
    column, falls = order
    if is_collected(column.class_, actor_of(session)):
        beyond = [own_column(column).startswith(begins, autoescape=True)] if begins else []
        near = nearby(statement, column, falls, *beyond, steps=WITH_CONDITION)
        found = list(session.execute(near.limit(count)).scalars())
        if len(found) == count:
            return found
    return list(session.execute(statement.limit(count)).scalars())


def own_column(column: Any) -> Any:
    """The table's column behind an attribute: it brings no access of its own into a statement."""
    return column.property.columns[0]


def nearby(statement: Any, column: Any, falls: bool, *beyond: ColumnElement[bool], steps: int = STEPS) -> Any:
    """The statement, ordered by an indexed column without empty values, over the next so many rows of the table alone.

    `falls` says that the greatest are first. `beyond` says where in the order one begins, in the table's own columns:
    whose rows they are is asked of the statement.
    """
    own = own_column(column)
    passed = select(own).where(*beyond).order_by(own.desc() if falls else own).limit(steps).subquery()
    last = select((func.min if falls else func.max)(passed.c[0])).scalar_subquery()
    return few(statement.where(column >= last if falls else column <= last))
