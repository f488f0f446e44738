"""Tasks that rules make: their minutes are working ones, and nobody is told of the same thing twice at once."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.channels.inbound import Inbound
from app.jobs import JOBS
from app.services import leads, tasks, visits
from app.services.tasks import reminding
from app.services.worktime import setting
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import clock_at, db, utcnow
from models.ground.history import Event, record
from models.leads import Lead
from models.lowcode.rules import Rule
from models.tasks import Task, TaskAlert
from tests.deals import started, who
from tests.scene import actor

MOSCOW = ZoneInfo("Europe/Moscow")
WEEK = dict.fromkeys(range(5), "9–18")
OWN = dict.fromkeys(range(7), "12–21")


def at(day, hour, minute=0, second=0):
    """A moment of the week that begins on Monday, 2 March 2026."""
    return dt.datetime(2026, 3, day, hour, minute, second, tzinfo=MOSCOW)


@pytest.fixture
def office(as_system):
    """The firm works from 9 to 18 on working days; Oleg has hours of his own."""
    setting.set_hours("Europe/Moscow", WEEK)
    setting.set_hours("Europe/Moscow", OWN, person=who(as_system, "oleg"))
    as_system.commit()


def come(session, moment):
    """A lead comes at that moment, and the rules of the pack do what they do."""
    with clock_at(moment):
        lead = leads.receive(Inbound(name="Иван", phone="89261230010", words="Два окна"))
        session.commit()
        follow(session, "lead.received")
    found = session.execute(select(Task).where(Task.lead_id == lead.id)).scalar_one()
    return session.get_one(Lead, lead.id), found


def follow(session, name):
    for key in session.execute(select(Event.id).where(Event.name == name)).scalars().all():
        JOBS["app.jobs.events.handle"](key)
    session.rollback()


def reminded(session, moment):
    """What is told of tasks at that moment: soon due, overdue."""
    with clock_at(moment):
        told = reminding.tell_due(), reminding.tell_overdue()
    session.commit()
    return told


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("comes", "due"),
    [
        (at(3, 23), at(4, 9, 15)),
        (at(3, 7), at(3, 9, 15)),
        (at(3, 11, 30), at(3, 11, 45)),
        (at(3, 17, 50), at(4, 9, 5)),
        (at(6, 17, 55), at(9, 9, 10)),
        (at(7, 12), at(9, 9, 15)),
    ],
)
def test_a_lead_is_called_by_the_time_it_is_to_be_answered(as_system, comes, due):
    lead, task = come(as_system, comes)
    assert task.title == "Позвонить"
    assert (task.due_at, lead.respond_by) == (due, due)


@pytest.mark.usefixtures("office")
def test_by_night_nobody_is_woken_and_in_the_morning_told_once(as_system):
    come(as_system, at(3, 23))
    assert [reminded(as_system, moment) for moment in (at(3, 23, 1), at(3, 23, 30), at(4, 8, 59))] == [(0, 0)] * 3
    assert [reminded(as_system, moment) for moment in (at(4, 9, 1), at(4, 9, 2))] == [(1, 0), (0, 0)]
    assert reminded(as_system, at(4, 9, 16)) == (0, 1)


@pytest.mark.usefixtures("office")
def test_by_day_whoever_was_just_told_of_a_lead_is_not_reminded_of_its_task_at_once(as_system):
    _lead, task = come(as_system, at(3, 11))
    assert [reminded(as_system, moment) for moment in (at(3, 11, 0, 30), at(3, 11, 14))] == [(0, 0)] * 2
    assert reminded(as_system, at(3, 11, 15)) == (0, 1)
    # A new term is told anew.
    tasks.change(task, {"due_at": at(3, 16)})
    as_system.commit()
    assert [reminded(as_system, moment) for moment in (at(3, 15, 30), at(3, 15, 45))] == [(0, 0), (1, 0)]


@pytest.mark.usefixtures("office")
def test_a_rule_that_tells_nobody_leaves_the_reminder(as_system):
    for rule in as_system.execute(select(Rule)).scalars():
        rule.active = rule.code == "lead_to_call"
    as_system.commit()
    come(as_system, at(3, 11))
    assert [reminded(as_system, moment) for moment in (at(3, 11, 1), at(3, 11, 2))] == [(1, 0), (0, 0)]


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("said", "due"),
    [
        ({"due_hours": 4}, at(4, 11)),
        ({"due_hours": 1, "due_minutes": 30}, at(3, 17, 30)),
        ({}, at(4, 16)),
    ],
)
def test_hours_are_working_ones_and_without_them_it_is_the_next_day(as_system, said, due):
    rule = Rule(code="look", names={"ru": "Посмотреть"}, event="deal.held", conditions=[])
    rule.actions = [{"do": "add_task", "names": {"ru": "Посмотреть"}} | said]
    as_system.add(rule)
    with clock_at(at(3, 16)):
        deal = started(as_system)
        record("deal.held", deal)
        as_system.commit()
        follow(as_system, "deal.held")
    found = as_system.execute(select(Task).where(Task.title == "Посмотреть")).scalar_one()
    assert found.due_at == due


def test_what_a_person_writes_for_the_next_minutes_is_told_when_it_is_due(app):
    with app.app_context(), acting_as(actor(app, "anna")):
        now = utcnow()
        first = tasks.add({"title": "Позвонить", "due_at": now + dt.timedelta(minutes=10)})
        tasks.add({"title": "Позже", "due_at": now + dt.timedelta(minutes=20)})
        db.session.commit()
        first_id = first.id
    with app.app_context(), acting_as(SYSTEM) as session:
        assert reminded(session, now + dt.timedelta(minutes=1)) == (0, 0)
        assert reminded(session, now + dt.timedelta(minutes=6)) == (1, 0)
        told = select(func.count(TaskAlert.id)).where(TaskAlert.task_id == first_id, TaskAlert.kind == "overdue")
        assert reminded(session, now + dt.timedelta(minutes=11)) == (0, 1)
        assert session.execute(told).scalar_one() == 1


def test_whoever_goes_to_the_client_still_goes_when_the_lead_changes_hands(system, worker):
    with system() as session:
        lead = Lead(name="Иван", phone="+79261230001", owner_id=who(session, "anna").id, received_at=utcnow())
        session.add(lead)
        session.flush()
        values = {"assignee": who(session, "pavel").id, "starts_at": utcnow() + dt.timedelta(days=1), "address": "Полевая, 14"}
        visit, call = visits.plan(lead, values), tasks.add({"title": "Позвонить", "assignee": lead.owner_id}, on=lead)
        keys = (visit.task_id, call.id)
        leads.assign(lead, who(session, "oleg"))
    worker()
    with system() as session:
        assert [session.get(Task, key).assignee.username for key in keys] == ["pavel", "oleg"]
