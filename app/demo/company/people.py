"""Who works at the demo company, and as whom its past is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.demo.factories import demo_hash, person, team
from app.rights import actor_of_person
from models.ground.base import db
from models.staff import Person

# User name, name, roles, hue, post, whether leads are given to them in turn.
PEOPLE = (
    ("admin", "Алиса Рыжова", ("administrator",), "slate", "Администратор", False),
    ("director", "Виктор Лаптев", ("director",), "slate", "Директор", False),
    ("marina", "Марина Ковалёва", ("manager",), "pink", "Старший менеджер", True),
    ("anna", "Анна Белова", ("manager",), "teal", "Менеджер", True),
    ("oleg", "Олег Дёмин", ("manager",), "blue", "Менеджер", True),
    ("pavel", "Павел Гришин", ("surveyor",), "cyan", "Замерщик", False),
    ("sergey", "Сергей Титов", ("master",), "teal", "Мастер", False),
    ("nina", "Нина Орлова", ("accountant",), "violet", "Бухгалтер", False),
)
SELLERS = ("anna", "marina", "oleg")

Staff = dict[str, Person]


def hire() -> Staff:
    """The people of PRODUCT.md by user name; their password is the demo's."""
    hashed = demo_hash()
    staff = {
        username: person(username, name, roles, hashed, hue=hue, post=post, takes_leads=takes,
                         email=f"{username}@parus-okna.example", phone=f"+790000001{place:02}")
        for place, (username, name, roles, hue, post, takes) in enumerate(PEOPLE, 10)
    }  # fmt: skip
    sales = team("Отдел продаж", head=staff["marina"])
    for username in SELLERS:
        staff[username].team_id = sales.id
    db.session.flush()
    return staff


@contextmanager
def acting(someone: Person) -> Iterator[None]:
    """Inside, the session of the load acts as this person, so that history names who did it.

    Elsewhere a session never changes hands, since it would hand out what it loaded; here nobody reads.
    """
    session = db.session()
    session.flush()
    before = session.info["actor"]
    session.info["actor"] = actor_of_person(someone)
    try:
        yield
        session.flush()
    finally:
        session.info["actor"] = before
