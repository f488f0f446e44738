"""Two people at one deal at the same moment: both are answered, and what they do adds up."""

import threading
import time

import pytest
from sqlalchemy import select, text

from app.services import clients, payments, tasks, visits
from app.services.versions import locked
from models.clients import Client
from models.deals import Deal
from models.documents import Document
from models.estimates import Estimate
from models.ground.base import utcnow
from models.lowcode.choices import choices
from models.tasks import Task
from models.visits import Visit
from tests.deals import PLACE, started, who
from tests.money import HTMX, JSON, issue


class Pressed:
    """A button that somebody presses while others are at work; `status` is what came of it."""

    def __init__(self, client, path, **said):
        self.answer = None
        self.thread = threading.Thread(target=self._press, args=(client, path, {"headers": HTMX} | said))
        self.thread.start()

    def _press(self, client, path, said):
        self.answer = client.post(path, **said)

    @property
    def status(self):
        self.thread.join(20)
        return self.answer.status_code if self.answer is not None else "never"


def wait_for(session, count):
    """Until so many wait for a lock of somebody."""
    held_up = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _step in range(60):
        # What the database tells of its sessions stands still within a transaction.
        session.execute(text("SELECT pg_stat_clear_snapshot()"))
        if session.execute(held_up).scalar_one() >= count:
            return
        time.sleep(0.05)
    pytest.fail("nobody waits")


def test_a_task_is_ended_while_somebody_changes_its_deal(login, system):
    client = login("anna")
    with system() as session:
        deal = started(session)
        key, number = tasks.add({"title": "Позвонить", "assignee": who(session, "anna")}, on=deal).id, deal.number
    with system() as session:
        locked(session.execute(select(Deal).where(Deal.number == number)).scalar_one())
        ended = Pressed(client, f"/tasks/{key}/finish", data={"result": "Да"})
        ended.thread.join(10)
        assert not ended.thread.is_alive()
    assert ended.status == 200


def test_a_visit_is_ended_while_its_deal_is_lost(login, system):
    marina, pavel = login("marina"), login("pavel")
    with system() as session:
        deal = started(session, **PLACE)
        visit = visits.plan(deal, {"assignee": who(session, "pavel"), "starts_at": utcnow(), "address": "ул. Мира, 1"})
        number, key, task, reason = deal.number, visit.id, visit.task_id, choices("lost_reason")[0].code
    with system() as session:
        locked(session.get_one(Task, task))
        lost = Pressed(marina, f"/deals/{number}/move", data={"stage": "lost", "lost_reason": reason})
        wait_for(session, 1)
        ended = Pressed(pavel, f"/visits/{key}/finish", data={"result": "Замерил"})
        wait_for(session, 2)
    assert (lost.status, ended.status) == (200, 422)
    with system() as session:
        assert session.get_one(Visit, key).state == "cancelled"


def test_an_estimate_is_saved_while_it_is_agreed(login, system, fresh, rows):
    marina, boss = login("marina"), login("admin")
    body = {"version": 0, "lines": [{"name": "Окно", "quantity": "1", "price": "100"}]}
    saved = marina.post("/deals/1042/estimate/lines", json=body, headers=JSON).json
    with system() as session:
        locked(session.execute(select(Deal)).scalar_one())
        agreed = Pressed(boss, "/deals/1042/estimate/agree")
        wait_for(session, 1)
        late = Pressed(marina, "/deals/1042/estimate/lines", json=saved, headers=JSON)
        wait_for(session, 2)
    assert (agreed.status, late.status) == (302, 409)
    assert rows.one(select(Estimate)).state == "agreed"


def test_an_invoice_that_is_being_paid_is_not_cancelled(login, system, deal, rows):
    client = login("nina")
    issue(client)
    key = rows.one(select(Document.id))
    with system() as session:
        payments.record(session.execute(select(Deal)).scalar_one(), {"amount": "100", "invoice": key})
        cancelled = Pressed(client, f"/documents/{key}/cancel", headers=JSON)
        wait_for(session, 1)
    assert cancelled.status == 409
    assert rows.one(select(Document)).state != "cancelled"


def test_a_form_that_is_saved_while_somebody_saves_the_same_is_told_of_it(login, system):
    client = login("anna")
    with system() as session:
        deal = started(session)
        key, seen = deal.client_id, session.get_one(Client, deal.client_id).version
    with system() as session:
        clients.change(session.get_one(Client, key), {"address": "ул. Новая, 1"})
        typed = {"version": seen, "name": "Ирина Соколова", "kind": "person", "address": "ул. Старая, 2"}
        late = Pressed(client, f"/clients/edit/{key}", data=typed)
        wait_for(session, 1)
    assert late.status == 409
    assert "ул. Новая, 1" in late.answer.get_data(as_text=True)
    with system() as session:
        assert session.get_one(Client, key).address == "ул. Новая, 1"


def test_clients_are_merged_while_somebody_works_on_a_deal_of_one(login, system):
    marina = login("marina")
    with system() as session:
        deal = started(session)
        number, old = deal.number, deal.client_id
        new = clients.create("Ирина Соколова", owner=who(session, "anna")).id
    with system() as session:
        deal = locked(session.execute(select(Deal).where(Deal.number == number)).scalar_one())
        merged = Pressed(marina, f"/clients/duplicates/{new}/{old}/merge")
        wait_for(session, 1)
        key = tasks.add({"title": "Позвонить"}, on=deal).id
    assert merged.status == 302
    with system() as session:
        assert (session.get_one(Task, key).client_id, session.get_one(Task, key).deal.client_id) == (new, new)
