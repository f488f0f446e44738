"""Telegram: what its updates say, how texts are cut, what is asked of the Bot API, and what its answers mean."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import given
from hypothesis import strategies as st

from app.channels import telegram
from app.channels.inbound import Aside, ChannelError, Outbound, OutFile, Raw, Unreachable, Wait
from app.channels.telegram.bot import Bot, call
from app.channels.telegram.texts import cut, split, units
from tests.bot_api import BOT_TOKEN, HEADER, VECTORS, WORD, BotApi, update

UPDATES: dict[str, Any] = VECTORS["updates"]


def raw(body: Any) -> Raw:
    return Raw(json.dumps(body).encode() if not isinstance(body, bytes) else body, "application/json")


def parsed(body: Any) -> Any:
    return telegram.parse(raw(body), {})


def as_message(name: str) -> dict[str, Any]:
    """An update of the vectors about a business chat, as the same message written to the bot itself."""
    (kind, event), *_rest = [(k, dict(v)) for k, v in UPDATES[name].items() if k != "update_id"]
    event.pop("business_connection_id", None)
    return {"update_id": UPDATES[name]["update_id"], kind.replace("business_", ""): event}


@pytest.fixture
def settings(bot_api: BotApi) -> dict[str, Any]:
    env = {"base_url": "https://crm.okna.example", "address": "https://crm.okna.example/hooks/telegram/1"}
    return {"token": BOT_TOKEN, "api": bot_api.url, "env": env, "mode": "auto", "active": True}


class TestUpdates:
    def test_the_vectors_are_updates_for_an_independent_library_too(self) -> None:
        for name, body in UPDATES.items():
            assert Update.model_validate(body).update_id == body["update_id"], name

    def test_words_name_and_a_phone_among_them_are_understood(self) -> None:
        said = parsed(as_message("business_message_from_client"))
        assert said.words == "Здравствуйте! Сколько стоит окно 1460×1300? Мой номер +7 916 123-45-67"
        assert (said.name, said.handle) == ("Сергей Петров", "petrov_s")
        assert (said.conversation, said.message_id) == ("444555666", "501")
        assert (said.phone, said.said_phone) == ("", "+7 916 123-45-67")
        assert said.at.timestamp() == 1795420860

    def test_entities_are_counted_in_utf_16(self) -> None:
        text = "🪟🪟 звоните +79161234567"
        entity = {"type": "phone_number", "offset": units("🪟🪟 звоните "), "length": 12}
        assert parsed(update(1, text, entities=[entity])).said_phone == "+79161234567"
        assert cut("🪟a", 0, 1) == ""

    def test_a_hidden_address_is_written_out(self) -> None:
        entity = {"type": "text_link", "offset": 0, "length": 3, "url": "https://okna.example/1"}
        assert parsed(update(1, "вот так", entities=[entity])).words == "вот так\nhttps://okna.example/1"

    @pytest.mark.parametrize(
        ("name", "file", "ref", "words"),
        [
            ("business_message_photo", "photo-505.jpg", "AgACAgIAAx_big", "Вот проём"),
            ("business_message_voice", "voice-506.ogg", "AwACAgIAAx_v", ""),
            ("business_message_document", "План квартиры.pdf", "BQACAgIAAx_d", ""),
        ],
    )
    def test_files_are_named_and_can_be_fetched(self, name: str, file: str, ref: str, words: str) -> None:
        said = parsed(as_message(name))
        assert [(one.name, one.ref) for one in said.files] == [(file, ref)]
        assert said.words == words
        assert said.files[0].size > 0

    def test_the_own_contact_is_a_phone_and_another_one_only_words(self) -> None:
        own = as_message("business_message_contact")
        assert parsed(own).phone == "+79161234567"
        own["message"]["contact"]["user_id"] = 1
        other = parsed(own)
        assert (other.phone, other.words) == ("", "Сергей, +79161234567")

    def test_a_place_opens_a_map_and_a_sticker_is_its_letter(self) -> None:
        place = {"latitude": 55.751244, "longitude": 37.618423}
        assert parsed(update(1, None, location=place)).words.endswith("?pt=37.618423,55.751244&z=17")
        assert parsed(update(1, None, sticker={"file_id": "s", "emoji": "👍"})).words == "👍"
        assert parsed(update(1, None, poll={"id": "1"})).words == "[poll]"

    def test_a_correction_has_its_own_time(self) -> None:
        said = parsed(as_message("edited_business_message"))
        assert said.is_edit
        assert said.at.timestamp() == 1795421300

    def test_start_links_tell_where_from_and_who(self) -> None:
        code = parsed(UPDATES["plain_bot_start_deeplink"]).signal
        assert (code.kind, code.data) == ("link", "8f3a")
        came = parsed(update(1, "/start yandex__cpc__okna"))
        assert came.signal.kind == "start"
        assert came.utm == {"source": "yandex", "medium": "cpc", "campaign": "okna"}
        assert parsed(update(1, "/start partner_ZOYA")).partner == "ZOYA"
        assert parsed(update(1, "/start")).signal.kind == "start"
        assert parsed(update(1, "/started well")).signal is None

    def test_a_pressed_button_is_a_signal(self) -> None:
        signal = parsed(UPDATES["callback_query"]).signal
        assert (signal.kind, signal.data, signal.ref) == ("press", "lead:take:42", "4382bfdwdsb323b2d9")

    def test_ids_of_64_bits_stay_whole(self) -> None:
        assert parsed(update(1, who=2**52 + 1)).conversation == str(2**52 + 1)

    def test_groups_other_bots_and_business_chats_are_set_aside_with_a_reason(self) -> None:
        group = update(1)
        group["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "Соседи"}
        robot = update(1)
        robot["message"]["from"]["is_bot"] = True
        for body in (group, robot, UPDATES["business_message_from_client"], {"update_id": 1, "channel_post": {}}):
            with pytest.raises(Aside):
                parsed(body)

    def test_somebody_without_a_public_name_is_known_by_his_number(self) -> None:
        assert parsed(update(1, username=None)).handle == "id444555666"

    def test_one_delivery_is_one_and_two_are_two(self) -> None:
        first, same, other = raw(update(5)), raw(update(5)), raw(update(6))
        assert telegram.external_id(first) == telegram.external_id(same) != telegram.external_id(other)
        again_after_a_week = raw(update(5, key=99))
        assert telegram.external_id(again_after_a_week) != telegram.external_id(first)
        assert telegram.external_id(raw(b"not json")) is None

    @pytest.mark.parametrize(
        "body",
        [b"", b"\x00", b"[]", b"null", b'{"update_id": "1"}', b'{"update_id": 1e400}', b"{" * 5000, b"\xff\xfe{}"],
    )
    def test_what_is_no_update_is_said_to_be_none(self, body: bytes) -> None:
        with pytest.raises(ChannelError):
            parsed(body)

    @given(st.data())
    def test_no_update_however_strange_breaks_it(self, data: st.DataObject) -> None:
        strange = st.recursive(
            st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
            max_leaves=4,
        )
        body = json.loads(json.dumps(data.draw(st.sampled_from([*map(as_plain, UPDATES.values()), update(1)]))))
        nodes = list(walk(body))
        node, key = data.draw(st.sampled_from(nodes))
        node[key] = data.draw(strange)
        with contextlib.suppress(ChannelError):
            parsed(json.dumps(body).encode())
        telegram.external_id(Raw(json.dumps(body).encode()))


def as_plain(body: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("business_", ""): value for key, value in body.items()}


def walk(node: Any) -> Any:
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from walk(value)


class TestTexts:
    def test_short_ones_stay_and_long_ones_break_between_sentences(self) -> None:
        assert split("Привет") == ["Привет"]
        long = "Первое предложение. " * 400
        parts = split(long)
        assert len(parts) == 2
        assert all(units(part) <= 4096 and part.endswith("предложение.") for part in parts)

    @given(st.text(min_size=1, max_size=400), st.integers(8, 60))
    def test_nothing_is_lost_but_spaces_between_the_parts(self, text: str, limit: int) -> None:
        parts = split(text, limit)
        assert all(units(part) <= limit for part in parts)
        assert "".join("".join(parts).split()) == "".join(text.split())


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
