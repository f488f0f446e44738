"""Access before every flush: new, changed and deleted rows are the actor's to write, or nothing is written."""

from typing import Any

from sqlalchemy import event

from models.ground.access import Internal, Owned
from models.ground.actor import NOBODY, Actor, Scope, actor_of
from models.ground.base import CrmSession
from models.ground.refused import NotFound


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
    with session.no_autoflush:
        row = row.keeper(session)
    scope = row.writing_scope(actor)
    if scope is Scope.ALL:
        return True
    if scope is Scope.NONE or actor.person_id is None:
        return False
    with session.no_autoflush:
        if all(_reaches(actor, scope, row, owner) for owner in row.owners()):
            return True
        return scope is Scope.GIVEN and row.was_given(session, actor)


def _reaches(actor: Actor, scope: Scope, row: Owned, owner: int | None) -> bool:
    if owner == actor.person_id:
        return True
    if scope is Scope.TEAM:
        return owner in actor.team_ids or (owner is None and row.unowned_is_team)
    return scope is Scope.OWN and owner in actor.own_ids
