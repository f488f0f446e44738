"""Scenes of deals for tests: a deal of somebody, put on a stage with what its gates ask for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.services import deals, documents, estimates, payments, shipments
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.base import utcnow
from models.ground.history import Event, StageVisit
from models.lowcode.funnels import Stage
from models.staff import Person
from models.tasks import Task

PLACE = {"address": "ул. Полевая, 14", "work_type": "windows"}


def who(session: Any, username: str) -> Person:
    """One of the cast."""
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def stage(deal: Deal, code: str) -> Stage:
    """A stage of the deal's funnel."""
    return next(one for one in deal.funnel.stages if one.code == code)


def started(session: Any, owner: str = "anna", name: str = "Ирина Соколова", **values: Any) -> Deal:
    """A deal on the first stage, with a client who has a phone."""
    person = who(session, owner)
    client = Client(name=name, owner_id=person.id)
    client.contacts = [ContactPoint(kind="phone", value="+79000001234")]
    session.add(client)
    session.flush()
    return deals.start(client, {"title": "Лоджия и два окна"} | values, owner=person)


def agreed(session: Any, owner: str = "anna", **values: Any) -> Deal:
    """A deal on the stage of the estimate, with 100 000 agreed and nothing else missing for the invoice."""
    deal = started(session, owner, **(PLACE | values))
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, [{"name": "Окно", "quantity": "2", "price": "50000", "cost": "30000"}])
    estimates.agree(estimate)
    deals.change(deal, {"payer": deal.client_id, "production_on": utcnow().date() + dt.timedelta(days=14)})
    return deals.move(deal, stage(deal, "estimate"))


def paid(deal: Deal, amount: int) -> None:
    """Money that came for the deal."""
    payments.record(deal, {"amount": Decimal(amount), "paid_on": utcnow().date()})


def shipped(deal: Deal) -> None:
    """All of it is handed over."""
    shipments.ship(deal, None, utcnow().date())


def told(session, deal):
    """The events of a deal in order."""
    rows = select(Event.name).where(Event.deal_id == deal.id).order_by(Event.id)
    return [name for name in session.execute(rows).scalars() if name.startswith("deal.")]


def visits(session, deal):
    """(stage, whether it lasts) of each stay in order."""
    rows = select(StageVisit).where(StageVisit.deal_id == deal.id).order_by(StageVisit.id)
    codes = {one.id: one.code for one in deal.funnel.stages}
    return [(codes[visit.stage_id], visit.left_at is None) for visit in session.execute(rows).scalars()]


def open_titles(session, deal):
    rows = select(Task.title).where(Task.deal_id == deal.id, Task.done_at.is_(None)).order_by(Task.id)
    return list(session.execute(rows).scalars())


__all__ = [
    "PLACE",
    "agreed",
    "documents",
    "open_titles",
    "paid",
    "shipped",
    "stage",
    "started",
    "told",
    "visits",
    "who",
]
