"""Somebody of ours answers from the card, by a Bot API on loopback; and what the card refuses."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient

from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Conversation, Message
from models.notices import Delivery, Notice
from tests.bot_api import CLIENT, BotApi
from tests.talks import System, all_of, deliver_all, hurry, one, say, way


class TestSomebodyAnswers:
    def test_the_answer_reaches_the_chat_and_stops_the_timer(
        self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi
    ) -> None:
        lead = one(system, Lead)
        answer = say(anna, f"leads/{lead.id}", "Добрый день! 18 400 ₽", way=way(system))
        assert answer.status_code == 200
        assert "v:said" in answer.headers["HX-Trigger"]
        assert one(system, Conversation).unanswered_since is None
        worker()
        assert bot_api.of("sendMessage") == [{"chat_id": CLIENT, "text": "Добрый день! 18 400 ₽"}]
        message = all_of(system, Message)[-1]
        assert (message.kind, message.state, message.author_name) == ("outgoing", "sent", "Анна Белова")
        assert message.external_id == "9001"
        lead = one(system, Lead)
        assert lead.answered_at is not None

    def test_the_card_shows_the_way_the_words_and_the_mark(
        self, anna: FlaskClient, system: System, worker: Any
    ) -> None:
        lead = one(system, Lead)
        box = anna.get(f"/conversations/leads/{lead.id}/box").get_data(as_text=True)
        assert "Бот, Сергей Петров" in box
        say(anna, f"leads/{lead.id}", "Отвечаю", way=way(system))
        before = anna.get(f"/conversations/leads/{lead.id}/pulse").json
        worker()
        after = anna.get(f"/conversations/leads/{lead.id}/pulse").json
        assert before["mark"] != after["mark"]
        assert (before["answer_due"], after["answer_due"]) == (True, False)

    def test_files_go_along(self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi) -> None:
        lead = one(system, Lead)
        files = [(io.BytesIO(b"%PDF-1.4\n%%EOF"), "КП 1042-3.pdf"), (io.BytesIO(b"%PDF-1.5\n%%EOF"), "Схема.pdf")]
        assert say(anna, f"leads/{lead.id}", "Вот КП", way=way(system), file=files).status_code == 200
        worker()
        assert [said.method for said in bot_api.said] == ["sendMessage", "sendDocument", "sendDocument"]
        assert bot_api.said[1].files["document"] == ("КП 1042-3.pdf", b"%PDF-1.4\n%%EOF")
        assert {row.message_id for row in all_of(system, StoredFile)} == {all_of(system, Message)[-1].id}

    def test_a_long_answer_goes_in_parts(self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi) -> None:
        say(anna, f"leads/{one(system, Lead).id}", "Очень длинно. " * 500, way=way(system))
        worker()
        assert len(bot_api.texts()) == 2
        assert all_of(system, Message)[-1].extra["sent"] == ["9001", "9002"]

    def test_too_many_at_once_waits_as_long_as_it_is_told(
        self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi
    ) -> None:
        bot_api.refuse(429, "Too Many Requests", retry_after=30)
        place = f"leads/{one(system, Lead).id}"
        say(anna, place, "Первое", way=way(system))
        say(anna, place, "Второе", way=way(system))
        worker()
        first, second = [one for one in all_of(system, Message) if one.kind == "outgoing"]
        assert (first.state, second.state) == ("pending", "pending")
        assert 20 < (all_of(system, Delivery)[-2].next_try_at - utcnow()).total_seconds() <= 30
        hurry(system)
        deliver_all(system)
        worker()
        assert bot_api.texts() == ["Первое", "Первое", "Второе"]

    def test_who_blocked_the_bot_is_told_in_words(
        self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi
    ) -> None:
        bot_api.refuse(403, "Forbidden: bot was blocked by the user")
        lead = one(system, Lead)
        say(anna, f"leads/{lead.id}", "Отвечаю", way=way(system))
        worker()
        message = all_of(system, Message)[-1]
        assert message.state == "failed"
        assert "заблокировал" in anna.get(f"/conversations/leads/{lead.id}/box").get_data(as_text=True)
        refused = say(anna, f"leads/{lead.id}", "Ещё раз", way=way(system))
        assert refused.status_code == 422
        assert one(system, Lead).answered_at is None
        assert [one.event for one in all_of(system, Notice)].count("message.failed") == 1
