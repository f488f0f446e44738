"""An employee's own chat with the bot: linked by a code, leads taken by a button."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.rights import actor_of_person
from app.services import notices
from models.ground.actor import acting_as
from models.ground.base import utcnow
from models.ground.history import Event
from models.leads import Lead
from models.messages import Conversation, RawBody, RawState
from models.notices import NoticeAddress
from models.staff import Person
from tests.bot_api import VECTORS, BotApi, update
from tests.talks import System, all_of, one


class TestEmployees:
    @pytest.fixture
    def linked(self, tell: Any, system: System, app: Flask) -> str:
        """Anna's own chat, linked by a one-time code."""
        with system() as session:
            anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
            actor = actor_of_person(anna)
        with app.app_context(), acting_as(actor) as session:
            code = notices.telegram_code()
            session.commit()
        tell(update(1, f"/start link_{code}", who=111222333))
        return "111222333"

    def test_a_code_links_the_chat_once_and_makes_no_client_of_it(
        self, linked: str, tell: Any, system: System, bot_api: BotApi
    ) -> None:
        assert "Анна" in bot_api.texts()[0]
        tell(update(2, "Проверяю бота", who=111222333))
        assert all_of(system, Conversation) == all_of(system, Lead) == []

    def test_a_wrong_code_is_answered_and_links_nobody(self, tell: Any, system: System, bot_api: BotApi) -> None:
        tell(update(1, "/start link_wrong", who=5))
        assert len(bot_api.texts()) == 1
        assert all_of(system, NoticeAddress) == []

    def test_a_lead_is_taken_from_the_alert_by_whoever_may(
        self, linked: str, tell: Any, system: System, bot_api: BotApi
    ) -> None:
        tell(update(2, "Нужны окна"))
        with system() as session:
            lead = session.execute(select(Lead)).scalar_one()
            lead.owner_id = None
            key = lead.id
        press = json.loads(json.dumps(VECTORS["updates"]["callback_query"])) | {"update_id": 50}
        press["callback_query"]["data"] = f"take:{key}"
        tell(press)
        lead = one(system, Lead)
        with system() as session:
            assert session.get_one(Person, lead.owner_id).username == "anna"
        taken = [event for event in all_of(system, Event) if event.name == "lead.taken"]
        assert [event.actor_name for event in taken] == ["Анна Белова"]
        assert str(key) in bot_api.of("answerCallbackQuery")[0]["text"]

    def test_a_press_is_acted_on_once_however_often_it_is_read(
        self, linked: str, tell: Any, system: System, bot_api: BotApi, login: Any, worker: Any
    ) -> None:
        tell(update(2, "Нужны окна"))
        key = one(system, Lead).id
        press = json.loads(json.dumps(VECTORS["updates"]["callback_query"])) | {"update_id": 50}
        press["callback_query"]["data"] = f"take:{key}"
        with system() as session:
            session.execute(select(Lead)).scalar_one().owner_id = None
        tell(press)
        with system() as session:
            raw = session.execute(select(RawBody).order_by(RawBody.id.desc()).limit(1)).scalar_one()
            said, place = raw.words, f"/channels/{raw.channel_id}/bodies"
            # Meanwhile it is somebody else's, and late: whoever pressed once might take it.
            lead = session.execute(select(Lead)).scalar_one()
            lead.owner_id = session.execute(select(Person.id).where(Person.username == "oleg")).scalar_one()
            lead.respond_by = utcnow() - dt.timedelta(hours=1)
            owner, number = lead.owner_id, raw.id
        admin = login("admin")
        assert "Прочитать снова" in admin.get(f"{place}/{number - 1}").text
        assert "Прочитать снова" not in admin.get(f"{place}/{number}").text
        page = admin.post(f"{place}/{number}/again", data={"stay": "y"}, follow_redirects=True).text
        assert "нажатие кнопки" in page
        worker()
        tell(press, press | {"update_id": 50})
        assert (one(system, Lead).owner_id, all_of(system, RawBody)[-1].words) == (owner, said)
        assert len([event for event in all_of(system, Event) if event.name == "lead.taken"]) == 1
        assert len(bot_api.of("answerCallbackQuery")) == 1
        # Nor when all that was not understood is read again.
        with system() as session:
            session.get_one(RawBody, number).state = RawState.FAILED
        admin.post(f"{place}/again")
        worker()
        assert one(system, Lead).owner_id == owner
        assert len([event for event in all_of(system, Event) if event.name == "lead.taken"]) == 1
        assert len(bot_api.of("answerCallbackQuery")) == 1

    def test_a_stranger_presses_in_vain(self, tell: Any, system: System, bot_api: BotApi) -> None:
        tell(update(2, "Нужны окна"))
        before = one(system, Lead).owner_id
        press = json.loads(json.dumps(VECTORS["updates"]["callback_query"]))
        press["callback_query"]["data"] = f"take:{one(system, Lead).id}"
        tell(press)
        assert one(system, Lead).owner_id == before
        assert bot_api.of("answerCallbackQuery") == []

    @pytest.mark.parametrize("data", ["", "take:", "take:0", "take:99999999999999999999", "drop", "take:1;", "\x00"])
    def test_a_button_that_says_nonsense_does_nothing(
        self, linked: str, tell: Any, system: System, bot_api: BotApi, data: str
    ) -> None:
        press = json.loads(json.dumps(VECTORS["updates"]["callback_query"])) | {"update_id": 51}
        press["callback_query"]["data"] = data
        tell(press)
        assert len(bot_api.of("answerCallbackQuery")) == 1
        assert [event.name for event in all_of(system, Event) if event.name == "lead.taken"] == []
