"""Somebody left and their deals are not handed over yet: the work goes on, and what happens is told to the head."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.services import clients, deals, leads, notices, tasks, worktime
from app.services.deals import holding
from app.services.worktime import setting
from models.ground.base import clock_at, utcnow
from models.ground.history import record
from models.ground.refused import Refused
from models.leads import Lead
from models.notices import Delivery, DeliveryState, Notice
from models.staff import Person
from models.tasks import Task
from tests.deals import PLACE, stage, started, who
from tests.money import acting


@pytest.fixture
def left(as_system):
    """Anna's deal, whose owner is about to leave."""
    return started(as_system, "anna", **PLACE)


def leaves(session, name="anna"):
    who(session, name).active = False
    session.flush()


def hands(session, deal):
    rows = select(Person.username).join(Task, Task.assignee_id == Person.id).where(Task.deal_id == deal.id)
    return list(session.execute(rows.order_by(Task.id.desc())).scalars())


def test_deals_on_hold_wake_for_all_and_the_head_has_the_task(as_system, left):
    other = started(as_system, "oleg", "Пётр Иванов")
    for deal in (left, other):
        holding.hold(deal, utcnow().date() + dt.timedelta(days=2), "Ждёт ключи")
    leaves(as_system)
    with clock_at(utcnow() + dt.timedelta(days=4)):
        assert holding.wake_due() == 2
    assert [hands(as_system, deal)[0] for deal in (left, other)] == ["marina", "oleg"]


def test_the_deal_moves_on_and_its_plan_is_the_heads(as_system, left):
    leaves(as_system)
    deals.move(left, stage(left, "measure"))
    assert left.stage.code == "measure"
    assert "anna" not in hands(as_system, left)[: len(left.stage.playbook)]


def test_without_a_head_the_next_task_is_nobodys(as_system, left):
    task = tasks.add({"title": "Позвонить", "assignee": who(as_system, "anna"), "repeats": "daily", "due_at": utcnow()})
    who(as_system, "anna").team_id = None
    leaves(as_system)
    following = tasks.finish(task, "Не дозвонились", {"title": "Ещё раз"})
    again = as_system.execute(select(Task).where(Task.repeated_from_id == task.id)).scalar_one()
    assert (following.assignee_id, again.assignee_id) == (None, None)


def test_a_request_of_whoever_left_becomes_the_deal_of_whoever_takes_it_up(as_system):
    lead = Lead(name="Ирина", phone="+79000001234", owner_id=who(as_system, "anna").id, received_at=utcnow())
    as_system.add(lead)
    leaves(as_system)
    assert leads.qualify(lead).owner_id is None


def test_what_waited_for_the_morning_is_not_sent_to_whoever_left_in_the_evening(as_system):
    anna = who(as_system, "anna")
    notices.notify(anna, "key", "lead.received", "Новый лид: Ирина", ways=("email",))
    leaves(as_system)
    delivery = as_system.execute(select(Delivery)).scalar_one()
    notices.deliver(delivery.id)
    assert (delivery.state, delivery.attempts) == (DeliveryState.SPARED, 1)


def test_for_a_client_of_whoever_left_the_head_is_asked(app, system):
    with system() as session:
        key = started(session, "anna").client_id
        leaves(session)
    with acting(app, "oleg") as session:
        assert clients.ask_access(key) == "Марина Ковалёва"
        session.commit()
    with system() as session:
        rows = select(Person.username).join(Notice, Notice.person_id == Person.id)
        assert session.execute(rows.where(Notice.event == "client.asked")).scalars().all() == ["marina"]


@pytest.mark.parametrize("gone", ["owner", "funnel"])
def test_no_deal_begins_with_whoever_left_or_in_a_funnel_out_of_use(as_system, left, gone):
    if gone == "owner":
        leaves(as_system)
    else:
        left.funnel.active = False
    with pytest.raises(Refused) as refusal:
        deals.start(None, owner=who(as_system, "anna"), funnel=left.funnel)
    assert refusal.value.field == gone


def test_what_the_client_writes_is_told_to_the_head(system, worker):
    with system() as session:
        deal = started(session, "anna")
        leaves(session)
        record("message.received", deal)
    worker()
    with system() as session:
        rows = select(Person.username).join(Notice, Notice.person_id == Person.id)
        assert session.execute(rows.where(Notice.event == "message.received")).scalars().all() == ["marina"]


def test_work_of_a_role_goes_to_nobody_who_is_away_while_somebody_is_here(as_system):
    second = who(as_system, "sergey")
    second.roles = list(who(as_system, "pavel").roles)
    as_system.flush()
    assert tasks.whoever("surveyor") == who(as_system, "pavel").id
    today = f"{worktime.today_of(utcnow()):%d.%m.%Y}"
    setting.go_away({"person": who(as_system, "pavel").id, "begins": today, "kind": "vacation"})
    assert tasks.whoever("surveyor") == second.id
    setting.go_away({"person": second.id, "begins": today, "kind": "illness"})
    assert tasks.whoever("surveyor") == who(as_system, "pavel").id


def test_the_head_is_told_once_as_the_head_and_for_whoever_left(system, worker):
    with system() as session:
        lead = Lead(name="Ирина", phone="+79000001234", owner_id=who(session, "anna").id, received_at=utcnow())
        session.add(lead)
        leaves(session)
        record("lead.overdue", lead)
    worker()
    with system() as session:
        rows = select(Person.username).join(Notice, Notice.person_id == Person.id)
        assert session.execute(rows).scalars().all() == ["marina"]
