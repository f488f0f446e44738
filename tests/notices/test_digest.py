"""The daily letter: when, to whom, and what it holds."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.jobs import letters
from app.services import notices
from models.ground.base import clock_at
from models.leads import Lead
from models.notices import Delivery, DeliveryState
from models.staff import Person
from models.tasks import Task

MORNING = dt.datetime.fromisoformat("2026-06-10T08:30+03:00")


@pytest.fixture
def wanting(anna, as_system) -> Person:
    anna.notify = {"digest": "08:30"}
    as_system.commit()
    return anna


def write_at(moment: dt.datetime, worker) -> None:
    with clock_at(moment):
        letters.daily()
        worker()


def lay_out(session, person) -> None:
    yesterday, today = MORNING - dt.timedelta(days=1), MORNING + dt.timedelta(hours=3)
    session.add(Task(title="Отправить КП", assignee_id=person.id, due_at=yesterday))
    session.add(Task(title="Позвонить Петрову", assignee_id=person.id, due_at=today))
    session.add(Task(title="Через неделю", assignee_id=person.id, due_at=today + dt.timedelta(days=7)))
    session.add(Lead(name="Ирина Соколова", words="Окна", owner_id=person.id, received_at=yesterday, respond_by=yesterday))
    with clock_at(yesterday):
        notices.notify(person, "k", "payment.recorded", "Пришла оплата: 92 250 ₽", url="/deals/1042", ways=("bell",))
    session.commit()


def test_it_says_what_is_late_what_is_for_today_and_what_was_not_seen(wanting, as_system, smtp, worker):
    lay_out(as_system, wanting)
    write_at(MORNING, worker)
    (letter,) = smtp.to("anna@parus.test")
    assert letter["Subject"] == "Сегодня вас ждут 3 дела"
    for kind in ("plain", "html"):
        said = letter.get_body((kind,)).get_content()
        assert all(words in said for words in ("Отправить КП", "Позвонить Петрову", "Ирина Соколова", "Пришла оплата"))
        assert "Через неделю" not in said
    assert "http://localhost/deals/1042" in letter.get_body(("html",)).get_content()


def test_once_a_day_and_not_before_its_time(wanting, as_system, smtp, worker):
    lay_out(as_system, wanting)
    write_at(MORNING - dt.timedelta(minutes=1), worker)
    assert smtp.received == []
    for minutes in (0, 1, 30):
        write_at(MORNING + dt.timedelta(minutes=minutes), worker)
    assert len(smtp.received) == 1
    write_at(MORNING + dt.timedelta(days=1), worker)
    assert len(smtp.received) == 2


def test_after_a_long_silence_it_comes_late_and_then_not_at_all(wanting, as_system, smtp, worker):
    lay_out(as_system, wanting)
    write_at(MORNING + dt.timedelta(hours=7), worker)
    assert smtp.received == []
    write_at(MORNING + dt.timedelta(days=1, hours=5), worker)
    assert len(smtp.received) == 1


def test_where_nothing_waits_nothing_is_sent_and_that_is_noted(wanting, as_system, smtp, worker):
    write_at(MORNING, worker)
    write_at(MORNING + dt.timedelta(minutes=1), worker)
    (row,) = as_system.execute(select(Delivery)).scalars()
    assert (row.state, smtp.received) == (DeliveryState.SPARED, [])


def test_whoever_did_not_ask_gets_none(anna, as_system, smtp, worker):
    lay_out(as_system, anna)
    write_at(MORNING, worker)
    assert smtp.received == []


def test_a_rivals_tasks_and_leads_are_not_in_it(wanting, as_system, smtp, worker):
    oleg = as_system.execute(select(Person).where(Person.username == "oleg")).scalar_one()
    soon = MORNING + dt.timedelta(hours=1)
    as_system.add(Task(title="Дело Олега", assignee_id=oleg.id, due_at=soon))
    as_system.add(Lead(name="Лид Олега", owner_id=oleg.id, received_at=MORNING, respond_by=soon))
    as_system.commit()
    lay_out(as_system, wanting)
    write_at(MORNING, worker)
    said = smtp.to("anna@parus.test")[0].get_body(("plain",)).get_content()
    assert "Олега" not in said


def test_letters_that_waited_for_it_do_not_come_besides(wanting, as_system, smtp, worker):
    wanting.notify = {"digest": "08:30", "quiet": {"from": "22:00", "until": "08:00"}}
    with clock_at(MORNING - dt.timedelta(hours=8)):
        notices.notify(wanting, "night", "lead.received", "Новый лид: Ночной", url="/leads/1")
        as_system.commit()
    write_at(MORNING, worker)
    assert [letter["Subject"] for letter in smtp.received] == ["Вы не видели этих уведомлений"]
    row = as_system.execute(select(Delivery).where(Delivery.key == "night:email")).scalar_one()
    as_system.refresh(row)
    assert row.state == DeliveryState.SPARED
