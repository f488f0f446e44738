"""Doubled, replayed, shuffled, forged and strange updates change nothing; nor does a queue that was away."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.jobs.sweep import sweep
from app.queue import queue_state
from app.worker import work
from models.ground.base import utcnow
from models.leads import Lead
from models.messages import Message, RawBody, RawState
from tests.bot_api import HEADER, WORD, update
from tests.talks import HOOK, System, all_of, one


class TestTheSameAgain:
    def test_doubled_and_replayed_updates_change_nothing(self, tell: Any, system: System) -> None:
        first, second = update(1, "Раз"), update(2, "Два")
        tell(first, second, first, second)
        tell(second, first)
        assert [one.words for one in all_of(system, Message)] == ["Раз", "Два"]
        assert len(all_of(system, RawBody)) == 2
        assert len(all_of(system, Lead)) == 1

    def test_what_was_thrown_away_does_not_come_back(self, tell: Any, system: System) -> None:
        tell(update(1, "Раз"), update(2, "Два", key=7))
        with system() as session:
            session.execute(select(Message).where(Message.words == "Два")).scalar_one().deleted_at = utcnow()
        tell(update(3, "Два", key=7), update(4, "Два с половиной", key=7, kind="edited_message", edit_date=2_000_000_000))
        assert [one.words for one in all_of(system, Message)] == ["Раз"]
        assert {row.state for row in all_of(system, RawBody)} == {RawState.READ}

    def test_the_same_message_under_another_number_of_update_is_the_same(self, tell: Any, system: System) -> None:
        tell(update(1, "Раз", key=7), update(2, "Раз", key=7))
        assert [one.words for one in all_of(system, Message)] == ["Раз"]

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
    def test_corrections_end_alike_in_whatever_order_they_come(
        self, tell: Any, system: System, order: tuple[int, ...]
    ) -> None:
        began = 1_795_420_860
        story = [
            update(1, "Окно 1460×1300", key=5, date=began),
            update(2, "Окно 1500×1400", key=5, date=began, kind="edited_message", edit_date=began + 60),
            update(3, "Окно 1500×1450", key=5, date=began, kind="edited_message", edit_date=began + 90),
        ]
        tell(*(story[number] for number in order))
        message = one(system, Message)
        assert message.words == "Окно 1500×1450"
        assert [edit["words"] for edit in message.extra["edits"]] == ["Окно 1460×1300", "Окно 1500×1400"]
        assert message.at == dt.datetime.fromtimestamp(began, dt.UTC)
        assert len(all_of(system, Lead)) == 1

    def test_forged_updates_are_refused_and_leave_nothing(
        self, channel: int, client: FlaskClient, worker: Any, system: System
    ) -> None:
        for headers in ({}, {HEADER: "wrong"}, {HEADER: WORD.lower()}):
            assert client.post(HOOK, json=update(1), headers=headers).status_code == 404
        assert client.post("/hooks/telegram/another", json=update(1), headers={HEADER: WORD}).status_code == 404
        assert client.post("/hooks/site/hook-of-the-bot", json=update(1), headers={HEADER: WORD}).status_code == 404
        worker()
        assert all_of(system, RawBody) == []

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"\x00\x01", b'{"update_id":1}', b'{"update_id":1,"message":[]}', b"a=b"]
    )
    def test_what_is_no_update_is_kept_for_reading(
        self, channel: int, client: FlaskClient, worker: Any, system: System, body: bytes
    ) -> None:
        assert client.post(HOOK, data=body, headers={HEADER: WORD}).status_code == 200
        worker()
        raw = one(system, RawBody)
        assert raw.state in (RawState.FAILED, RawState.READ)
        assert raw.words
        assert all_of(system, Lead) == []

    @pytest.mark.parametrize("text", ["\x00", "\u202eабв", "🪟" * 3000, "<script>alert(1)</script>", "x" * 4096, " "])
    def test_strange_words_are_words(self, tell: Any, system: System, text: str) -> None:
        tell(update(1, f"Окно {text}"))
        assert one(system, Lead).words.startswith("Окно")

    def test_many_words_at_once_keep_their_order(self, tell: Any, system: System) -> None:
        tell(*(update(number, f"строка {number}", at=number) for number in range(1, 8)))
        said = sorted(all_of(system, Message), key=lambda message: message.at)
        assert [one.words for one in said] == [f"строка {number}" for number in range(1, 8)]


class TestWithoutTheQueue:
    def test_the_sweep_picks_up_what_was_kept_while_redis_was_away(
        self, channel: int, client: FlaskClient, app: Flask, system: System, configure: Any
    ) -> None:
        with app.app_context():
            queue_state().silent_until = time.monotonic() + 60
        assert client.post(HOOK, json=update(1), headers={HEADER: WORD}).status_code == 200
        assert one(system, RawBody).state == RawState.KEPT
        with system() as session:
            session.execute(select(RawBody)).scalar_one().received_at = utcnow() - dt.timedelta(minutes=1)
        with app.app_context():
            sweep()
            work(burst=True)
        assert one(system, Lead).words == "Здравствуйте!"
