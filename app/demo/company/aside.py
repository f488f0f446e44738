"""Who stands beside the client of № 1042, what colleagues noted there, and a deal that waits for its day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.services import clients, deals
from app.services.deals import holding, notes, people
from models.clients import Client, ContactKind
from models.deals import Deal
from models.ground.base import clock_at, db

WAITING, WAITS_FOR = "Артур Минасян", "Ждёт ключи от новой квартиры"


def go(deal: Deal, staff: Staff, clock: Clock) -> None:
    """All of it happened in the last days."""
    with clock_at(clock.was(-3, "17:05")), acting(staff["marina"]):
        people.invite(deal, _anton(staff), "решает")
        people.invite(deal, staff["pavel"], "замерщик")
    with clock_at(clock.was(-3, "17:10")), acting(staff["marina"]):
        notes.pin(deals.note(deal, "Звонить после 18:00. Кот: окна без антикошки не предлагать."))
    with clock_at(clock.was(-1, "19:02")), acting(staff["marina"]):
        deals.note(deal, "@Павел Гришин, захвати на монтаж образцы откосов: панель и штукатурку.")
    with clock_at(clock.was(-1, "12:15")), acting(staff["marina"]):
        found = select(Deal).join(Client, Client.id == Deal.client_id).where(Client.name == WAITING)
        holding.hold(_only(found), clock.today + dt.timedelta(days=12), WAITS_FOR)


def _anton(staff: Staff) -> Client:
    anton = clients.create("Антон Соколов", phones=["+7 900 000-12-35"], owner=staff["marina"])
    clients.add_contact(anton, ContactKind.HANDLE, "whatsapp:79000001235")
    return anton


def _only(found: Any) -> Deal:
    deal: Deal = db.session.execute(found).scalar_one()
    return deal
