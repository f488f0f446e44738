"""Clients asked one by one are the clients of the set: for everybody, in every shape of a statement."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import aliased, selectinload

from app.services import clients, deals
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.access import ROW_BY_ROW, WITH_DELETED
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.ground.nearby import few, nearby
from models.participants import Participant
from models.tasks import Task
from models.visits import Visit, VisitState
from tests.cast import CAST
from tests.scene import actor, person


@pytest.fixture
def ways(app: Flask) -> None:
    """Clients who are reached in every way there is, of Anna, Oleg and nobody, one of each in the trash."""
    with app.app_context(), acting_as(SYSTEM) as session:
        for name in ("anna", None, "stranger", "oleg"):
            owner = person(session, name) if name else None
            of_deal = clients.create(f"Сделки {name}", phones=[f"8 926 000-1{len(name or '')}-01"])
            deal = deals.start(of_deal, {"title": "Окна"}, owner=owner)
            guest = clients.create(f"Участник {name}", emails=[f"{name}@guest.test"])
            session.add(Participant(deal=deal, client=guest))
            clients.create(f"Свой {name}", phones=[f"8 926 000-2{len(name or '')}-02"], owner=owner)
            buried = deals.start(clients.create(f"Корзина {name}"), {"title": "Была"}, owner=owner)
            buried.deleted_at = utcnow()
            clients.create(f"Удалён {name}", owner=owner).deleted_at = utcnow()
            session.add(Task(title="Позвонить", deal=deal, assignee=person(session, "sergey")))
            if name in {"stranger", None}:
                session.add(Task(title="Помочь", deal=deal, assignee=person(session, "anna")))
            hours = {"starts_at": utcnow(), "ends_at": utcnow() + dt.timedelta(hours=1)}
            session.add(Visit(deal=deal, assignee=person(session, "pavel"), state=VisitState.PLANNED, **hours))
        session.commit()


def ids(session: Any, statement: Any, **options: bool) -> list[int]:
    return sorted(session.execute(statement.execution_options(**options)).scalars())


@pytest.mark.parametrize("username", [part.username for part in CAST])
@pytest.mark.usefixtures("ways")
def test_one_by_one_they_are_those_of_the_set(app: Flask, username: str) -> None:
    other = aliased(Client)
    joined = select(ContactPoint.id).join(other, other.id == ContactPoint.client_id)
    of_deals = select(Client.id).join(Deal, Deal.client_id == Client.id)
    statements = (select(Client.id), select(other.id), select(ContactPoint.id), joined, of_deals)
    with app.app_context(), acting_as(actor(app, username)) as session:
        for statement in statements:
            for options in ({}, {WITH_DELETED: True}):
                whole = ids(session, statement, **options)
                assert ids(session, statement, **options, **{ROW_BY_ROW: True}) == whole, (username, str(statement))
    with app.app_context(), acting_as(SYSTEM) as session:
        everybody = len(ids(session, select(Client.id)))
    counted = len(ids_of(app, username))
    assert counted <= everybody
    assert (0 < counted < everybody) == (username not in {"director", "admin", "nina"})


def ids_of(app: Flask, username: str) -> list[int]:
    with app.app_context(), acting_as(actor(app, username)) as session:
        return ids(session, select(Client.id), **{ROW_BY_ROW: True})


@pytest.mark.parametrize("username", [part.username for part in CAST])
@pytest.mark.usefixtures("ways")
def test_rows_of_a_deal_are_seen_with_the_deal_whoever_owns_it(app: Flask, username: str) -> None:
    with app.app_context(), acting_as(actor(app, username)) as session:
        reached = ids(session, select(Deal.id))
        assert ids(session, select(Participant.deal_id)) == reached
    given = {"anna": 3, "marina": 2, "oleg": 1, "stranger": 1}
    assert len(reached) == given.get(username, 4), username


@pytest.mark.usefixtures("ways")
def test_a_head_nearby_finds_the_latest_in_reach_and_nobody_elses(app: Flask) -> None:
    with app.app_context(), acting_as(actor(app, "marina")) as session:
        whole = list(session.execute(select(Client.id).order_by(Client.id.desc())).scalars())
        latest = nearby(select(Client.id).order_by(Client.id.desc()), Client.id, True, steps=7)
        found = list(session.execute(latest).scalars())
        begun = list(session.execute(nearby(select(Client.id).order_by(Client.id), Client.id, False, steps=5)).scalars())
    assert found == whole[: len(found)]
    assert 0 < len(found) < len(whole)
    assert begun == whole[::-1][: len(begun)]


@pytest.mark.usefixtures("ways")
def test_contacts_of_a_page_collect_no_clients(app: Flask) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(" ".join(statement.split()))

    with app.app_context(), acting_as(actor(app, "marina")) as session:
        event.listen(Engine, "before_cursor_execute", note)
        rows = session.execute(select(Client).options(selectinload(Client.contacts))).scalars().all()
        event.remove(Engine, "before_cursor_execute", note)
        shown = {point.value for row in rows for point in row.contacts}
        reached = set(session.execute(select(ContactPoint.value)).scalars())
    (contacts,) = (one for one in said if "FROM contact_point WHERE contact_point.client_id IN (%" in one)
    assert "UNION SELECT" not in contacts
    assert shown == reached != set()


@pytest.mark.usefixtures("ways")
def test_few_says_nothing_about_other_tables(app: Flask) -> None:
    with app.app_context(), acting_as(actor(app, "marina")) as session:
        whole = ids(session, select(Deal.id))
        assert sorted(session.execute(few(select(Deal.id))).scalars()) == whole
