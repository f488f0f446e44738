"""What is done with a lead ends what colleagues were to do for it: their calls, their tasks, their way to the client."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.services import tasks, visits
from models.ground.base import utcnow
from models.leads import Lead
from models.messages import Message
from models.notices import Notice
from models.staff import Person
from models.tasks import Task
from models.visits import Visit
from tests.scene import person


@pytest.fixture
def lead(system: Any, worker: Callable[[], None]) -> int:
    """Oleg's lead, late by an hour, with his call; Pavel is to go there tomorrow."""
    with system() as session:
        oleg, hour = person(session, "oleg"), dt.timedelta(hours=1)
        made = Lead(name="Иван", phone="+79261230001", owner_id=oleg.id)
        made.received_at, made.respond_by = utcnow() - 2 * hour, utcnow() - hour
        session.add(made)
        session.flush()
        tasks.add({"title": "Позвонить", "kind": "call", "assignee": oleg}, on=made)
        values = {"assignee": person(session, "pavel"), "starts_at": utcnow() + 24 * hour, "address": "Полевая, 14"}
        visits.plan(made, values)
        key = int(made.id)
    worker()
    return key


@pytest.fixture
def still_open(system: Any) -> Callable[[], list[str]]:
    def found() -> list[str]:
        with system() as session:
            rows = select(Task.title).where(Task.done_at.is_(None)).order_by(Task.id)
            return list(session.execute(rows).scalars())

    return found


def test_whoever_answers_a_colleagues_late_lead_ends_his_call(lead, login, worker, still_open):
    login("anna").post(f"/leads/{lead}/called", data={"words": "Ждут замера"})
    worker()
    assert still_open() == ["Выезд: Полевая, 14"]


def test_nobody_goes_to_whom_was_set_aside_and_undo_opens_what_was_closed(lead, login, worker, system, still_open):
    client = login("anna")
    answer = client.post(f"/leads/{lead}/reject", data={"reason": "spam"}, headers={"HX-Request": "true", "X-Live": "1"})
    worker()
    assert still_open() == []
    with system() as session:
        assert session.execute(select(Visit.state)).scalar_one() == "cancelled"
        rows = select(Person.username).join(Notice, Notice.person_id == Person.id)
        assert session.execute(rows.where(Notice.event == "visit.cancelled")).scalars().all() == ["pavel"]
    (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
    client.post(toast["undo"])
    worker()
    assert "Позвонить" in still_open()


def test_what_colleagues_are_to_do_goes_to_the_deal(lead, login, worker, system):
    login("anna").post(f"/leads/{lead}/qualify", data={"title": "Окна"})
    worker()
    with system() as session:
        deal_id = session.get_one(Lead, lead).deal_id
        assert session.execute(select(Visit.deal_id)).scalar_one() == deal_id
        rows = session.execute(select(Task).where(Task.lead_id == lead)).scalars().all()
        assert [(row.title, row.deal_id, row.done_at is None) for row in rows] == [
            ("Позвонить", None, False), ("Выезд: Полевая, 14", deal_id, True),
        ]  # fmt: skip
        assert session.execute(select(Message.id).where(Message.deal_id.is_(None))).all() == []
