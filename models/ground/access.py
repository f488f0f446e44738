"""Who sees and changes which rows: applied by the query and before the flush, once per table.

Every table is Owned (rows belong to somebody), Public (everybody signed in reads it) or Internal
(the system and the administrator). Hidden fields are a matter of `Actor.sees`.
"""

from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, event, false, inspect, or_, select, true, union
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from models.ground.actor import NOBODY, Actor, Scope, actor_of
from models.ground.base import CrmSession, Erasable
from models.ground.refused import NotFound

WITH_DELETED = "with_deleted"
# For app/security.py and app/sessions.py alone: whoever logs in is nobody yet, and has to be found first.
AT_THE_DOOR = "at_the_door"

BY_NOUN: "dict[str, Any]" = {}


class Public:
    """Rows that everybody signed in may read; writing is a permission of the door."""


class Internal:
    """Rows for the system and the administrator only."""


class Owned:
    """Rows that belong to somebody; `noun` names the scope that roles give.

    A table with an owner column names it in `owner_field`; rows of a deal derive from `ThroughDeal`.
    """

    noun: ClassVar[str]
    owner_field: ClassVar[str] = "owner_id"
    unowned_is_team: ClassVar[bool] = False

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

    def owners(self) -> set[int | None]:
        """The owners before and after the change at hand; both must be in the writer's reach."""
        history = inspect(self).attrs[self.owner_field].history
        before = {value for value in history.deleted if value is not None}
        return before | {getattr(self, self.owner_field)}


OWNED: list[type[Owned]] = []
INTERNAL: list[type[Internal]] = []
ERASABLE: list[type[Erasable]] = []


def register(classes: list[type]) -> None:
    """Sort the mapped classes by who sees them; called once, when all tables are imported."""
    OWNED[:] = [c for c in classes if issubclass(c, Owned)]
    INTERNAL[:] = [c for c in classes if issubclass(c, Internal)]
    ERASABLE[:] = [c for c in classes if issubclass(c, Erasable)]
    _criteria.cache_clear()


@lru_cache(maxsize=512)
def _criteria(key: "_ActorKey", with_deleted: bool) -> tuple[ExecutableOption, ...]:
    conditions: dict[type, list[ColumnElement[bool]]] = {}
    if not key.actor.everything:
        for owned in OWNED:
            conditions.setdefault(owned, []).append(owned.within(key.actor, key.actor.reads(owned.noun)))
        for internal in INTERNAL:
            conditions.setdefault(internal, []).append(false())
    if not with_deleted:
        for erasable in ERASABLE:
            conditions.setdefault(erasable, []).append(erasable.deleted_at.is_(None))
    return tuple(
        with_loader_criteria(cls, and_(*parts), include_aliases=True, propagate_to_loaders=True)
        for cls, parts in conditions.items()
    )


class _ActorKey:
    """Actors compare by what access reads, so that one person's requests share the same options."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        scopes = tuple(sorted((noun, int(scope)) for noun, scope in actor.reading.items()))
        self.value = (actor.person_id, actor.everything, actor.own_ids, actor.team_ids, scopes)

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ActorKey) and self.value == other.value


@event.listens_for(CrmSession, "do_orm_execute")
def _apply(state: ORMExecuteState) -> None:
    """Add the conditions of access and of the trash to every ORM statement.

    Column and relationship loads are left alone: the options of the first statement travel with the
    rows it loaded, and a deal that was just given away must still be able to refresh itself.
    """
    if state.is_column_load or state.is_relationship_load:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    if state.execution_options.get(AT_THE_DOOR):
        return
    with_deleted = bool(state.execution_options.get(WITH_DELETED))
    options = _criteria(_ActorKey(actor_of(state.session)), with_deleted)
    if options:
        state.statement = state.statement.options(*options)  # type: ignore[attr-defined]


@event.listens_for(CrmSession, "before_flush")
def _check_writes(session: CrmSession, _context: Any, _instances: Any) -> None:
    actor = actor_of(session)
    if actor.everything:
        return
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, Owned) and (row not in session.dirty or session.is_modified(row)):
            _check_write(session, actor, row)
        elif isinstance(row, Internal) and not getattr(row, "anybody_adds", False):
            raise NotFound("")


def _check_write(session: CrmSession, actor: Actor, row: Owned) -> None:
    if actor is NOBODY or not may_write(session, actor, row):
        raise NotFound("")


def may_write(session: CrmSession, actor: Actor, row: Owned) -> bool:
    """Whether the actor may save this row: its owners before and after are all in reach."""
    scope = actor.writes(row.noun)
    if scope is Scope.ALL:
        return True
    if scope is Scope.NONE or actor.person_id is None:
        return False
    with session.no_autoflush:
        if all(_reaches(actor, scope, row, owner) for owner in row.owners()):
            return True
        return _was_given(session, actor, row)


def _reaches(actor: Actor, scope: Scope, row: Owned, owner: int | None) -> bool:
    if owner == actor.person_id:
        return True
    if scope is Scope.TEAM:
        return owner in actor.team_ids or (owner is None and row.unowned_is_team)
    return scope is Scope.OWN and owner in actor.own_ids


def _was_given(session: CrmSession, actor: Actor, row: Any) -> bool:
    """In scope GIVEN: the stored row is the actor's by a live task, and its owner does not change."""
    if actor.writes(row.noun) is not Scope.GIVEN or row.id is None or len(row.owners()) > 1:
        return False
    cls = type(row)
    found = session.execute(select(cls.id).where(cls.id == row.id, cls.within(actor, Scope.GIVEN)))
    return found.first() is not None


def either(*statements: Any) -> Any:
    """`id IN (a UNION b)`: the shape that stays fast where OR EXISTS scans (fab.md, 2.2)."""
    return select(union(*statements).subquery().c[0])
