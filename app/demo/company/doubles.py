"""A partner with terms, clients who came in twice, requests that are none: what sorting and duplicates are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.rights import actor_of_person
from app.services import clients, duplicates
from app.services.duplicates import scanning
from models.clients import Client
from models.deals import Deal
from models.ground.base import clock_at, db
from models.staff import Person

PROMO = "LINIA"
PARTNER: dict[str, Any] = {
    "kind": "partner",
    "promo": PROMO,
    "partner_percent": Decimal("7.5"),
    "partner_terms": "7,5 % с оплаченной сделки, по акту раз в месяц. Клиенту студии — скидка 3 % на монтаж.",
    "address": "г. Москва, ул. Лесная, д. 20, стр. 4",
}
# Whose deal the studio brought.
BROUGHT = "Артур Минасян"


@dataclass(frozen=True)
class Twice:
    """Somebody who is in the base twice: name, contacts and what else is known, of each of the two."""

    owner: str
    days: int
    one: tuple[str, tuple[str, ...], dict[str, str]]
    other: tuple[str, tuple[str, ...], dict[str, str]]
    became: str = ""


TWICE = (
    Twice("marina", -40, ("Дмитрий Волков", ("+7 900 000-71-20",), {}),
          ("Волков Дмитрий", ("+7 900 000-71-20", "d.volkov@example.ru"), {"comment": "Просил звонить после обеда"})),
    Twice("anna", -33, ("ООО «Уютный дом»", ("+7 900 000-71-31",), {"inn": "7799020001", "kpp": "779901001"}),
          ("Уютный дом", ("zakupki@uyut.example",), {"inn": "7799020001", "address": "г. Москва, ул. Садовая, д. 3"})),
    Twice("anna", -21, ("Лариса Белкина", ("+7 900 000-71-42",), {}),
          ("Лариса", ("8 900 000 71 42",), {"address": "Москва, Цветочная, 8-12"})),
    Twice("marina", -18, ("Елена Сафонова", ("+7 900 000-71-53",), {"address": "Москва, Речная, 5-41"}),
          ("Пётр Сафонов", ("+7 900 000-71-53",), {"address": "г. Москва, ул. Речная, д. 5, кв. 41"})),
    Twice("oleg", -12, ("Семёнова Алёна", ("+7 900 000-71-64",), {"address": "г. Москва, ул. Полевая, д. 17, кв. 5"}),
          ("Алена Семенова", ("a.semenova@example.ru",), {"address": "Москва, Полевая, 17-5"})),
    Twice("marina", -9, ("Кирилл Носов", ("+7 900 000-71-75",), {}),
          ("Носов К.", ("+7 900 000-71-75",), {"address": "Химки, Новая, 2"}), "merged"),
    Twice("marina", -8, ("Игорь Зайцев", ("zaytsev@example.ru",), {}),
          ("Игорь Зайцев (сын)", ("zaytsev@example.ru",), {"comment": "Другой человек: полный тёзка отца"}), "apart"),
)  # fmt: skip


def partner(staff: Staff, clock: Clock) -> Client:
    """The studio that sends its clients here: before the requests that name it."""
    with clock_at(clock.was(-120, "12:00")), acting(staff["marina"]):
        contacts: dict[str, Any] = {"phones": ["+7 900 000-33-03"], "emails": ["studio@linia.example"]}
        return clients.create("Дизайн-студия «Линия»", owner=staff["marina"], values=PARTNER, **contacts)


def go(studio: Client, staff: Staff, clock: Clock) -> None:
    """The pairs, what became of two of them, and what a look through the base finds."""
    deal = select(Deal).join(Client, Client.id == Deal.client_id).where(Client.name == BROUGHT)
    for brought in db.session.execute(deal).scalars():
        brought.partner_id = studio.id
    for twice in TWICE:
        _twice(twice, staff, clock)
    db.session.flush()
    with clock_at(clock.ago(5)):
        moment = clock.ago(5)
        for _name, step in scanning.steps():
            step(moment)


def _twice(twice: Twice, staff: Staff, clock: Clock) -> None:
    owner = staff[twice.owner]
    keys = []
    for place, (name, contacts, values) in enumerate((twice.one, twice.other)):
        mails = [contact for contact in contacts if "@" in contact]
        phones = [contact for contact in contacts if "@" not in contact]
        kind = {"kind": "company"} if "inn" in values else {}
        with clock_at(clock.was(twice.days + place * 3, "14:20")), acting(owner):
            keys.append(clients.create(name, phones=phones, emails=mails, owner=owner, values=values | kind).id)
    with clock_at(clock.was(-1, "18:40")), whole(owner):
        if twice.became == "merged":
            duplicates.merge(actor_of_person(owner), keys[0], keys[1])
        if twice.became == "apart":
            duplicates.apart(actor_of_person(owner), keys[0], keys[1])


@contextmanager
def whole(someone: Person) -> Iterator[None]:
    """As this person, whose merge moves colleagues' rows too."""
    session = db.session()
    session.flush()
    before = session.info["actor"]
    session.info["actor"] = changed(actor_of_person(someone), everything=True)
    try:
        yield
        session.flush()
    finally:
        session.info["actor"] = before
