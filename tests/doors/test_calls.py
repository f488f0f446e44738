"""Captured news of calls through HTTP and a real worker; what is forged, doubled or shuffled changes nothing."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any

import pytest
from sqlalchemy import select

from app.channels import mango, uis
from app.services import deals
from models.calls import PhoneCall
from models.channels import Channel
from models.clients import Client, ContactPoint
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead, LeadState
from models.messages import Message, RawBody
from models.notices import Notice
from models.staff import Person
from models.tasks import Task
from tests.doors.counting import all_of, counted
from tests.hooks import VECTORS

CALLER = "+79161234567"
CALL = VECTORS["mango_events_call"]["form"]
SALT = VECTORS["mango_events_call"]["salt"]
SUMMARY = {name: value for name, value in VECTORS["mango_events_summary"].items() if not name.startswith("_")}
UIS = {name: value for name, value in VECTORS["uis_http_notification"].items() if not name.startswith("_")}


@pytest.fixture
def exchange(door: Any) -> str:
    """The address of Mango's exchange."""
    return door("mango", {"api_key": CALL["vpbx_api_key"], "salt": SALT}, answered_leads=True)


def signed(news: dict[str, Any], salt: str = SALT) -> dict[str, str]:
    """News of the exchange, as it sends them."""
    told = json.dumps(news)
    key = CALL["vpbx_api_key"]
    return {"vpbx_api_key": key, "sign": hashlib.sha256((key + told + salt).encode()).hexdigest(), "json": told}


def missed(**more: Any) -> dict[str, Any]:
    return {**SUMMARY, "talk_time": 0, "entry_result": 0, **more}


@pytest.fixture
def known(app: Any) -> int:
    """A client of Anna's with the caller's number and an open deal."""
    with app.app_context(), acting_as(SYSTEM) as session:
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        client = Client(name="Ирина Соколова", owner_id=anna.id, kind="person")
        client.contacts = [ContactPoint(kind="phone", value=CALLER)]
        session.add(client)
        session.flush()
        deal = deals.start(client, {"title": "Лоджия"}, owner=anna)
        session.commit()
        return deal.id


