"""What is asked of the Bot API, what its answers mean, and by which way messages come."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from app.channels import telegram
from app.channels.inbound import ChannelError, Outbound, OutFile, Raw, Unreachable, Wait
from app.channels.telegram.bot import Bot, call
from tests.bot_api import BOT_TOKEN, HEADER, VECTORS, WORD, BotApi, update


def raw(body: Any) -> Raw:
    return Raw(json.dumps(body).encode(), "application/json")


@pytest.fixture
def settings(bot_api: BotApi) -> dict[str, Any]:
    env = {"base_url": "https://crm.okna.example", "address": "https://crm.okna.example/hooks/telegram/1"}
    return {"token": BOT_TOKEN, "api": bot_api.url, "env": env, "mode": "auto", "active": True}


@pytest.mark.parametrize("address", ["api.telegram.org", "https://[", "https://bot.example:99999"])
def test_an_address_that_is_none_is_said_to_be_none(settings: dict[str, Any], address: str) -> None:
    with pytest.raises(ChannelError, match="address of the Bot API"):
        telegram.set_up({**settings, "api": address})


class TestTheBot:
    def test_a_message_goes_as_the_bot_api_wants_it(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        key = telegram.send(settings, Outbound("k", "444555666", "Счёт № 45 готов"))
        assert bot_api.of("sendMessage") == [{"chat_id": 444555666, "text": "Счёт № 45 готов"}]
        assert key == "9001"

    def test_files_go_as_pictures_or_documents_with_their_words(
        self, bot_api: BotApi, settings: dict[str, Any]
    ) -> None:
        photo = OutFile("проём \"1\".jpg", "image/jpeg", b"\xff\xd8\xff\x00\r\n--x")
        paper = OutFile("КП 1042-3.pdf", "application/pdf", b"%PDF-1")
        (one,) = telegram.parts(Outbound("k", "1", "Вот", files=(photo,)))
        telegram.send(settings, one)
        for part in telegram.parts(Outbound("k", "1", "Вот " * 400, files=(photo, paper))):
            telegram.send(settings, part)
        methods = [said.method for said in bot_api.said]
        assert methods == ["sendPhoto", "sendMessage", "sendPhoto", "sendDocument"]
        assert bot_api.said[0].params == {"chat_id": 1, "caption": "Вот"}
        assert bot_api.said[0].files["photo"] == ("проём _1_.jpg", photo.data)
        assert bot_api.said[3].files["document"] == ("КП 1042-3.pdf", paper.data)

    @pytest.mark.parametrize(
        ("code", "why", "kind", "flags"),
        [
            (403, "Forbidden: bot was blocked by the user", Unreachable, (True, False)),
            (403, VECTORS["requests"]["sendMessage_error_no_connection_id"]["description"], Unreachable, (True, False)),
            (400, "Bad Request: chat not found", Unreachable, (True, False)),
            (400, "Bad Request: message text is empty", ChannelError, (True, False)),
            (401, "Unauthorized", ChannelError, (True, False)),
            (502, "Bad Gateway", ChannelError, (False, True)),
            (409, "Conflict: terminated by other getUpdates request", ChannelError, (False, False)),
        ],
    )
    def test_a_no_is_understood(
        self, bot_api: BotApi, settings: dict[str, Any], code: int, why: str, kind: type, flags: tuple[bool, bool]
    ) -> None:
        bot_api.refuse(code, why)
        with pytest.raises(kind) as error:
            telegram.send(settings, Outbound("k", "1", "а"))
        assert (error.value.permanent, error.value.doubtful) == flags
        assert BOT_TOKEN not in error.value.words

    def test_too_many_is_a_pause(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        bot_api.refuse(429, "Too Many Requests: retry after 7", retry_after=7)
        with pytest.raises(ChannelError) as error:
            telegram.send(settings, Outbound("k", "1", "а"))
        assert (error.value.pause, error.value.permanent) == (7, False)

    def test_a_broken_line_is_in_doubt_and_one_that_never_was_is_not(
        self, bot_api: BotApi, settings: dict[str, Any]
    ) -> None:
        bot_api.hang_up()
        with pytest.raises(ChannelError) as broken:
            telegram.send(settings, Outbound("k", "1", "а"))
        with pytest.raises(ChannelError) as away:
            telegram.send(settings | {"api": "http://127.0.0.1:9"}, Outbound("k", "1", "а"))
        assert (broken.value.doubtful, away.value.doubtful) == (True, False)

    def test_what_is_no_token_and_no_address_is_refused_in_words(self, settings: dict[str, Any]) -> None:
        for wrong in ({"token": "abc"}, {"token": ""}, {"api": "ftp://x"}, {"api": "file:///etc/passwd"}):
            with pytest.raises(ChannelError):
                telegram.check(settings | wrong)

    def test_alerts_have_buttons(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        telegram.alert(settings, "1", "Новый лид", [("Взять", "take:42"), ("Открыть", "https://crm.okna.example/leads/42")])
        rows = bot_api.of("sendMessage")[0]["reply_markup"]["inline_keyboard"]
        assert rows == [
            [{"text": "Взять", "callback_data": "take:42"}],
            [{"text": "Открыть", "url": "https://crm.okna.example/leads/42"}],
        ]
        telegram.answer_press(settings, "4382", "Лид ваш")
        assert bot_api.of("answerCallbackQuery")[0]["callback_query_id"] == "4382"

    def test_a_file_is_fetched_and_a_large_one_is_not(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        bot_api.stored["F1"] = b"\x00" * 1000
        assert telegram.fetch(settings, "F1") == b"\x00" * 1000
        bot_api.stored["F2"] = b"\x00" * (20 * 1024 * 1024 + 1)
        with pytest.raises(ChannelError, match="20 MB"):
            telegram.fetch(settings, "F2")
        with pytest.raises(ChannelError):
            telegram.fetch(settings, "nothing")


class TestHowItComes:
    def test_a_public_address_is_called_and_any_other_asks(self, settings: dict[str, Any]) -> None:
        def asks(base_url: str, mode: str = "auto") -> bool:
            return telegram.pulls(settings | {"mode": mode, "env": {"base_url": base_url}})

        assert not asks("https://crm.okna.example")
        assert asks("https://crm.okna.example", "polling")
        assert not asks("http://127.0.0.1:8080", "webhook")
        for base_url in (
            "http://crm.okna.example", "https://localhost", "https://192.168.1.5", "https://crm", "https://10.0.0.1:8443",
            "https://crm.okna.example:8080", "",
        ):  # fmt: skip
            assert asks(base_url), base_url

    def test_setting_up_tells_the_address_and_a_word(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        state = telegram.set_up(settings)
        assert (state["bot"], state["mode"]) == ("okna_crm_bot", "webhook")
        asked = bot_api.webhook
        assert asked["url"] == settings["env"]["address"]
        assert asked["secret_token"] == state["secrets"]["hook_secret"]
        assert {"message", "edited_message", "callback_query", "my_chat_member"} == set(asked["allowed_updates"])
        assert asked["drop_pending_updates"] is VECTORS["requests"]["setWebhook"]["drop_pending_updates"]
        assert telegram.set_up(settings | {"active": False})["mode"] == ""
        assert bot_api.webhook == {}
        assert telegram.set_up(settings | {"mode": "polling"})["mode"] == "polling"

    def test_checking_says_who_the_bot_is_and_what_is_wrong(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        telegram.set_up(settings)
        assert telegram.check(settings)["mode"] == "webhook"
        bot_api.webhook = bot_api.webhook | {"url": "https://elsewhere.example/"}
        assert "another address" in telegram.check(settings)["trouble"]

    def test_only_who_knows_the_word_is_let_in(self) -> None:
        settings = {"hook_secret": WORD}
        telegram.verify(raw(update(1)), {HEADER: WORD}, settings)
        for headers in ({}, {HEADER: WORD + "x"}, {HEADER: ""}, {HEADER: "ы"}):
            with pytest.raises(ChannelError):
                telegram.verify(raw(update(1)), headers, settings)
        with pytest.raises(ChannelError):
            telegram.verify(raw(update(1)), {HEADER: ""}, {})

    def test_asking_goes_on_where_it_ended_and_never_by_another_bots_number(
        self, bot_api: BotApi, settings: dict[str, Any]
    ) -> None:
        bot_api.push(update(10), update(11))
        first = telegram.pull(settings, {}, Wait(0, threading.Event()))
        assert [telegram.external_id(one) for one in first.bodies] == ["10/444555666/10", "11/444555666/11"]
        assert first.cursor == {"offset": 12, "offset_of": "777000111"}
        bot_api.push(update(12))
        second = telegram.pull(settings, first.cursor, Wait(0, threading.Event()))
        assert [json.loads(one.body)["update_id"] for one in second.bodies] == [12]
        telegram.pull(settings, {"offset": 99, "offset_of": "1"}, Wait(0, threading.Event()))
        assert "offset" not in bot_api.of("getUpdates")[-1]

    def test_a_long_question_is_cut_short_at_once(self, bot_api: BotApi, settings: dict[str, Any]) -> None:
        wait = Wait(30, threading.Event())
        began = time.monotonic()
        threading.Timer(0.2, wait.cut).start()
        assert telegram.pull(settings, {}, wait).bodies == ()
        assert time.monotonic() - began < 1.5


def test_an_answer_that_says_neither_yes_nor_no_is_an_error(bot_api: BotApi) -> None:
    bot_api.answers.append({"error_code": 502})
    with pytest.raises(ChannelError) as error:
        call(Bot(BOT_TOKEN, bot_api.url), "getMe")
    assert error.value.doubtful
