"""Whom a rule means, and what of an event a person may be told: only rows that he may read himself."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.automations.subject import Subject
from app.rights import actor_of_person
from app.services import worktime
from app.services.leads.escalation import ESCALATED
from models.ground.actor import Actor
from models.ground.base import db, utcnow
from models.ground.conditions import may_read
from models.staff import Person, RoleReach, Team


def people(subject: Subject, to: str) -> Iterable[Person]:
    """Whom the rule means."""
    if to == "owner":
        return _answering(subject)
    if to == "heads":
        return heads(subject)
    if to in ("author", "leader"):
        return _one(getattr(subject.row, "created_by_id", None) if to == "author" else _leader(subject))
    if to.startswith("role:"):
        return holders(to.removeprefix("role:"))
    return db.session.execute(select(Person).where(Person.username == to)).scalars().all()


def seen_by(subject: Subject, reader: Actor) -> Subject | None:
    """What is left of the event for this reader: without rows that he may not read; None when that is nothing."""
    rows = {name: row for name in ("row", "lead", "deal") if (row := getattr(subject, name)) is not None}
    hidden: dict[str, Any] = {name: None for name, row in rows.items() if not may_read(db.session(), reader, row)}
    return replace(subject, **hidden) if len(hidden) < len(rows) or not rows else None


def _answering(subject: Subject) -> Iterable[Person]:
    """The owner and his deputy; of somebody who has left, and whom nobody follows, the heads."""
    if subject.event.name == ESCALATED and subject.event.data.get("now", 0) is None:
        # Nobody was left to hand it to: it stays where it is, and its owner knows.
        return []
    found = with_deputy(subject.owner) if subject.owner else []
    return found if not found or any(person.active for person in found) else heads(subject)


def _one(person_id: int | None) -> list[Person]:
    person = db.session.get(Person, person_id) if person_id else None
    return with_deputy(person) if person else []


def _leader(subject: Subject) -> int | None:
    """Whoever leads the deal or lead that something belongs to."""
    return subject.place.owner_id if subject.place is not None else None


def with_deputy(person: Person) -> list[Person]:
    """The person, and who stands in while he is away."""
    deputy = worktime.deputy_of(person, worktime.today_of(utcnow()))
    return [person] if deputy in (None, person) else [person, deputy]


def heads(subject: Subject) -> Iterable[Person]:
    """The head of the owner's team, or those of all teams that sell for what is nobody's, with who stands in for them.

    Where there are none, the administrators.
    """
    owner = subject.owner
    teams: Any = [owner.team_id] if owner else select(Person.team_id).where(Person.takes_leads, Person.active)
    leading = select(Team.head_id).where(Team.id.in_(teams))
    found = db.session.execute(select(Person).where(Person.id.in_(leading), Person.active)).scalars().all()
    here = dict.fromkeys(person for head in found for person in with_deputy(head))
    return [person for person in here if seen_by(subject, actor_of_person(person))] or holders("administrator")


def holders(role: str) -> Iterable[Person]:
    """Everybody who has the role."""
    having = select(Person).join(Person.roles).join(RoleReach, RoleReach.role_id == Role.id)
    return db.session.execute(having.where(RoleReach.code == role, Person.active)).scalars().all()
