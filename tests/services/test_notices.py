"""Notices and letters: who is told, how, and what becomes of each letter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.jobs import JOBS
from app.services import notices
from models.ground.base import utcnow
from models.ground.refused import Refused
from models.notices import Delivery, DeliveryState, Notice
from models.staff import Person
from tests import hooks


def person(session: Any, username: str) -> Person:
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def deliver(delivery: Delivery) -> None:
    JOBS["app.jobs.outbound.deliver"](delivery.id)


@pytest.fixture
def written(as_system: Any) -> Delivery:
    said = {"title": "Проверка", "text": "Слова", "url": "/leads/1"}
    delivery = notices.letter("anna@parus.test", "letter-1", "notice", **said)
    as_system.commit()
    return delivery


def test_a_request_is_told_in_the_bell_and_by_mail(client, worker, smtp, as_system):
    hooks.open_channel(as_system)
    client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    worker()
    (notice,) = as_system.execute(select(Notice)).scalars()
    owner = as_system.get(Person, notice.person_id)
    assert (notice.title, notice.words) == ("Новый лид: Иван Сидоров", "Нужна кухня 3 м")
    assert notice.url.startswith("/leads/")
    rows = as_system.execute(select(Delivery.way, Delivery.state).order_by(Delivery.way)).all()
    assert [tuple(row) for row in rows] == [("bell", "sent"), ("email", "sent")]
    (letter,) = smtp.to(owner.email)
    assert letter["Subject"] == "Новый лид: Иван Сидоров"
    said = letter.get_body(("plain",)).get_content()
    assert "+7\u00a0916\u00a0123-45-67" in said
    assert "http://localhost/leads/" in said
    assert "Нужна кухня 3 м" in letter.get_body(("html",)).get_content()


def test_it_speaks_the_language_of_its_receiver(client, worker, smtp, as_system):
    for one in as_system.execute(select(Person)).scalars():
        one.language = "en"
    hooks.open_channel(as_system)
    client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    worker()
    assert smtp.received[0]["Subject"].startswith("New lead: ")
    assert "Open the lead" in smtp.received[0].get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    ("switches", "ways"),
    [
        ({}, {"bell", "email"}),
        ({"events": {"lead.received": {"email": False}}}, {"bell"}),
        ({"events": {"lead.received": {"bell": False}}}, {"email"}),
    ],
)
def test_a_person_may_switch_each_way_off(client, worker, smtp, as_system, switches, ways):
    for one in as_system.execute(select(Person)).scalars():
        one.notify = switches
    hooks.open_channel(as_system)
    client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    worker()
    assert set(as_system.execute(select(Delivery.way)).scalars()) == ways


def test_without_an_owner_the_head_is_told(client, worker, smtp, as_system):
    for username in ("marina", "anna", "oleg"):
        person(as_system, username).takes_leads = False
    hooks.open_channel(as_system)
    client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    worker()
    told = select(Notice.title, Person.username).join(Person, Person.id == Notice.person_id)
    assert [tuple(row) for row in as_system.execute(told)] == [("Лид без ответственного: Иван Сидоров", "admin")]


def test_a_letter_is_sent_once_however_often_its_job_runs(smtp, written, as_system):
    deliver(written)
    deliver(written)
    as_system.refresh(written)
    assert (written.state, written.attempts, len(smtp.received)) == (DeliveryState.SENT, 1, 1)
    assert written.answer.startswith("250")
    assert smtp.received[0]["Message-ID"].startswith("<")


def test_a_letter_left_in_the_middle_goes_again_under_the_same_number(smtp, written, as_system):
    deliver(written)
    first = smtp.received[0]["Message-ID"]
    written.payload = {"template": "notice", "values": {"title": "Проверка"}}
    written.state, written.lease_until = DeliveryState.SENDING, utcnow() - dt.timedelta(seconds=1)
    as_system.commit()
    deliver(written)
    assert [letter["Message-ID"] for letter in smtp.received] == [first, first]


def test_a_letter_that_may_go_only_once_is_then_in_doubt(smtp, written, as_system):
    written.payload = {**written.payload, "once": True}
    written.state, written.lease_until = DeliveryState.SENDING, utcnow() - dt.timedelta(seconds=1)
    as_system.commit()
    deliver(written)
    as_system.refresh(written)
    assert (written.state, smtp.received) == (DeliveryState.IN_DOUBT, [])


def test_while_somebody_sends_it_nobody_else_does(smtp, written, as_system):
    written.state, written.lease_until = DeliveryState.SENDING, utcnow() + dt.timedelta(minutes=1)
    as_system.commit()
    deliver(written)
    assert smtp.received == []


def test_a_temporary_no_is_tried_again_later(smtp, written, as_system):
    smtp.refuses = "451 try later"
    deliver(written)
    as_system.refresh(written)
    assert (written.state, written.answer) == (DeliveryState.PENDING, "451 try later")
    assert dt.timedelta(seconds=10) < written.next_try_at - utcnow() < dt.timedelta(seconds=30)
    deliver(written)
    as_system.refresh(written)
    assert written.attempts == 1


def test_a_permanent_no_is_a_failure_with_the_servers_words(smtp, written, as_system):
    smtp.refuses = "550 no such person"
    deliver(written)
    as_system.refresh(written)
    assert (written.state, written.answer) == (DeliveryState.FAILED, "550 no such person")
    smtp.refuses = ""
    notices.send_again(written)
    as_system.commit()
    deliver(written)
    as_system.refresh(written)
    assert written.state == DeliveryState.SENT
    with pytest.raises(Refused):
        notices.send_again(written)


def test_a_server_that_is_away_is_tried_again(written, as_system, configure):
    configure(SMTP_URL="smtp://127.0.0.1:9")
    deliver(written)
    as_system.refresh(written)
    assert written.state == DeliveryState.PENDING
    assert "the connection was refused" in written.answer


def test_after_a_day_it_is_given_up(smtp, written, as_system):
    smtp.refuses = "451 try later"
    written.made_at = utcnow() - dt.timedelta(hours=25)
    as_system.commit()
    deliver(written)
    as_system.refresh(written)
    assert written.state == DeliveryState.FAILED


def test_without_a_mail_server_it_is_held_and_says_why(written, as_system):
    deliver(written)
    as_system.refresh(written)
    assert (written.state, "SMTP_URL" in written.answer) == (DeliveryState.HELD, True)


def test_demo_people_get_letters_only_where_it_is_allowed(smtp, written, as_system, configure):
    person(as_system, "anna").demo = True
    as_system.commit()
    deliver(written)
    as_system.refresh(written)
    assert (written.state, smtp.received) == (DeliveryState.HELD, [])
    assert "OUTBOUND_ALLOW" in written.answer
    configure(OUTBOUND_ALLOW=("Anna@parus.test",))
    notices.send_again(written)
    as_system.commit()
    deliver(written)
    as_system.refresh(written)
    assert written.state == DeliveryState.SENT


def test_a_one_time_link_is_kept_no_longer_than_it_must(as_system):
    said = {"title": "Приглашение", "text": "…", "button": "Открыть", "url": "/link/secret", "hours": 24}
    delivery = notices.letter("new@parus.test", "invitation-1", "link", **said)
    as_system.commit()
    deliver(delivery)
    as_system.refresh(delivery)
    assert (delivery.state, delivery.payload) == (DeliveryState.HELD, {"template": "link", "values": {}})
    with pytest.raises(Refused):
        notices.send_again(delivery)


def test_a_title_with_a_line_break_adds_no_header(smtp, as_system):
    said = {"title": "Раз\nBcc: all@parus.test", "text": "", "url": ""}
    delivery = notices.letter("anna@parus.test", "evil", "notice", **said)
    as_system.commit()
    deliver(delivery)
    assert smtp.received[0]["Bcc"] is None
    assert smtp.received[0]["Subject"] == "Раз Bcc: all@parus.test"


def test_the_same_key_tells_once(as_system):
    anna = person(as_system, "anna")
    assert notices.notify(anna, "key", "lead.received", "Раз") is not None
    assert notices.notify(anna, "key", "lead.received", "Два") is None
