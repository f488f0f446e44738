"""What the updates of Telegram say, and how its texts are counted and cut."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import given
from hypothesis import strategies as st

from app.channels import telegram
from app.channels.inbound import Aside, ChannelError, Raw
from app.channels.telegram.texts import cut, split, units
from tests.bot_api import VECTORS, update

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
