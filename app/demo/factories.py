"""Makes people, teams and what they work on, for the demo company, the large base and the tests."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.security import hash_password
from models.ground.base import db
from models.staff import Person, RoleReach, Team

DEMO_PASSWORD = "demo"  # noqa: S105 (PRODUCT.md promises it for demo accounts, and it is refused elsewhere)


def role(code: str) -> Role:
    """The role that a pack installed under this code."""
    found = select(Role).join(RoleReach, RoleReach.role_id == Role.id).where(RoleReach.code == code)
    return db.session.execute(found).scalar_one()


def team(name: str, head: Person | None = None) -> Team:
    """A department; its head is set when the head exists."""
    made = Team(name=name, head_id=head.id if head else None)
    db.session.add(made)
    db.session.flush()
    return made


def demo_hash() -> str:
    """The demo password as it is kept: hashing is slow on purpose, so a load does it once."""
    return hash_password(DEMO_PASSWORD)


def person(username: str, name: str, roles: tuple[str, ...], password: str, **more: Any) -> Person:
    """An employee who can sign in. `password` is a hash; `more` are columns of Person."""
    first, _blank, last = name.partition(" ")
    values = {"email": f"{username}@example.ru", "demo": True} | more
    made = Person(
        username=username, first_name=first, last_name=last, password=password, active=True, **values
    )
    made.roles = [role(code) for code in roles]
    db.session.add(made)
    db.session.flush()
    return made
