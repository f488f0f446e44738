"""Notices of UIS through HTTP and a real worker: only the end of a call is told, in whatever order they come."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from flask_babel import force_locale

from app.channels import uis
from app.wording import told
from models.calls import PhoneCall
from models.leads import Lead, LeadState
from models.messages import Message, RawBody
from models.tasks import Task
from tests.bad import VALUES
from tests.doors.counting import all_of, counted
from tests.hooks import FORM, VECTORS

CALLER = "+79161234567"
LOST = {name: value for name, value in VECTORS["uis_http_notification"].items() if not name.startswith("_")}
UNFILLED = json.loads(uis.TEMPLATE)
BEFORE = ["call_started", "in_call_session", "call_connected", "wait_answer", "talk_finished", "call_record_finished"]
ENDS = ["call_ended", "call_session_finished", "call_ending"]
MISSED, TALKED = "Пропущенный звонок, перезвонить", "Звонок"


@pytest.fixture
def exchange(door: Any) -> str:
    return door("uis", answered_leads=True)


@pytest.fixture
def ring(app: Any, client: Any, exchange: str, worker: Any) -> Any:
    """`ring({…}, {…})` sends notices one after another, each read before the next one comes."""

    def sent(*notices: dict[str, Any]) -> None:
        for notice in notices:
            assert client.post(exchange, json=notice).status_code == 200
            worker()

    return sent


def notice(name: str, **more: Any) -> dict[str, Any]:
    return {**LOST, "notification_mnemonic": name, **more}


def seen(app: Any) -> list[tuple[str, str, list[str]]]:
    """The words and the state of every lead, and the tasks it has."""
    tasks = all_of(app, Task)
    return [(one.words, one.state, [task.title for task in tasks if task.lead_id == one.id]) for one in all_of(app, Lead)]


def said(app: Any, words: str) -> str:
    with app.test_request_context(), force_locale("ru"):
        return told(words)


class TestOnlyTheEndIsTold:
    @pytest.mark.parametrize("name", BEFORE)
    def test_a_notice_before_the_end_tells_nothing_whatever_it_says(self, app, ring, name):
        marks = ["", "{{is_lost}}", None, False, "false", True, "💥", [True], {"a": 1}, 10**30]
        for number, mark in enumerate(marks):
            ring(notice(name, is_lost=mark, call_session_id=f"call-{number}"))
        assert all_of(app, Lead) == all_of(app, Task) == all_of(app, Message) == []
        assert {call.state for call in all_of(app, PhoneCall)} < {"ringing", "talking"}
        assert len(all_of(app, PhoneCall)) == len(marks)

    def test_a_name_that_nobody_knows_is_taken_for_an_end(self, app, ring):
        ring(notice("Пропал", is_lost=True), notice("new_kind_of_news_7", is_lost="", call_session_id=2))
        ring(notice("{{notification_mnemonic}}", is_lost="1", call_session_id=3, contact_phone_number="79160000003"))
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])] * 2

    @pytest.mark.parametrize("is_lost", ["", "{{is_lost}}", "false"])
    @pytest.mark.parametrize("name", BEFORE)
    def test_the_lost_call_after_it_is_to_be_called_back(self, app, ring, name, is_lost):
        ring(notice(name, is_lost=is_lost), LOST)
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])]
        assert all_of(app, Lead)[0].answered_at is None

    @pytest.mark.parametrize("name", ENDS)
    def test_the_end_says_whether_it_was_answered(self, app, ring, name):
        ring(notice(name, is_lost="false"))
        (lead,) = all_of(app, Lead)
        assert (lead.words, lead.answered_at is not None, all_of(app, Task)) == (TALKED, True, [])

    @pytest.mark.parametrize("name", ["lost_call", "call_lost", "LOST_CALL", "missed_call"])
    @pytest.mark.parametrize("is_lost", ["", "{{is_lost}}", "true"])
    def test_a_notice_of_a_loss_needs_no_mark(self, app, ring, name, is_lost):
        ring(notice(name, is_lost=is_lost))
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])]

    @pytest.mark.parametrize("is_lost", ["", "{{is_lost}}", "maybe", None, [], 10**30])
    def test_the_time_of_the_talk_decides_where_the_mark_is_not_known(self, app, ring, is_lost):
        ring(
            notice("call_ended", is_lost=is_lost, talk_time_duration=75),
            notice("call_ended", is_lost=is_lost, talk_time_duration="0", call_session_id=2, contact_phone_number="79160000002"),
        )
        first, second = seen(app)
        assert (first[0], first[2]) == ("Звонок, 1\xa0мин", [])
        assert second == (MISSED, LeadState.WAITING, ["Перезвонить"])

    @pytest.mark.parametrize("is_lost", ["", "{{is_lost}}", "maybe", None, [True, False], 10**30])
    def test_an_end_that_tells_neither_is_kept_for_a_person_and_decides_nothing(self, app, ring, is_lost):
        strange = ["", "{{talk_time_duration}}", "долго", -1, 10**30, "1e400", None, [1, 2]]
        for number, talk in enumerate(strange):
            ring(notice("call_ended", is_lost=is_lost, talk_time_duration=talk, call_session_id=f"call-{number}"))
        assert (all_of(app, Lead), {raw.state for raw in all_of(app, RawBody)}) == ([], {"failed"})
        assert "ответил ли" in said(app, all_of(app, RawBody)[0].words)
        ring({**LOST, "call_session_id": "call-0"})
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])]

    def test_after_a_talk_an_end_without_the_mark_is_an_answered_call(self, app, ring):
        ring(notice("call_connected", is_lost=""), notice("call_ended", is_lost=""))
        (lead,) = all_of(app, Lead)
        assert (lead.words, lead.answered_at is not None) == (TALKED, True)


class TestInAnyOrder:
    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_shuffled_and_doubled_notices_of_a_lost_call_are_one_missed_call(self, app, ring, order):
        news = [notice("call_started", is_lost=""), notice("wait_answer", is_lost="{{is_lost}}"), LOST, notice("lost_call")]
        shuffled = [news[number] for number in order]
        ring(*shuffled, *shuffled[:2], *reversed(shuffled))
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])]
        assert (len(all_of(app, RawBody)), len(all_of(app, PhoneCall)), len(all_of(app, Message))) == (4, 1, 1)

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_and_of_an_answered_one_one_answered_call(self, app, ring, order):
        end = notice("call_session_finished", is_lost="", talk_time_duration=75)
        news = [notice("in_call_session", is_lost=""), notice("call_connected", is_lost=""), end]
        shuffled = [news[number] for number in order]
        ring(*shuffled, *shuffled)
        (lead,) = all_of(app, Lead)
        assert (lead.words, all_of(app, Task), len(all_of(app, Message))) == ("Звонок, 1\xa0мин", [], 1)

    @pytest.mark.parametrize("is_first", [True, False])
    def test_whoever_says_that_it_was_lost_is_believed(self, app, ring, is_first):
        """A call-back too many is better than one that nobody makes."""
        news = [LOST, notice("call_ended", is_lost="false")]
        ring(*(news if is_first else reversed(news)), *news)
        assert [task.title for task in all_of(app, Task)] == ["Перезвонить"]
        assert [call.state for call in all_of(app, PhoneCall)] == ["missed"]
        assert len(all_of(app, Lead)) == 1

    def test_another_call_of_the_same_number_is_another_call(self, app, ring):
        ring(LOST, {**LOST, "call_session_id": 2})
        (lead,) = all_of(app, Lead)
        assert [message.lead_id for message in all_of(app, Message)] == [lead.id, lead.id]

    def test_a_body_that_was_copied_but_never_filled_is_kept_for_a_person(self, app, ring):
        ring(UNFILLED, {**LOST, "call_session_id": "{{call_session_id}}"})
        assert [raw.state for raw in all_of(app, RawBody)] == ["failed", "failed"]
        assert all_of(app, PhoneCall) == all_of(app, Lead) == []


class TestStrangeNotices:
    @pytest.mark.parametrize("name", sorted(UNFILLED))
    def test_strange_values_are_kept_and_nobody_stumbles(self, app, client, exchange, worker, name):
        for number, value in enumerate(VALUES.values()):
            body = json.dumps({**LOST, "call_session_id": f"call-{number}", name: value})
            assert client.post(exchange, data=body, content_type="application/json").status_code == 200
        worker()
        assert {raw.state for raw in all_of(app, RawBody)} <= {"read", "failed"}
        assert all(raw.words for raw in all_of(app, RawBody))

    @pytest.mark.parametrize("body", [b"", b"x", b"[]", b"null", b"1", b"[" * 100_000, b'"x"', b"\x00\xff", b"{"])
    def test_a_body_that_is_no_notice_is_kept_for_reading(self, app, client, exchange, worker, body):
        assert client.post(exchange, data=body, content_type="application/json").status_code == 200
        worker()
        assert [raw.state for raw in all_of(app, RawBody)] == ["failed"]

    def test_a_form_instead_of_json_is_understood(self, app, client, exchange, worker):
        assert client.post(exchange, data={**LOST, "is_lost": "true"}, content_type=FORM).status_code == 200
        worker()
        assert seen(app) == [(MISSED, LeadState.WAITING, ["Перезвонить"])]

    def test_a_stranger_who_does_not_know_the_address_changes_nothing(self, app, client, exchange, worker):
        before = counted(app)
        for address in ("/hooks/uis/guessed", "/hooks/mango/uis-token", "/hooks/site/uis-token", "/hooks/uis/"):
            assert client.post(address, json=LOST).status_code == 404
        worker()
        assert counted(app) == before
