"""Who acts: one actor per session, nobody by default."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import cast

from flask import current_app

from models.ground.base import CrmSession, db


class Scope(IntEnum):
    """How far a role reaches; of several roles the widest holds."""

    NONE = 0
    GIVEN = 1
    OWN = 2
    TEAM = 3
    ALL = 4


@dataclass(frozen=True)
class Actor:
    """A person, a channel or the system, with everything that access asks about.

    `people_ids` are the person and, for a head, the people of the teams they head; `standing_in` are those who are
    away today and whose deputy the person is. `own_ids` are both: whose rows are as one's own. `team_ids` add the
    colleagues of their own team. `hidden` holds names such as "client.phone".
    """

    name: str
    person_id: int | None = None
    roles: frozenset[str] = frozenset()
    reading: Mapping[str, Scope] = field(default_factory=dict)
    writing: Mapping[str, Scope] = field(default_factory=dict)
    people_ids: frozenset[int] = frozenset()
    standing_in: frozenset[int] = frozenset()
    own_ids: frozenset[int] = frozenset()
    team_ids: frozenset[int] = frozenset()
    hidden: frozenset[str] = frozenset()
    permissions: frozenset[tuple[str, str]] = frozenset()
    everything: bool = False
    language: str = "ru"
    zone: str = "Europe/Moscow"

    @property
    def stands_for(self) -> list[int]:
        """Whose tasks and visits are as one's own: the person's, and those of whoever they stand in for."""
        return sorted(self.standing_in | {self.person_id or 0})

    def reads(self, noun: str) -> Scope:
        """How far this actor reads rows of the noun."""
        return Scope.ALL if self.everything else self.reading.get(noun, Scope.NONE)

    def writes(self, noun: str) -> Scope:
        """How far this actor changes rows of the noun."""
        return Scope.ALL if self.everything else self.writing.get(noun, Scope.NONE)

    def sees(self, field_name: str) -> bool:
        """Whether a field such as "client.phone" or "estimate.margin" may be shown, sorted or filtered by."""
        return field_name not in self.hidden

    def may(self, permission: str, view: str) -> bool:
        """Whether a role of the actor holds this permission on this view."""
        return self.everything or (permission, view) in self.permissions


NOBODY = Actor("nobody")
SYSTEM = Actor("system", everything=True)


def actor_of(session: object) -> Actor:
    """The actor of a session, NOBODY when none was set."""
    info: dict[str, Actor] = getattr(session, "info", {})
    return info.get("actor", NOBODY)


def current_actor() -> Actor:
    """The actor of the session at hand."""
    return actor_of(db.session())


def set_actor(actor: Actor) -> None:
    """Say once who acts in this session; a session never changes hands."""
    session = db.session()
    before = actor_of(session)
    if before is not NOBODY and before != actor:
        raise RuntimeError(f"the session already acts as {before.name}")
    session.info["actor"] = actor


@contextmanager
def acting_as(actor: Actor) -> Iterator[CrmSession]:
    """A session of its own for another actor: rows loaded as SYSTEM never reach a person's session.

    The caller commits through `committing()`; leaving the block closes the session.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    with app.app_context():
        set_actor(actor)
        yield cast(CrmSession, db.session())
