"""The employee's own chat with the company's bot: linked by a code, told, unlinked by a block."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.services import notices
from models.channels import Channel
from models.ground.actor import acting_as
from models.ground.base import utcnow
from models.notices import DeliveryState, NoticeAddress
from models.staff import Person
from tests.bot_api import BotApi, bot_api, bot_channel
from tests.scene import actor

__all__ = ["bot_api"]
CHAT = "111222333"


@pytest.fixture
def linked(as_system: Any, anna: Person, bot_api: BotApi, app: Any) -> NoticeAddress:
    bot_channel(as_system, bot_api)
    assert notices.link_chat(code_of(app), CHAT, "Анна Белова") is anna
    as_system.commit()
    row: NoticeAddress = as_system.execute(select(NoticeAddress)).scalar_one()
    return row


def code_of(app: Any, username: str = "anna") -> str:
    with acting_as(actor(app, username)) as session:
        code = notices.telegram_code()
        session.commit()
    return code


def tell(anna: Person, session: Any, worker: Any, **more: Any) -> None:
    notices.notify(anna, "k", "lead.received", "Новый лид: Ирина, +7 916 123-45-67", url="/leads/7", **more)
    session.commit()
    worker()


def test_a_new_lead_comes_with_a_button_that_takes_it(linked, anna, as_system, worker, bot_api, all_rows):
    tell(anna, as_system, worker, take=7)
    (said,) = bot_api.of("sendMessage")
    assert (said["chat_id"], said["text"]) == (int(CHAT), "Новый лид: Ирина, ••• 67\nhttp://localhost/leads/7")
    ((button,),) = said["reply_markup"]["inline_keyboard"]
    assert button == {"text": "Взять лид", "callback_data": "take:7"}
    assert [row.state for row in all_rows("telegram")] == [DeliveryState.SENT]


def test_other_notices_have_no_button(linked, anna, as_system, worker, bot_api):
    tell(anna, as_system, worker)
    assert "reply_markup" not in bot_api.of("sendMessage")[0]


def test_a_code_works_once_and_not_for_long(as_system, app, anna, bot_api):
    code = code_of(app)
    assert notices.link_chat(code, CHAT, "Анна") is anna
    assert notices.link_chat(code, "5", "Чужой") is None
    as_system.commit()
    late = code_of(app)
    as_system.execute(select(NoticeAddress).where(NoticeAddress.address == "")).scalar_one().made_at = (
        utcnow() - dt.timedelta(minutes=16)
    )
    as_system.flush()
    assert notices.link_chat(late, CHAT, "Анна") is None


@pytest.mark.parametrize("code", ["", " ", "x", "\x00", "🙂", "a" * 10_000])
def test_a_code_that_is_none_links_nobody(as_system, code):
    assert notices.link_chat(code, CHAT, "Кто-то") is None


def test_whoever_has_left_is_not_linked(as_system, app, anna):
    code = code_of(app)
    anna.active = False
    as_system.flush()
    assert notices.link_chat(code, CHAT, "Анна") is None


def test_a_chat_belongs_to_the_last_who_showed_a_code(linked, as_system, app):
    code = code_of(app, "oleg")
    assert notices.link_chat(code, CHAT, "Олег").username == "oleg"
    as_system.commit()
    assert notices.person_of_chat(CHAT).username == "oleg"
    assert len(as_system.execute(select(NoticeAddress)).scalars().all()) == 1


def test_whoever_blocked_the_bot_is_unlinked_and_the_settings_say_so(
    linked, anna, as_system, worker, bot_api, all_rows
):
    bot_api.refuse(403, "Forbidden: bot was blocked by the user")
    tell(anna, as_system, worker)
    (row,) = all_rows("telegram")
    assert row.state == DeliveryState.FAILED
    as_system.refresh(linked)
    assert (linked.confirmed_at, bool(linked.trouble)) == (None, True)
    assert notices.person_of_chat(CHAT) is None


def test_a_bot_that_is_asked_too_often_waits_as_long_as_it_is_told(linked, anna, as_system, worker, bot_api, all_rows):
    bot_api.refuse(429, "Too Many Requests", retry_after=300)
    tell(anna, as_system, worker)
    (row,) = all_rows("telegram")
    assert row.state == DeliveryState.PENDING
    assert dt.timedelta(seconds=290) < row.next_try_at - utcnow() < dt.timedelta(seconds=400)


def test_demo_people_are_told_only_in_allowed_chats(linked, anna, as_system, worker, bot_api, all_rows, configure):
    anna.demo = True
    tell(anna, as_system, worker)
    (row,) = all_rows("telegram")
    assert (row.state, bot_api.of("sendMessage")) == (DeliveryState.HELD, [])
    configure(OUTBOUND_ALLOW=(f"telegram:{CHAT}",))
    notices.send_again(row)
    as_system.commit()
    worker()
    assert len(bot_api.of("sendMessage")) == 1


def test_without_a_bot_it_fails_with_a_sentence(linked, anna, as_system, worker, all_rows):
    as_system.execute(select(Channel)).scalar_one().active = False
    tell(anna, as_system, worker)
    (row,) = all_rows("telegram")
    assert (row.state, "bot" in row.answer) == (DeliveryState.FAILED, True)


def test_what_was_sealed_with_another_key_says_so(linked, anna, as_system, worker, all_rows):
    linked.address = "gAAAAA-not-ours"
    tell(anna, as_system, worker)
    (row,) = all_rows("telegram")
    assert (row.state, "SECRET_KEY" in row.answer) == (DeliveryState.FAILED, True)
