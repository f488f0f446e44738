"""What did not get through is never sent twice by itself: a person decides; what is refused, and to whom."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import settings
from app.jobs import outbound
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Conversation, Message
from models.notices import Delivery, DeliveryState
from tests.bot_api import CHAT, BotApi, update
from tests.talks import System, all_of, deliver_all, hurry, one, say, way


class TestAtMostOnce:
    def test_a_line_that_breaks_leaves_it_in_doubt_and_a_person_decides(
        self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi
    ) -> None:
        bot_api.hang_up()
        say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system))
        worker()
        hurry(system)
        deliver_all(system)
        worker()
        message = all_of(system, Message)[-1]
        assert (message.state, bot_api.texts()) == ("in_doubt", ["Отвечаю"])
        assert anna.post(f"/conversations/messages/{message.id}/again").status_code == 302
        assert anna.post(f"/conversations/messages/{message.id}/again").status_code == 409
        worker()
        assert bot_api.texts() == ["Отвечаю", "Отвечаю"]
        assert all_of(system, Message)[-1].state == "sent"
        assert [one.state for one in all_of(system, Delivery) if one.message_id] == [
            DeliveryState.SPARED, DeliveryState.SENT,
        ]  # fmt: skip

    def test_a_person_sees_that_it_arrived(self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi) -> None:
        bot_api.hang_up()
        say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system))
        worker()
        message = all_of(system, Message)[-1]
        anna.post(f"/conversations/messages/{message.id}/arrived")
        worker()
        assert all_of(system, Message)[-1].state == "sent"
        assert one(system, Lead).answered_at is not None
        assert bot_api.texts() == ["Отвечаю"]

    def test_a_worker_that_dies_in_the_middle_never_sends_twice(
        self, anna: FlaskClient, app: Flask, system: System, worker: Any, bot_api: BotApi
    ) -> None:
        say(anna, f"leads/{one(system, Lead).id}", "Отвечаю", way=way(system))

        class Killed(BaseException):
            pass

        def die(_settings: Any, _message: Any) -> str:
            raise Killed

        delivery = [one for one in all_of(system, Delivery) if one.message_id][-1].id
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.channels.telegram.send", die)
            with app.app_context(), pytest.raises(Killed):
                outbound.deliver(delivery)
        worker()
        assert all_of(system, Message)[-1].state == "sending"
        hurry(system)
        deliver_all(system)
        worker()
        message = all_of(system, Message)[-1]
        assert message.state == "in_doubt"
        assert bot_api.texts() == []

    def test_demo_data_are_held_back_unless_allowed(
        self, anna: FlaskClient, system: System, worker: Any, bot_api: BotApi, configure: Any
    ) -> None:
        with system() as session:
            settings.put("demo", True)
            session.flush()
        place = f"leads/{one(system, Lead).id}"
        say(anna, place, "Раз", way=way(system))
        worker()
        message = all_of(system, Message)[-1]
        assert (message.state, bot_api.texts()) == ("held", [])
        configure(OUTBOUND_ALLOW=(f"telegram:{CHAT}",))
        anna.post(f"/conversations/messages/{message.id}/again")
        worker()
        assert bot_api.texts() == ["Раз"]

    @pytest.mark.parametrize(
        ("words", "more"),
        [
            ("", {}), ("   ", {}), ("\x00", {}), ("x" * 10_001, {}), ("Раз", {"way": "c999999"}), ("Раз", {"way": "n1"}),
            ("Раз", {"way": "c1; drop table"}), ("Раз", {"way": ""}), ("Раз", {"way": "c" + "9" * 40}),
            ("Раз", {"subject": "y" * 300}),
        ],
    )  # fmt: skip
    def test_bad_words_are_refused_and_kept_in_the_box(
        self, anna: FlaskClient, system: System, words: str, more: dict[str, str]
    ) -> None:
        answer = say(anna, f"leads/{one(system, Lead).id}", words, **{"way": way(system)} | more)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.get_data(as_text=True)
        assert [one.kind for one in all_of(system, Message)] == ["incoming"]

    def test_too_many_files_and_empty_ones_are_refused(self, anna: FlaskClient, system: System) -> None:
        place = f"leads/{one(system, Lead).id}"
        many = [(io.BytesIO(b"%PDF" + bytes([n])), f"{n}.pdf") for n in range(11)]
        assert say(anna, place, "Раз", way=way(system), file=many).status_code == 422
        assert say(anna, place, "Раз", way=way(system), file=[(io.BytesIO(b""), "пусто.pdf")]).status_code == 422
        assert all_of(system, StoredFile) == []

    def test_others_reach_neither_the_box_nor_the_message(
        self, anna: FlaskClient, login: Any, system: System, worker: Any
    ) -> None:
        lead, talk = one(system, Lead), way(system)
        say(anna, f"leads/{lead.id}", "Отвечаю", way=talk)
        worker()
        message = all_of(system, Message)[-1]
        for who, status in (("stranger", 404), ("nina", 403), ("pavel", 403), ("director", 403)):
            browser = login(who)
            assert say(browser, f"leads/{lead.id}", "Раз", way=talk).status_code == status, who
            assert browser.post(f"/conversations/messages/{message.id}/again").status_code == status, who
            assert browser.post(f"/conversations/leads/{lead.id}/settle").status_code == status, who
        assert login("stranger").get(f"/conversations/messages/{message.id}/versions").status_code == 404

    def test_a_rival_does_not_answer_a_lead_that_still_has_time(
        self, anna: FlaskClient, login: Any, system: System
    ) -> None:
        answer = say(login("oleg"), f"leads/{one(system, Lead).id}", "Я отвечу", way=way(system))
        assert answer.status_code == 422
        assert "Анна" in answer.get_data(as_text=True)

    def test_no_answer_is_needed(self, anna: FlaskClient, system: System) -> None:
        anna.post(f"/conversations/leads/{one(system, Lead).id}/settle")
        assert one(system, Conversation).unanswered_since is None

    def test_what_was_corrected_is_shown_with_its_times(self, anna: FlaskClient, tell: Any, system: System) -> None:
        tell(update(2, "Окно 2×2", key=1, kind="edited_message", edit_date=int(utcnow().timestamp()) + 60))
        message = one(system, Message)
        shown = anna.get(f"/conversations/messages/{message.id}/versions").get_data(as_text=True)
        assert shown.index("Окно 2×2") < shown.index("Сколько стоит окно?")
        assert one(system, Lead).words == "Окно 2×2"
