"""The hook door: whatever comes is kept once, and what can be understood becomes a lead."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from models.leads import Lead, LeadClass, LeadState
from models.messages import RawBody, RawState
from tests import hooks


@pytest.fixture
def site(as_system: Any) -> Any:
    return hooks.open_channel(as_system, settings={"preset": "tilda"})


def post(client: Any, body: Any, content_type: str = hooks.FORM, **headers: str) -> Any:
    return client.post(hooks.ADDRESS, data=body, content_type=content_type, headers=headers)


def leads_of(session: Any) -> list[Lead]:
    session.rollback()
    return list(session.execute(select(Lead).order_by(Lead.id)).scalars())


def bodies_of(session: Any) -> list[RawBody]:
    session.rollback()
    return list(session.execute(select(RawBody).order_by(RawBody.id)).scalars())


def test_tilda_form_becomes_a_lead_with_all_that_it_said(client, site, worker, as_system):
    assert post(client, hooks.TILDA).status_code == 200
    worker()
    (lead,) = leads_of(as_system)
    assert (lead.name, lead.phone, lead.email) == ("Иван Сидоров", "+79161234567", "ivan@example.ru")
    assert lead.words == "Нужна кухня 3 м"
    assert lead.utm == {"source": "yandex", "medium": "cpc", "campaign": "kitchens"}
    assert lead.extra["formname"] == "Заявка на замер"
    assert (lead.klass, lead.state, lead.source) == (LeadClass.NEW, LeadState.WAITING, "site")
    assert lead.owner.username in {"marina", "anna", "oleg"}
    assert (lead.respond_by - lead.received_at).total_seconds() == 15 * 60
    (raw,) = bodies_of(as_system)
    assert (raw.body.decode(), raw.external_id) == (hooks.TILDA, "1234567:890123456")
    assert raw.state == RawState.READ


def test_json_with_its_own_names_becomes_a_lead(client, site, worker, as_system):
    assert post(client, json.dumps(hooks.GENERIC), "application/json").status_code == 200
    worker()
    (lead,) = leads_of(as_system)
    assert (lead.name, lead.phone, lead.source) == ("Ольга", "+79030001122", "landing-doors")
    assert lead.utm == {"source": "vk"}


def test_a_trial_of_the_sender_is_answered_and_makes_no_lead(client, site, worker, as_system):
    assert post(client, hooks.PROBE).status_code == 200
    worker()
    assert leads_of(as_system) == []
    assert bodies_of(as_system)[0].state == RawState.READ


def test_the_same_delivery_is_kept_once_by_its_number(client, site, worker, as_system):
    for name in ("Ольга", "Ольга Петровна"):
        body = {**hooks.GENERIC, "name": name}
        assert post(client, json.dumps(body), "application/json").status_code == 200
    worker()
    assert [lead.name for lead in leads_of(as_system)] == ["Ольга"]


def test_the_same_delivery_is_kept_once_by_the_header(client, site, as_system):
    for words in ("раз", "два"):
        body = json.dumps({"name": "Пётр", "phone": "89161112233", "message": words})
        assert post(client, body, "application/json", **{"Idempotency-Key": "k-1"}).status_code == 200
    assert len(bodies_of(as_system)) == 1


def test_without_a_number_the_same_body_within_ten_minutes_is_the_same_delivery(client, site, as_system):
    body = "Name=Пётр&Phone=89161112233"
    assert [post(client, body.encode()).status_code for _ in range(3)] == [200] * 3
    (raw,) = bodies_of(as_system)
    raw.received_at = func.now() - func.make_interval(0, 0, 0, 0, 0, 11)
    as_system.commit()
    assert post(client, body.encode()).status_code == 200
    assert len(bodies_of(as_system)) == 2


def test_twenty_at_once_are_one_row_and_one_lead(app, site, worker, as_system):
    def send(_number: int) -> int:
        return post(app.test_client(), hooks.TILDA).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(20))) == [200] * 20
    worker()
    assert len(bodies_of(as_system)) == 1
    assert len(leads_of(as_system)) == 1


def test_a_body_over_a_megabyte_is_refused_with_a_row_that_says_so(client, site, worker, as_system):
    answer = post(client, b"Name=" + b"x" * (10 * 1024 * 1024))
    assert answer.status_code == 413
    (raw,) = bodies_of(as_system)
    assert (raw.state, raw.size > 10_000_000, len(raw.body) < 10_000) == (RawState.REFUSED, True, True)
    assert "1 MB" in raw.words
    worker()
    assert leads_of(as_system) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", ""),
        (b"{", "application/json"),
        (b"[1, 2, 3]", "application/json"),
        (b"null", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
        (b"\x00\xff\xfe\x00", "application/octet-stream"),
        (b"hello", "text/plain"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"&".join(b"f%d=1" % n for n in range(5000)), hooks.FORM),
    ],
)
def test_what_cannot_be_understood_is_kept_for_reading(client, site, worker, as_system, body, content_type):
    assert post(client, body, content_type).status_code == 200
    worker()
    (raw,) = bodies_of(as_system)
    assert (raw.body, raw.state) == (body, RawState.FAILED)
    assert raw.words
    assert leads_of(as_system) == []


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Ив\x00ан", "phone": "+7 916 123-45-67", "message": "а\x00б"},
        {"name": "😀 Зоя 👩‍👩‍👧", "phone": "8 916 123 45 67", "message": "🪟🪟"},
        {"name": "\u202eгеЛО", "phone": "89161234567"},
        {"name": "'; DROP TABLE lead; --", "phone": "89161234567", "message": "<script>alert(1)</script>"},
        {"name": "{{ 7*7 }}{% raw %}", "phone": "89161234567", "message": "${7*7}"},
        {"name": "A" * 5000, "phone": "89161234567", "message": "я" * 100_000},
        {"name": 10**30, "phone": 89161234567, "message": [1, 2, {"a": None}]},
        {"name": {"first": "Иван"}, "phone": "89161234567", "at": "9999-12-31", "born": "0001-01-01"},
        {"name": "\ud800", "phone": "89161234567"},
        {"имя": "Ёлкин", "телефон": "8(916)123-45-67", "сообщение": "Ё"},
    ],
)
def test_strange_but_whole_bodies_become_leads(client, site, worker, as_system, said):
    assert post(client, json.dumps(said), "application/json").status_code == 200
    worker()
    (lead,) = leads_of(as_system)
    assert lead.phone == "+79161234567"
    assert "\x00" not in lead.name + lead.words
    assert len(lead.name) <= 250
    assert len(lead.words) <= 10_000


def test_a_phone_with_letters_is_no_phone_and_the_lead_is_a_mistake(client, site, worker, as_system):
    assert post(client, "Name=Юра&Phone=позвоните мне".encode()).status_code == 200
    worker()
    (lead,) = leads_of(as_system)
    assert (lead.klass, lead.phone, lead.typed_phone) == (LeadClass.MISTAKE, "", "позвоните мне")


def test_a_mark_that_no_database_can_keep_loses_no_lead(client, site, worker, as_system):
    post(client, "Name=Иван&Phone=%2B79161234567&COOKIES=TILDAUTM%3Dutm_sou%252500rce%253Dyandex")
    worker()
    (lead,) = leads_of(as_system)
    assert lead.utm == {"source": "yandex"}


def test_windows_1251_is_understood(client, site, worker, as_system):
    post(client, "Name=%C8%E2%E0%ED&Phone=89161234567")
    post(client, "Name=Пётр&Phone=89161234568".encode("cp1251"))
    worker()
    assert [lead.name for lead in leads_of(as_system)] == ["Иван", "Пётр"]


def test_a_form_in_parts_is_understood(client, site, worker, as_system):
    form = {"name": "Анна", "phone": "89161234567"}
    answer = client.post(hooks.ADDRESS, data=form, content_type="multipart/form-data")
    assert answer.status_code == 200
    worker()
    assert leads_of(as_system)[0].name == "Анна"


@pytest.mark.parametrize(
    "address", ["/hooks/site/wrong", "/hooks/telegram/x", f"/hooks/mail/{hooks.TOKEN}", "/hooks/site/%D1%8F"]
)
def test_a_wrong_address_answers_404_and_keeps_nothing(client, site, as_system, address):
    assert client.post(address, data="a=1").status_code == 404
    assert bodies_of(as_system) == []


def test_a_channel_switched_off_is_not_there(client, site, as_system):
    site.active = False
    as_system.commit()
    assert post(client, hooks.TILDA).status_code == 404


def test_too_many_a_minute_are_told_to_wait(client, site, configure):
    configure(HOOK_PER_MINUTE=3)
    answers = [post(client, f"Name={n}&Phone=89161234567") for n in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_it_needs_no_form_token(client, site, csrf):
    assert post(client, hooks.TILDA).status_code == 200


def test_it_cannot_be_read(client, site):
    assert client.get(hooks.ADDRESS).status_code == 405
