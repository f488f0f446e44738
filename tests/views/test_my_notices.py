"""One's own notices by hand: switches, quiet hours, devices, Telegram, SMS; the worker and the manifest; deliveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.services import notices
from models.notices import Delivery, DeliveryState, Notice, NoticeAddress, PushDevice
from models.staff import Person
from tests.bad import TEXTS
from tests.bot_api import bot_channel
from tests.push import Browser

Login = Callable[..., FlaskClient]
System = Callable[[], AbstractContextManager[Any]]
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
# Half of a pair of code units cannot be sent by a form at all.
FORMS = {name: text for name, text in TEXTS.items() if not any("\ud800" <= sign <= "\udfff" for sign in text)}
URL = "ntfys://example.com/topic"


def person(session: Any, username: str) -> Person:
    found: Person = session.execute(select(Person).where(Person.username == username)).scalar_one()
    return found


def rows(system: System, model: Any) -> list[Any]:
    with system() as session:
        found = list(session.execute(select(model).order_by(model.id)).scalars())
        session.expunge_all()
    return found


class TestSwitches:
    def test_quiet_hours_and_the_daily_letter_are_kept_and_shown(self, login: Login, system: System) -> None:
        client = login("anna")
        said = {"quiet_from": "22:00", "quiet_until": "8:00", "quiet_days": ["5", "6"], "digest": "08:30", "urgent": "y"}
        assert client.post("/me/notices/", data=said).status_code == 302
        with system() as session:
            notify = person(session, "anna").notify
        assert notify["quiet"] == {"from": "22:00", "until": "08:00", "days": [5, 6], "urgent": True}
        assert notify["digest"] == "08:30"
        page = client.get("/me/notices/").text
        assert 'value="22:00"' in page
        assert 'value="08:30"' in page

    def test_what_cannot_be_meant_stays_typed_beside_its_reason(self, login: Login, system: System) -> None:
        said = {"quiet_from": "22:00", "quiet_until": "", "notify": ["task.added:bell"]}
        answer = login("anna").post("/me/notices/", data=said)
        assert answer.status_code == 422
        assert 'id="quiet_until-err"' in answer.text
        assert 'value="22:00"' in answer.text
        with system() as session:
            assert person(session, "anna").notify == {}

    @pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
    def test_the_worst_is_refused_or_left_out(self, login: Login, value: Any) -> None:
        client = login("anna")
        for name in ("quiet_from", "quiet_until", "digest", "quiet_days", "notify"):
            assert client.post("/me/notices/", data={name: value}).status_code < 500


class TestDevices:
    def add(self, client: FlaskClient, endpoint: str = ENDPOINT, **more: Any) -> Any:
        agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
        subscription = Browser(endpoint).subscription | more
        return client.post("/me/notices/devices", json=subscription, headers={"User-Agent": agent})

    def test_a_browser_agrees_is_listed_tried_and_removed(self, login: Login, system: System) -> None:
        client = login("anna")
        assert self.add(client).status_code == 201
        assert "Chrome, Android" in client.get("/me/notices/").text
        (device,) = rows(system, PushDevice)
        assert client.post(f"/me/notices/devices/{device.id}/try").status_code == 302
        (delivery,) = rows(system, Delivery)
        assert (delivery.way, delivery.target_id, delivery.state) == ("push", device.id, DeliveryState.PENDING)
        assert client.post(f"/me/notices/devices/{device.id}/remove").status_code == 302
        assert rows(system, PushDevice) == []

    def test_the_same_browser_again_is_one_row_and_can_be_forgotten(self, login: Login, system: System) -> None:
        anna, oleg, keys = login("anna"), login("oleg"), Browser(ENDPOINT).subscription
        for client in (anna, anna, oleg):
            assert client.post("/me/notices/devices", json=keys).status_code == 201
        (device,) = rows(system, PushDevice)
        with system() as session:
            assert device.person_id == person(session, "oleg").id
        anna.post("/me/notices/devices/forget", json={"endpoint": ENDPOINT})
        assert len(rows(system, PushDevice)) == 1
        oleg.post("/me/notices/devices/forget", json={"endpoint": ENDPOINT})
        assert rows(system, PushDevice) == []

    def test_an_address_alone_does_not_take_anothers_browser_over(self, login: Login, system: System) -> None:
        assert self.add(login("anna")).status_code == 201
        assert self.add(login("oleg")).status_code == 422
        (device,) = rows(system, PushDevice)
        with system() as session:
            assert device.person_id == person(session, "anna").id

    @pytest.mark.parametrize(
        "endpoint",
        ["", "https://evil.test/x", "http://fcm.googleapis.com/x", "https://127.0.0.1/x", "file:///etc/passwd",
         "https://fcm.googleapis.com/" + "x" * 2000, "https://fcm.googleapis.com@evil.test/", "🙂", "\x00"],
    )  # fmt: skip
    def test_other_addresses_are_refused(self, login: Login, system: System, endpoint: str) -> None:
        assert 400 <= self.add(login("anna"), endpoint).status_code < 500
        assert rows(system, PushDevice) == []

    @pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"keys": 5}', '{"endpoint": [1]}', "x" * 10_000])
    def test_what_is_no_subscription_is_refused(self, login: Login, system: System, body: str) -> None:
        answer = login("anna").post("/me/notices/devices", data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500
        assert rows(system, PushDevice) == []

    def test_anothers_device_is_not_there(self, login: Login, system: System) -> None:
        self.add(login("anna"))
        (device,) = rows(system, PushDevice)
        oleg = login("oleg")
        for act in ("try", "remove"):
            assert oleg.post(f"/me/notices/devices/{device.id}/{act}").status_code == 404
        assert "Chrome, Android" not in oleg.get("/me/notices/").text
        assert len(rows(system, PushDevice)) == 1

    def test_there_is_an_end_to_devices(self, login: Login, system: System) -> None:
        client = login("anna")
        for number in range(20):
            self.add(client, f"{ENDPOINT}{number}")
        assert self.add(client, f"{ENDPOINT}x").status_code == 409
        assert len(rows(system, PushDevice)) == 20


class TestAddresses:
    def test_one_is_added_sealed_tried_and_removed(self, login: Login, system: System) -> None:
        client = login("anna")
        assert client.post("/me/notices/addresses", data={"url": URL, "label": "Мой телефон"}).status_code == 302
        page = client.get("/me/notices/").text
        assert "Мой телефон" in page
        assert "example.com/topic" not in page
        (row,) = rows(system, NoticeAddress)
        assert client.post(f"/me/notices/addresses/{row.id}/try").status_code == 302
        assert [one.way for one in rows(system, Delivery)] == ["apprise"]
        assert login("oleg").post(f"/me/notices/addresses/{row.id}/remove").status_code == 404
        assert client.post(f"/me/notices/addresses/{row.id}/remove").status_code == 302
        assert rows(system, NoticeAddress) == []

    @pytest.mark.parametrize("url", ["", "file:///etc/passwd", "json://127.0.0.1/x", "exec://rm", "\x00", "x" * 5000])
    def test_others_are_refused_at_the_field_and_stay_typed(self, login: Login, system: System, url: str) -> None:
        answer = login("anna").post("/me/notices/addresses", data={"url": url, "label": "Имя"})
        assert answer.status_code == 422
        assert 'id="url-err"' in answer.text
        assert 'value="Имя"' in answer.text
        assert rows(system, NoticeAddress) == []

    def test_a_telegram_code_is_shown_once_with_its_link(self, login: Login, system: System, app: Flask) -> None:
        client = login("anna")
        assert "бота в Telegram" in client.get("/me/notices/").text
        with system() as session:
            bot_channel(session, None, cursor={"state": {"bot": "parus_okna_bot"}})
        page = client.post("/me/notices/telegram").text
        assert "https://t.me/parus_okna_bot?start=link_" in page
        code = page.partition("?start=link_")[2].partition('"')[0]
        with system():
            assert notices.link_chat(code, 5, "Анна").username == "anna"
        page = client.get("/me/notices/").text
        assert code not in page
        assert "Анна" in page


class TestApplication:
    def test_the_worker_is_at_the_root_and_asked_for_anew(self, client: FlaskClient) -> None:
        answer = client.get("/sw.js")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "showNotification" in answer.text
        answer.close()

    def test_the_manifest_names_pictures_that_are_there(self, client: FlaskClient) -> None:
        said = json.loads(client.get("/manifest.webmanifest").text)
        assert (said["display"], said["start_url"], said["scope"]) == ("standalone", "/", "/")
        for picture in said["icons"]:
            answer = client.get(picture["src"])
            assert answer.status_code == 200
            answer.close()
        assert {"192x192", "512x512"} <= {picture["sizes"] for picture in said["icons"]}
        assert 'rel="manifest"' in client.get("/login/").text


class TestDeliveries:
    def fail(self, system: System) -> int:
        with system() as session:
            anna = person(session, "anna")
            notices.notify(anna, "k", "lead.received", "Новый лид: Иван", url="/leads/7")
            row = session.execute(select(Delivery).where(Delivery.way == "email")).scalar_one()
            row.state, row.answer = DeliveryState.FAILED, "550 no such person"
            return int(row.id)

    def test_the_administrator_sees_the_answer_and_sends_again(self, login: Login, system: System) -> None:
        key, admin = self.fail(system), login("admin")
        page = admin.get("/deliveries/").text
        assert "550 no such person" in page
        assert "Анна Белова" in page
        assert "550" not in admin.get("/deliveries/?way=push").text
        assert "Новый лид: Иван" in admin.get("/deliveries/?tab=all").text
        assert admin.post(f"/deliveries/{key}/send").status_code == 302
        assert [row.state for row in rows(system, Delivery) if row.id == key] == [DeliveryState.PENDING]
        assert admin.post(f"/deliveries/{key}/send").status_code == 409

    def test_nobody_else_does(self, login: Login, system: System) -> None:
        key = self.fail(system)
        for username in ("anna", "director"):
            client = login(username)
            assert client.get("/deliveries/").status_code == 403
            assert client.post(f"/deliveries/{key}/send").status_code == 403
            assert client.get("/deliveries/addresses/").status_code == 403

    @pytest.mark.parametrize("asked", ["?tab=x", "?page=-1", "?page=x", "?page=99999999999999999999"])
    def test_a_bad_address_is_no_fault(self, login: Login, asked: str) -> None:
        assert login("admin").get(f"/deliveries/{asked}").status_code in {400, 404}

    def test_the_company_has_addresses_of_its_own(self, login: Login, system: System) -> None:
        admin = login("admin")
        said = {"url": URL, "label": "Чат менеджеров", "events": ["lead.received", "x"]}
        assert admin.post("/deliveries/addresses/", data=said).status_code == 302
        (row,) = rows(system, NoticeAddress)
        assert (row.person_id, row.events) == (None, ["lead.received"])
        assert "Чат менеджеров" in admin.get("/deliveries/addresses/").text
        admin.post(f"/deliveries/addresses/{row.id}/events", data={"events": ["call.missed"]})
        assert rows(system, NoticeAddress)[0].events == ["call.missed"]
        assert admin.post(f"/deliveries/addresses/{row.id}/try").status_code == 302
        assert admin.post(f"/deliveries/addresses/{row.id}/remove").status_code == 302
        assert rows(system, NoticeAddress) == []
        assert admin.post("/deliveries/addresses/", data={"url": "file:///x"}).status_code == 422


class TestBell:
    def test_what_is_about_one_thing_is_one_row_and_is_seen_together(self, login: Login, system: System) -> None:
        with system() as session:
            anna = person(session, "anna")
            notices.notify(anna, "a", "lead.received", "Новый лид: Иван", url="/leads/7")
            notices.notify(anna, "b", "lead.overdue", "Лид ждёт ответа: Иван", url="/leads/7")
            notices.notify(anna, "c", "task.added", "Задача", url="/tasks/")
        client = login("anna")
        page = client.get("/notices/").text
        assert page.count('class="n-row') == 2
        assert "и ещё 1" in page
        latest = next(row.id for row in rows(system, Notice) if row.key == "b")
        assert client.get(f"/notices/{latest}").headers["Location"] == "/leads/7"
        assert [row.read_at is None for row in rows(system, Notice)] == [False, False, True]

    def test_a_bell_that_was_switched_off_lists_and_does_not_count(self, login: Login, system: System) -> None:
        with system() as session:
            anna = person(session, "anna")
            anna.notify = {"events": {"lead.received": {"bell": False}}}
            notices.notify(anna, "a", "lead.received", "Тихий лид", url="/leads/7")
        client = login("anna")
        assert "Тихий лид" in client.get("/notices/").text
        assert "Тихий лид" not in client.get("/notices/?tab=new").text
