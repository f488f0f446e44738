"""Who sees and changes which rows: applied by the query and before the flush, once per table.

Every table is Owned (rows belong to somebody), Public (everybody signed in reads it) or Internal
(the system and the administrator). Hidden fields are a matter of `Actor.sees`.
"""

from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, false, inspect, or_, select, true, union
from sqlalchemy.orm import RelationshipDirection, Session

from models.ground.actor import Actor, Scope

WITH_DELETED = "with_deleted"
# Said of a statement that asks for few rows, or walks an order until a page is full: a condition that can is asked of
# each row by itself, and the set of everything in reach is not collected. What is let through is the same.
ROW_BY_ROW = "row_by_row"
# For app/security.py and app/sessions.py alone: whoever logs in is nobody yet, and has to be found first.
AT_THE_DOOR = "at_the_door"

BY_NOUN: "dict[str, Any]" = {}


class Public:
    """Rows that everybody signed in may read; writing is a permission of the door.

    `open_to_all` rows may be read by strangers too.
    """

    open_to_all: ClassVar[bool] = False


class Internal:
    """Rows for the system and the administrator only."""


class Owned:
    """Rows that belong to somebody; `noun` names the scope that roles give.

    A table with an owner column names it in `owner_field`; rows of a deal derive from `ThroughDeal`.
    """

    noun: ClassVar[str]
    owner_field: ClassVar[str] = "owner_id"
    unowned_is_team: ClassVar[bool] = False
    # History is written by whoever does what it tells of, whatever their scope.
    anybody_adds: ClassVar[bool] = False
    # Whether `narrowed` collects a set of ids, and `by_row` asks the same of each row.
    collects: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "noun" in cls.__dict__:
            BY_NOUN[cls.noun] = cls

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The rows of this table inside a scope, as a WHERE condition."""
        if scope is Scope.ALL:
            return true()
        if scope is Scope.NONE or actor.person_id is None:
            return false()
        return cls.narrowed(actor, scope)

    @classmethod
    def within_by_row(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The same rows, each asked for by itself where the table collects."""
        is_narrow = Scope.NONE < scope < Scope.ALL and actor.person_id is not None
        return cls.by_row(actor, scope) if is_narrow and cls.collects else cls.within(actor, scope)

    @classmethod
    def by_row(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """What `narrowed` says, as a question to one row; for a table that collects."""
        return cls.narrowed(actor, scope)

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The rows inside GIVEN, OWN or TEAM for a table with an owner column of its own."""
        owner = getattr(cls, cls.owner_field)
        if scope is Scope.GIVEN:
            return owner == actor.person_id
        ids = actor.team_ids if scope is Scope.TEAM else actor.own_ids
        mine = owner == next(iter(ids)) if len(ids) == 1 else owner.in_(sorted(ids))
        if scope is Scope.TEAM and cls.unowned_is_team:
            return or_(mine, owner.is_(None))
        return mine

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """How far the actor reads rows of this table."""
        return actor.reads(getattr(cls, "scope_noun", cls.noun))

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """How far the actor changes rows of this table."""
        return actor.writes(getattr(cls, "scope_noun", cls.noun))

    def keeper(self, session: Session) -> "Owned":
        """The row whose owners and scope decide about writing this one: itself, unless it hangs on another."""
        return self

    def owners(self) -> set[int | None]:
        """The owners before and after the change at hand; both must be in the writer's reach."""
        return values_of(self, self.owner_field)

    def was_given(self, session: Session, actor: Actor) -> bool:
        """In scope GIVEN: the stored row is the actor's by a live task, and its owner does not change."""
        cls: Any = type(self)
        key = inspect(self).identity
        if key is None or len(self.owners()) > 1:
            return False
        found = session.execute(select(cls.id).where(cls.id == key[0], cls.within(actor, Scope.GIVEN)))
        return found.first() is not None


@lru_cache(maxsize=1024)
def _relation_of(cls: Any, key: str) -> str | None:
    """The relationship that fills a foreign key."""
    mapper: Any = inspect(cls)
    for relation in mapper.relationships:
        column = next(iter(relation.local_columns))
        if relation.direction is RelationshipDirection.MANYTOONE and mapper.get_property_by_column(column).key == key:
            return str(relation.key)
    return None


def newly_related(row: Any, key: str) -> tuple[Any, ...]:
    """What a relationship was just set to, (None,) for nothing; empty when it was not touched.

    Before the flush its foreign key still holds the old value.
    """
    cls: Any = type(row)
    relation = _relation_of(cls, key)
    return tuple(inspect(row).attrs[relation].history.added) if relation else ()


def values_of(row: Any, key: str) -> set[int | None]:
    """What a foreign key is and was before the change at hand."""
    values = {value for value in inspect(row).attrs[key].history.deleted if value is not None}
    now = getattr(row, key)
    related = newly_related(row, key)
    if not related:
        return values | {now}
    return values | ({now} - {None}) | {related[0].id if related[0] is not None else None}


def either(*statements: Any) -> Any:
    """`id IN (a UNION b)`: the shape that stays fast where OR EXISTS scans (fab.md, 2.2)."""
    return select(union(*statements).subquery().c[0])
