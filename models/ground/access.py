"""Who sees and changes which rows: applied by the query and before the flush, once per table.

Every table is Owned (rows belong to somebody), Public (everybody signed in reads it) or Internal
(the system and the administrator). Hidden fields are a matter of `Actor.sees`.
"""

from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, event, false, inspect, or_, select, true, union
from sqlalchemy.orm import ORMExecuteState, RelationshipDirection
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.elements import True_

from models.ground.actor import NOBODY, Actor, Scope, actor_of
from models.ground.base import CrmSession, Erasable, Tracked
from models.ground.refused import NotFound

WITH_DELETED = "with_deleted"
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

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """How far the actor reads rows of this table."""
        return actor.reads(getattr(cls, "scope_noun", cls.noun))

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """How far the actor changes rows of this table."""
        return actor.writes(getattr(cls, "scope_noun", cls.noun))

    def owners(self) -> set[int | None]:
        """The owners before and after the change at hand; both must be in the writer's reach."""
        return values_of(self, self.owner_field)


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


OWNED: list[type[Owned]] = []
INTERNAL: list[type[Internal]] = []
PUBLIC: list[type[Public]] = []
ERASABLE: list[type[Erasable]] = []
# Classes that have a condition at all, by the name of their table, and what else a class always loads with itself.
_BY_TABLE: dict[str, type] = {}
_JOINED: dict[type, frozenset[type]] = {}


def register(classes: list[type]) -> None:
    """Sort the mapped classes by who sees them; called once, when all tables are imported."""
    OWNED[:] = [c for c in classes if issubclass(c, Owned)]
    INTERNAL[:] = [c for c in classes if issubclass(c, Internal)]
    PUBLIC[:] = [c for c in classes if issubclass(c, Public)]
    ERASABLE[:] = [c for c in classes if issubclass(c, Erasable)]
    _BY_TABLE.clear()
    _BY_TABLE.update({inspect(c).local_table.fullname: c for c in (*OWNED, *INTERNAL, *PUBLIC, *ERASABLE)})
    _JOINED.clear()
    _JOINED.update({c: found for c in classes if (found := _eager(c))})
    _option.cache_clear()


def _eager(cls: type) -> frozenset[type]:
    """What the mapping of a class joins to every statement about it."""
    mapper: Any = inspect(cls)
    mappers = [r.mapper for r in mapper.relationships if r.lazy in ("joined", False)]
    return frozenset(mapper.class_ for mapper in mappers)


def _condition(cls: type, actor: Actor, with_deleted: bool, is_write: bool) -> ColumnElement[bool] | None:
    parts: list[ColumnElement[bool]] = []
    if actor is NOBODY and not getattr(cls, "open_to_all", False):
        parts.append(false())
    elif not actor.everything and issubclass(cls, Owned):
        reads = cls.reading_scope(actor)
        parts.append(cls.within(actor, min(reads, cls.writing_scope(actor)) if is_write else reads))
    elif not actor.everything and issubclass(cls, Internal):
        parts.append(false())
    if not with_deleted and issubclass(cls, Erasable):
        parts.append(cls.deleted_at.is_(None))
    return and_(*parts) if parts else None


@lru_cache(maxsize=8192)
def _option(cls: type, key: "_ActorKey", with_deleted: bool, is_write: bool) -> ExecutableOption | None:
    condition = _condition(cls, key.actor, with_deleted, is_write)
    if condition is None or isinstance(condition, True_):
        return None
    return Reach(cls, condition, include_aliases=True, propagate_to_loaders=True)


class Reach(LoaderCriteriaOption):
    """The condition of one class. SQLAlchemy's own forgets to adapt it where an alias is joined by a condition."""

    _traverse_internals = LoaderCriteriaOption._traverse_internals  # noqa: SLF001 (its key in the cache of statements)

    def _resolve_where_criteria(self, ext_info: Any) -> ColumnElement[bool]:
        condition = super()._resolve_where_criteria(ext_info)
        return ext_info._adapter.traverse(condition) if ext_info.is_aliased_class else condition  # noqa: SLF001


class _ActorKey:
    """Actors compare by what access reads, so that one person's requests share the same options."""

    __slots__ = ("_hash", "actor", "value")

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        scopes = [tuple(sorted(scopes.items())) for scopes in (actor.reading, actor.writing)]
        self.value = (actor is NOBODY, actor.person_id, actor.everything, actor.own_ids, actor.team_ids, *scopes)
        self._hash = hash(self.value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ActorKey) and self.value == other.value


