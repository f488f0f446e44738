"""The deal № 1042 of the papers' sample, for tests of money: its lines, and short ways to lay out a scene."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.rights import actor_of_person
from app.services import deals, estimates
from models.clients import Client
from models.deals import Deal
from models.estimates import Estimate, EstimateLine
from models.ground.actor import SYSTEM, acting_as
from models.staff import Person

D = Decimal
# article, size, quantity, discount: prices and costs come from the price list.
LINES_1042 = (
    ("ОК-70-2", "1450 × 1420", "2", "5"),
    ("ЛД-70-Г", "3200 × 1550 + 850", "1", "5"),
    ("СМ-Б", "690 × 1350", "3", "0"),
    ("ПД-250", "1500", "2", "0"),
    ("Р-01", "по размерам", "10,4", "0"),
    ("Р-02", "по размерам", "12,5", "0"),
    ("Р-03", "", "2", "0"),
    ("ОТ-15", "1500", "5", "0"),
    ("Р-05", "", "1", "0"),
)


def lines_1042() -> list[dict[str, Any]]:
    """As a person pastes them: by article. The drip stands among the works, as in the sample."""
    lines = [
        {"sku": sku, "size": size, "quantity": quantity, "discount": discount}
        for sku, size, quantity, discount in LINES_1042
    ]
    lines[7]["section"] = "work"
    return lines


@contextmanager
def acting(app: Any, username: str):
    """A session of one of the cast, as a request of theirs has it."""
    with app.app_context():
        with acting_as(SYSTEM) as system:
            person_id = system.execute(select(Person.id).where(Person.username == username)).scalar_one()
        with acting_as(SYSTEM) as system:
            actor = actor_of_person(system.get(Person, person_id))
        with acting_as(actor) as session:
            yield session


def deal_of(session: Any, username: str = "marina", number: int = 1042) -> Deal:
    """A deal of the sample, made by the system for one of the cast."""
    owner = session.execute(select(Person).where(Person.username == username)).scalar_one()
    client = Client(name="Ирина Соколова", full_name="Соколова Ирина Викторовна", owner_id=owner.id)
    session.add(client)
    session.flush()
    values = {
        "title": "Лоджия и два окна",
        "address": "г. Москва, ул. Полевая, д. 14, кв. 52",
        "payer": client.id,
        "work_type": "windows",
    }
    deal = deals.start(client, values, owner=owner)
    deal.number = number
    session.flush()
    return deal


def agreed_1042(session: Any, username: str = "marina", number: int = 1042) -> Deal:
    """The deal with version 3 of its estimate agreed."""
    deal = deal_of(session, username, number)
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, lines_1042())
    for _version in (2, 3):
        estimates.send(estimate)
        estimate = estimates.next_version(estimate)
    estimates.agree(estimate)
    session.commit()
    return deal


class Rows:
    """What is in the base, looked at between requests; rows come loaded and belong to no session."""

    def __init__(self, system):
        self.system = system

    def all(self, statement):
        with self.system() as session:
            found = session.execute(statement).unique().scalars().all()
            session.expunge_all()
            return found

    def one(self, statement):
        (found,) = self.all(statement)
        return found

    def make(self, act):
        """Do something as the system; what is loaded of it is given back."""
        with self.system() as session:
            made = act(session)
            session.commit()
            if made is not None:
                session.refresh(made)
                session.expunge_all()
            return made


JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


def lines_of(rows, revision=3):
    agreed = select(EstimateLine).join(Estimate).where(Estimate.revision == revision)
    return rows.all(agreed.order_by(EstimateLine.position))


def issue(client, **said):
    return client.post(
        "/documents/issue", data={"deal": "1042", "share": "50", "request_key": "k"} | said, headers=HTMX
    )


def pay(client, **said):
    return client.post(
        "/payments/record", data={"deal": "1042", "amount": "92 250,00", "request_key": "p"} | said, headers=HTMX
    )


def ship(client, lines, **said):
    values = {f"line-{pk}": quantity for pk, quantity in lines.items()}
    data = {"deal": "1042", "request_key": "s", "shipped_on": "", "comment": ""} | values | said
    return client.post("/shipments/record", data=data, headers=HTMX)
