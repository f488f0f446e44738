"""A notice wakes the browsers of its person: a title and a link, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from app.services import notices
from app.services.notices.discreet import discreet
from models.notices import Delivery, DeliveryState, Notice, PushDevice
from models.staff import Person
from tests import hooks


def test_a_request_wakes_the_owners_browser_with_a_title_and_a_link(client, worker, service, browser, as_system):
    for one in as_system.execute(select(Person).where(Person.username != "anna")).scalars():
        one.takes_leads = False
    hooks.open_channel(as_system)
    client.post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    worker()
    (said,) = service.to(browser)
    assert said["title"] == "Новый лид: Иван Сидоров"
    assert said["url"].startswith("/leads/")
    assert set(said) == {"title", "url", "tag"}


def test_no_phone_travels(service, browser, anna, as_system, worker):
    notices.notify(anna, "k", "lead.received", "Новый лид: +7 916 123-45-67", url="/leads/1")
    as_system.commit()
    worker()
    (said,) = service.to(browser)
    assert said["title"] == "Новый лид: ••• 67"
    assert "916" not in json.dumps(said)
    # Where it is not shown to passers-by it is whole.
    assert as_system.execute(select(Notice.title)).scalar_one() == "Новый лид: +7 916 123-45-67"


def test_each_device_has_a_delivery_of_its_own(service, browser, anna, as_system, worker, all_rows):
    second = service.browser()
    as_system.add(
        PushDevice(person_id=anna.id, endpoint=second.endpoint, agent="Firefox", **second.subscription["keys"])
    )
    as_system.commit()
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    assert [row.state for row in all_rows("push")] == ["sent", "sent"]
    assert [row.address for row in all_rows("push")] == ["Chrome, Android", "Firefox"]
    assert len(service.to(browser)) == len(service.to(second)) == 1


def test_a_browser_that_took_its_permission_back_is_forgotten(service, browser, anna, as_system, worker, all_rows):
    service.status = 410
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    assert (row.state, "410" in row.answer) == (DeliveryState.FAILED, True)
    assert as_system.execute(select(PushDevice)).scalars().all() == []


def test_a_service_with_a_fault_is_asked_again_and_keeps_the_device(service, browser, anna, as_system, worker, all_rows):
    service.status = 503
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    assert (row.state, row.attempts, row.answer) == (DeliveryState.PENDING, 1, "503")
    assert row.next_try_at > row.made_at
    assert len(as_system.execute(select(PushDevice)).scalars().all()) == 1


def test_a_wrong_signature_fails_with_the_answer_and_can_be_sent_again(
    service, browser, anna, as_system, worker, all_rows, deliver
):
    service.status = 403
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    assert (row.state, row.answer) == (DeliveryState.FAILED, "403")
    service.status = 201
    notices.send_again(row)
    as_system.commit()
    deliver(row)
    assert [one.state for one in all_rows("push")] == ["sent"]


def test_demo_people_are_woken_only_where_it_is_allowed(
    service, browser, anna, as_system, worker, all_rows, configure
):
    anna.demo = True
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    assert (row.state, service.received) == (DeliveryState.HELD, [])
    assert "OUTBOUND_ALLOW" in row.answer
    configure(OUTBOUND_ALLOW=("127.0.0.1",))
    notices.send_again(row)
    as_system.commit()
    worker()
    assert len(service.to(browser)) == 1


def test_a_device_removed_meanwhile_gets_nothing(service, browser, anna, as_system, worker, all_rows):
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.delete(as_system.execute(select(PushDevice)).scalar_one())
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    assert (row.state, service.received) == (DeliveryState.FAILED, [])


def test_after_a_crash_in_the_middle_the_same_notice_replaces_itself(
    service, browser, anna, as_system, worker, all_rows, deliver
):
    notices.notify(anna, "k", "task.added", "Задача", url="/tasks/")
    as_system.commit()
    worker()
    (row,) = all_rows("push")
    row.state, row.lease_until = DeliveryState.SENDING, None
    as_system.commit()
    deliver(row)
    first, second = service.received
    assert first[1]["Topic"] == second[1]["Topic"]
    assert len({said["tag"] for said in service.to(browser)}) == 1


def test_one_notice_and_one_delivery_per_way_and_cause(service, browser, anna, as_system: Any, all_rows):
    for _time in range(3):
        notices.notify(anna, "cause", "lead.received", "Новый лид")
    as_system.commit()
    assert [row.way for row in all_rows()] == ["bell", "email", "push"]
    assert len({row.key for row in as_system.execute(select(Delivery)).scalars()}) == 3
    assert len(as_system.execute(select(Notice)).scalars().all()) == 1


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Новый лид: ivan.petrov+site@mail.ru", "Новый лид: •••@mail.ru"),
        ("Новый лид: иван@почта.рф", "Новый лид: •••@почта.рф"),
        ("Новый лид: 89161234567@mail.ru", "Новый лид: •••@mail.ru"),
        ("Вас упомянули: @marina", "Вас упомянули: @marina"),
        ("№ 1042, 92 250 ₽, 24.11.2026", "№ 1042, 92 250 ₽, 24.11.2026"),
    ],
)
def test_neither_phone_nor_address_is_shown_on_a_locked_screen(words, shown):
    assert discreet(words) == shown