def _key_of(session: Any) -> _ActorKey:
    actor = actor_of(session)
    known = session.info.get("access_key")
    if known is None or known.actor is not actor:
        known = session.info["access_key"] = _ActorKey(actor)
    return known


@event.listens_for(CrmSession, "do_orm_execute")
def _apply(state: ORMExecuteState) -> None:
    """Add the conditions of access and of the trash to every ORM statement, for the tables that it names.

    Column loads are left alone: a deal that was just given away must still be able to refresh itself. Lazy and
    eager loads of relations come here as statements of their own.
    """
    if state.is_column_load or not (state.is_select or state.is_update or state.is_delete):
        return
    if state.execution_options.get(AT_THE_DOOR):
        return
    with_deleted = bool(state.execution_options.get(WITH_DELETED))
    key, is_write = _key_of(state.session), not state.is_select
    classes: set[Any] = present(state)
    if is_write and any(issubclass(cls, Tracked) for cls in classes if cls.__tablename__ == _target(state)):
        raise RuntimeError("a bulk change would leave no history: change the rows one by one")
    wanted = (_option(cls, key, with_deleted, is_write) for cls in classes)
    # A lazy load brings the options of the statement that loaded its row.
    known = {id(option) for option in state.statement._with_options}  # noqa: SLF001
    options = [option for option in wanted if option is not None and id(option) not in known]
    if options:
        state.statement = state.statement.options(*options)


def _target(state: ORMExecuteState) -> str:
    """The table that an UPDATE or DELETE changes."""
    return str(state.statement.table.name)  # type: ignore[attr-defined]


def present(state: ORMExecuteState) -> set[type]:
    """The classes with a condition that a statement names: in columns, joins, subqueries, loader options."""
    statement: Any = state.statement
    found = {mapper.class_ for mapper in state.all_mappers}
    for element in visitors.iterate(statement):
        if element.__visit_name__ == "table" and element.fullname in _BY_TABLE:  # type: ignore[attr-defined]
            found.add(_BY_TABLE[element.fullname])  # type: ignore[attr-defined]
    for join in getattr(statement, "_setup_joins", ()):
        found |= _classes_of(join[:2])
    for option in getattr(statement, "_with_options", ()):
        for load in getattr(option, "context", ()):
            found |= _classes_of(load.path.path)
    waiting = list(found)
    while waiting:
        more = _JOINED.get(waiting.pop(), frozenset()) - found
        found |= more
        waiting += more
    return found


def _classes_of(parts: Any) -> set[type]:
    """The mapped classes behind entities, relations and pieces of a loader's path."""
    mappers: Any = (getattr(part, "mapper", None) or getattr(part, "entity", None) for part in parts)
    return {mapper.class_ for mapper in mappers if hasattr(mapper, "class_")}


@event.listens_for(CrmSession, "before_flush")
def _check_writes(session: CrmSession, _context: Any, _instances: Any) -> None:
    actor = actor_of(session)
    if actor.everything:
        return
    for row in [*session.new, *session.dirty, *session.deleted]:
        if row not in session.dirty or session.is_modified(row):
            _check_write(session, actor, row)


def _check_write(session: CrmSession, actor: Actor, row: object) -> None:
    """Raises NotFound: what may not be changed looks like what is not there."""
    if isinstance(row, Owned):
        is_added = row.anybody_adds and row in session.new
        is_allowed = actor is not NOBODY and (is_added or may_write(session, actor, row))
    elif isinstance(row, Internal):
        is_allowed = bool(getattr(row, "anybody_adds", False)) and row in session.new
    else:
        is_allowed = actor is not NOBODY
    if not is_allowed:
        raise NotFound("")


def may_write(session: CrmSession, actor: Actor, row: Owned) -> bool:
    """Whether the actor may save this row: its owners before and after are all in reach."""
    scope = row.writing_scope(actor)
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
    if row.writing_scope(actor) is not Scope.GIVEN or row.id is None or len(row.owners()) > 1:
        return False
    cls = type(row)
    found = session.execute(select(cls.id).where(cls.id == row.id, cls.within(actor, Scope.GIVEN)))
    return found.first() is not None


def either(*statements: Any) -> Any:
    """`id IN (a UNION b)`: the shape that stays fast where OR EXISTS scans (fab.md, 2.2)."""
    return select(union(*statements).subquery().c[0])
