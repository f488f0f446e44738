"""The people of every test: they are there before it begins, and are the same after it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.staff import Person, RoleReach, Team
from models.worktime import Holiday, WorkHours

PASSWORD = "верный конь батарея скрепка"


@dataclass(frozen=True)
class Part:
    """One of the cast: user name, name, role by its code, and whether the person is of the sales team."""

    username: str
    first_name: str
    last_name: str
    role: str
    sells: bool = False


BOSS = Part("director", "Виктор", "Лаптев", "director")
MARINA = Part("marina", "Марина", "Ковалёва", "manager", sells=True)  # head of the team
ANNA = Part("anna", "Анна", "Белова", "manager", sells=True)
OLEG = Part("oleg", "Олег", "Дёмин", "manager", sells=True)  # Anna's rival
PAVEL = Part("pavel", "Павел", "Гришин", "surveyor")
SERGEY = Part("sergey", "Сергей", "Титов", "master")
NINA = Part("nina", "Нина", "Орлова", "accountant")
ADMIN = Part("admin", "Алиса", "Админова", "administrator")
STRANGER = Part("stranger", "Борис", "Чужой", "manager")  # a manager of another team

CAST = (BOSS, MARINA, ANNA, OLEG, PAVEL, SERGEY, NINA, ADMIN, STRANGER)


def enter(session: Session, password_hash: str) -> None:
    """Bring the cast on: people with roles, and the sales team with its head. They work round the clock, as tests do."""
    for row in (*session.execute(select(WorkHours)).scalars(), *session.execute(select(Holiday)).scalars()):
        session.delete(row)
    sales, others = Team(name="Продажи"), Team(name="Другой отдел")
    session.add_all([sales, others])
    session.flush()
    roles = role_by_code(session)
    for part in CAST:
        person = Person(
            username=part.username,
            first_name=part.first_name,
            last_name=part.last_name,
            email=f"{part.username}@parus.test",
            password=password_hash,
            active=True,
            takes_leads=part.sells,
        )
        person.roles = [roles[part.role]]
        person.team_id = sales.id if part.sells else others.id if part is STRANGER else None
        session.add(person)
    session.flush()
    sales.head_id = session.execute(select(Person.id).where(Person.username == MARINA.username)).scalar_one()


def role_by_code(session: Session) -> dict[str, Role]:
    """Roles by the code that the pack gives them."""
    rows = session.execute(select(RoleReach.code, Role).join(Role, Role.id == RoleReach.role_id))
    return dict(tuple(row) for row in rows)
