"""Access in every statement: the conditions of the tables that it names, put in by the session itself."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.elements import True_

from models.ground.access import AT_THE_DOOR, ROW_BY_ROW, WITH_DELETED, Internal, Owned, Public
from models.ground.actor import NOBODY, Actor, actor_of
from models.ground.base import CrmSession, Erasable, Tracked

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


def _condition(
    cls: type, actor: Actor, with_deleted: bool, is_write: bool, by_row: bool
) -> ColumnElement[bool] | None:
    parts: list[ColumnElement[bool]] = []
    if actor is NOBODY and not getattr(cls, "open_to_all", False):
        parts.append(false())
    elif not actor.everything and issubclass(cls, Owned):
        reads = cls.reading_scope(actor)
        scope = min(reads, cls.writing_scope(actor)) if is_write else reads
        parts.append(cls.within_by_row(actor, scope) if by_row else cls.within(actor, scope))
    elif not actor.everything and issubclass(cls, Internal):
        parts.append(false())
    if not with_deleted and issubclass(cls, Erasable):
        parts.append(cls.deleted_at.is_(None))
    return and_(*parts) if parts else None


def may_read(session: Session, actor: Actor, row: Any) -> bool:
    """Whether this actor's own query would find the row: for whoever tells him of it in another's session."""
    cls: Any = type(row)
    condition = _condition(cls, actor, with_deleted=False, is_write=False, by_row=True)
    if condition is None or isinstance(condition, True_):
        return True
    return session.execute(select(cls.id).where(cls.id == row.id, condition)).first() is not None


@lru_cache(maxsize=8192)
def _option(
    cls: type, key: "_ActorKey", with_deleted: bool, is_write: bool, by_row: bool
) -> ExecutableOption | None:
    condition = _condition(cls, key.actor, with_deleted, is_write, by_row)
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
        whose = (actor.own_ids, actor.team_ids, actor.standing_in)
        self.value = (actor is NOBODY, actor.person_id, actor.everything, *whose, *scopes)
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
    # A load of a relation asks for the rows of a page by their keys.
    by_row = not is_write and (state.is_relationship_load or bool(state.execution_options.get(ROW_BY_ROW)))
    shapes = {cls: by_row and getattr(cls, "collects", False) for cls in classes}
    wanted = (_option(cls, key, with_deleted, is_write, shape) for cls, shape in shapes.items())
    # A lazy load brings the options of the statement that loaded its row.
    known = {id(option) for option in state.statement._with_options}  # noqa: SLF001
    options = [option for option in wanted if option is not None and id(option) not in known]
    if options:
        state.statement = state.statement.options(*options)
    if any(shapes.values()):
        sets = (_option(cls, key, with_deleted, is_write, False) for cls, shape in shapes.items() if shape)
        _let_go(state, {id(option) for option in sets if option is not None} & known)


def _let_go(state: ORMExecuteState, sets: set[int]) -> None:
    """Leave out conditions that collect a set where the same are asked row by row already."""
    if sets:
        statement: Any = state.statement.options()
        statement._with_options = tuple(one for one in statement._with_options if id(one) not in sets)  # noqa: SLF001
        state.statement = statement


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
