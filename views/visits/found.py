"""The visit of an address, and who may be sent."""

from __future__ import annotations

from flask import abort
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.ground.base import db
from models.staff import Person, RoleReach
from models.visits import Visit

MOST = 200
GO = ("surveyor", "master")


def visit_or_404(pk: int) -> Visit:
    """The visit, if the actor reaches it."""
    if pk >= 2**63:
        abort(404)
    wanted = select(Visit).where(Visit.id == pk).options(joinedload(Visit.assignee))
    visit = db.session.execute(wanted).scalar_one_or_none()
    return visit if visit is not None else abort(404)


def sendable() -> list[Person]:
    """Everybody who works here, those who usually go in front."""
    going = select(Person.id).join(Person.roles).join(RoleReach, RoleReach.role_id == Role.id)
    ids = set(db.session.execute(going.where(RoleReach.code.in_(GO))).scalars())
    everybody = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    people = list(db.session.execute(everybody.limit(MOST)).scalars())
    return sorted(people, key=lambda person: person.id not in ids)