class TestMango:
    def test_the_captured_call_is_verified_and_waits_for_its_end(self, app, client, exchange, worker):
        assert client.post(f"{exchange}/events/call", data=CALL).status_code == 200
        worker()
        assert all_of(app, Lead) == []
        (call,) = all_of(app, PhoneCall)
        assert (call.number, call.line, call.extension, call.state) == (CALLER, "+74951234567", "101", "ringing")

    def test_a_missed_call_of_nobody_known_is_a_lead_to_be_called_back(self, app, client, exchange, worker):
        client.post(f"{exchange}/events/call", data=CALL)
        client.post(f"{exchange}/events/summary", data=signed(missed()))
        worker()
        (lead,) = all_of(app, Lead)
        assert (lead.phone, lead.source, lead.state) == (CALLER, "call", LeadState.WAITING)
        assert lead.words == "Пропущенный звонок, перезвонить"
        (task,) = all_of(app, Task)
        assert (task.title, task.lead_id, task.assignee_id) == ("Перезвонить", lead.id, lead.owner_id)
        assert "Новый лид" in all_of(app, Notice)[0].title

    def test_an_answered_call_of_nobody_known_is_a_lead_that_was_answered(self, app, client, exchange, worker):
        client.post(f"{exchange}/events/summary", data=signed(SUMMARY))
        worker()
        (lead,) = all_of(app, Lead)
        assert lead.answered_at is not None
        assert lead.words == "Звонок, 1\xa0мин"
        assert all_of(app, Task) == []

    def test_a_call_of_a_known_client_is_a_line_of_the_open_deal(self, app, client, exchange, worker, known):
        client.post(f"{exchange}/events/summary", data=signed(SUMMARY))
        worker()
        assert all_of(app, Lead) == []
        (message,) = all_of(app, Message)
        assert (message.deal_id, message.channel, message.author_name) == (known, "call", "Ирина Соколова")

    def test_a_missed_one_is_told_to_the_owner_of_the_deal(self, app, client, exchange, worker, known):
        client.post(f"{exchange}/events/summary", data=signed(missed()))
        worker()
        assert all_of(app, Lead) == []
        task = next(task for task in all_of(app, Task) if task.title == "Перезвонить")
        assert task.deal_id == known
        assert any("Пропущенный звонок" in notice.title for notice in all_of(app, Notice))

    def test_forged_news_change_nothing(self, app, client, exchange, worker):
        before = counted(app)
        forged = [
            {},
            {**CALL, "sign": ""},
            {**CALL, "sign": "0" * 64},
            {**CALL, "json": CALL["json"].replace("79161234567", "79160000000")},
            {**CALL, "vpbx_api_key": "другой"},
            {**signed(missed(), salt="guessed")},
            {"vpbx_api_key": "", "sign": hashlib.sha256(b"{}").hexdigest(), "json": "{}"},
        ]
        for said in forged:
            for path in ("", "/events/call", "/events/summary"):
                assert client.post(exchange + path, data=said).status_code == 404
        worker()
        assert counted(app) == before

    def test_without_a_key_nothing_is_taken(self, app, client, door, worker):
        address = door("mango")
        said = {"vpbx_api_key": "", "sign": hashlib.sha256(b"{}").hexdigest(), "json": "{}"}
        assert client.post(f"{address}/events/call", data=said).status_code == 404
        assert all_of(app, RawBody) == []

    def test_doubled_and_shuffled_news_are_one_call(self, app, client, exchange, worker, configure):
        configure(HOOK_PER_MINUTE=1000)
        step = json.loads(CALL["json"])
        talking = {**step, "seq": 2, "call_state": "Connected"}
        ended = {**step, "seq": 3, "call_state": "Disconnected"}
        news = [step, talking, ended, SUMMARY]
        for number, order in enumerate(itertools.permutations(news)):
            for one in (*order, *order[:2]):
                entry = {**one, "entry_id": f"entry-{number}", "from": {"number": f"7916200{number:04}"}}
                path = "summary" if "entry_result" in one else "call"
                assert client.post(f"{exchange}/events/{path}", data=signed(entry)).status_code == 200
            worker()
        leads = all_of(app, Lead)
        assert len(leads) == 24
        assert len({lead.phone for lead in leads}) == 24
        assert {call.state for call in all_of(app, PhoneCall)} == {"answered"}
        assert len(all_of(app, RawBody)) == 24 * 4

    def test_replayed_a_day_later_it_is_still_one(self, app, client, exchange, worker):
        for _turn in range(3):
            client.post(f"{exchange}/events/summary", data=signed(missed()))
            worker()
        assert (len(all_of(app, Lead)), len(all_of(app, RawBody))) == (1, 1)

    def test_a_second_missed_call_goes_to_the_lead_that_waits(self, app, client, exchange, worker):
        for entry in ("one", "two"):
            client.post(f"{exchange}/events/summary", data=signed(missed(entry_id=entry)))
            worker()
        (lead,) = all_of(app, Lead)
        assert [message.lead_id for message in all_of(app, Message)] == [lead.id, lead.id]

    @pytest.mark.parametrize(
        "news",
        [
            {},
            {"entry_id": ""},
            {"entry_id": None, "seq": "x"},
            {"entry_id": "e", "seq": 10**30, "from": "x", "to": []},
            {"entry_id": "e" * 5000, "call_state": ["Appeared"], "timestamp": 10**30},
            {"entry_id": "e", "entry_result": 0, "create_time": -1, "end_time": "1e400", "from": {"number": "💥\x00"}},
            {"entry_id": "e", "entry_result": "0", "from": {"number": ""}},
            {"entry_id": "e", "entry_result": 0, "from": {"number": "anonymous"}},
            {"entry_id": {"a": 1}, "entry_result": 0, "from": {"number": 79161234567}},
        ],
    )
    def test_strange_news_are_kept_and_nobody_stumbles(self, app, client, exchange, worker, news):
        assert client.post(f"{exchange}/events/summary", data=signed(news)).status_code == 200
        worker()
        (raw,) = all_of(app, RawBody)
        assert raw.state != "kept"
        assert raw.words

    @pytest.mark.parametrize("told", ["", "x", "[]", "null", "1", "[" * 100_000, '"x"'])
    def test_a_body_that_is_no_news_is_kept_for_reading(self, app, client, exchange, worker, told):
        key = CALL["vpbx_api_key"]
        sign = hashlib.sha256((key + told + SALT).encode()).hexdigest()
        said = {"vpbx_api_key": key, "sign": sign, "json": told}
        assert client.post(f"{exchange}/events/call", data=said).status_code == 200
        worker()
        assert [raw.state for raw in all_of(app, RawBody)] == ["failed"]

    def test_the_trial_goes_the_whole_way(self, app, login, exchange, worker):
        (channel,) = all_of(app, Channel)
        login("admin").post(f"/channels/{channel.id}/try")
        worker()
        assert [lead.words for lead in all_of(app, Lead)] == ["Пропущенный звонок, перезвонить"]

    def test_the_sign_of_the_vector_is_ours(self):
        assert mango.signature(CALL["vpbx_api_key"], CALL["json"], SALT) == CALL["sign"]


class TestUis:
    def test_a_lost_call_is_a_lead(self, app, client, door, worker):
        address = door("uis", answered_leads=True)
        for _turn in range(2):
            assert client.post(address, json=UIS).status_code == 200
            worker()
        (lead,) = all_of(app, Lead)
        assert (lead.phone, lead.source) == (CALLER, "call")
        assert [task.title for task in all_of(app, Task)] == ["Перезвонить"]
        (call,) = all_of(app, PhoneCall)
        assert call.started_at.isoformat() == "2026-11-23T08:00:00+00:00"

    def test_an_answered_one_makes_no_lead_when_so_set(self, app, client, door, worker):
        address = door("uis", answered_leads=False)
        client.post(address, json={**UIS, "is_lost": "false"})
        worker()
        assert all_of(app, Lead) == []
        assert "лидов не делает" in _said(app, all_of(app, RawBody)[0].words)

    def test_the_template_that_is_copied_has_every_field_that_is_read(self):
        template = json.loads(uis.TEMPLATE)
        assert set(UIS) <= set(template) | {"_note"}
        assert all(value == f"{{{{{name}}}}}" for name, value in template.items())


def _said(app: Any, words: str) -> str:
    from flask_babel import force_locale

    from app.wording import told

    with app.test_request_context(), force_locale("ru"):
        return told(words)
