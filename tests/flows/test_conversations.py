"""A client writes to the bot and is answered from the card: through HTTP, a real worker and a Bot API on loopback."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import settings
from app.jobs import outbound
from app.jobs.sweep import sweep
from app.queue import enqueue_after_commit, queue_state
from app.rights import actor_of_person
from app.services import leads, notices
from app.worker import work
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.actor import acting_as
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.ground.history import Event
from models.leads import Lead, LeadState
from models.messages import Conversation, Message, RawBody, RawState
from models.notices import Delivery, DeliveryState, Notice, NoticeAddress
from models.staff import Person
from tests.bot_api import CHAT, CLIENT, HEADER, VECTORS, WORD, BotApi, bot_channel, update

HOOK = "/hooks/telegram/hook-of-the-bot"
System = Callable[[], Any]


@pytest.fixture
def channel(system: System, bot_api: BotApi) -> int:
    with system() as session:
        return bot_channel(session, bot_api).id


@pytest.fixture
def tell(channel: int, client: FlaskClient, worker: Callable[[], None]) -> Callable[..., None]:
    """Telegram calls us with these updates, in this order; then the worker does what there is."""

    def send(*updates: dict[str, Any]) -> None:
        for body in updates:
            assert client.post(HOOK, json=body, headers={HEADER: WORD}).status_code == 200
        worker()

    return send


def all_of(system: System, kind: Any) -> list[Any]:
    with system() as session:
        rows = list(session.execute(select(kind).order_by(kind.id)).scalars())
        session.expunge_all()
        return rows


def one(system: System, kind: Any) -> Any:
    (row,) = all_of(system, kind)
    return row


def say(browser: FlaskClient, place: str, words: str, **more: Any) -> Any:
    talk = more.pop("way", "")
    return browser.post(f"/conversations/{place}/say", data={"words": words, "way": talk, **more}, headers={"HX-Request": "true"})


def way(system: System) -> str:
    return f"c{one(system, Conversation).id}"


class TestAClientWrites:
    def test_the_first_words_are_a_lead_and_the_next_ones_its_feed(self, tell: Any, system: System) -> None:
        tell(update(1, "Сколько стоит окно?"), update(2, "Мой размер 1460×1300"))
        lead, talk = one(system, Lead), one(system, Conversation)
        assert (lead.name, lead.handle, lead.source, lead.words) == (
            "Сергей Петров", "petrov_s", "telegram", "Сколько стоит окно?",
        )  # fmt: skip
        assert lead.is_live
        assert (talk.lead_id, talk.external_id, talk.title) == (lead.id, CHAT, "Сергей Петров")
        assert talk.unanswered_since is not None
        said = all_of(system, Message)
        assert [(one.words, one.lead_id, one.channel) for one in said] == [
            ("Сколько стоит окно?", lead.id, "telegram"), ("Мой размер 1460×1300", lead.id, "telegram"),
        ]  # fmt: skip
        assert all(one.conversation_id == talk.id for one in said)

    def test_the_owner_hears_of_every_further_message(self, tell: Any, system: System) -> None:
        tell(update(1, "Сколько стоит окно?"))
        tell(update(2, "А лоджия?"))
        heard = [one for one in all_of(system, Notice) if one.event == "message.received"]
        assert [one.words for one in heard] == ["А лоджия?"]
        lead = one(system, Lead)
        assert heard[0].person_id == lead.owner_id
        assert heard[0].url == f"/leads/{lead.id}"

    def test_the_deal_gets_what_comes_after_the_lead_became_one(self, tell: Any, system: System) -> None:
        tell(update(1, "Нужны окна"))
        with system() as session:
            leads.qualify(session.execute(select(Lead)).scalar_one())
        tell(update(2, "Когда замер?"))
        deal, talk = one(system, Deal), one(system, Conversation)
        assert talk.deal_id == deal.id
        assert [one.deal_id for one in all_of(system, Message)] == [deal.id, deal.id]
        assert len(all_of(system, Lead)) == 1
        assert ("handle", "petrov_s") in {(one.kind, one.value) for one in all_of(system, ContactPoint)}

    def test_a_closed_deal_is_followed_by_a_new_lead_of_the_same_client(self, tell: Any, system: System) -> None:
        tell(update(1, "Нужны окна"))
        with system() as session:
            deal = leads.qualify(session.execute(select(Lead)).scalar_one())
            deal.closed_at = utcnow()
        tell(update(2, "Теперь нужна дверь"))
        first, second = all_of(system, Lead)
        assert (second.client_id, second.words, second.is_live) == (first.client_id, "Теперь нужна дверь", True)
        assert one(system, Conversation).lead_id == second.id
        assert one(system, Conversation).deal_id is None

    def test_where_the_client_came_from_is_kept_for_the_first_words(self, tell: Any, system: System) -> None:
        tell(update(1, "/start yandex__cpc__okna"))
        assert all_of(system, Lead) == []
        tell(update(2, "Здравствуйте"))
        assert one(system, Lead).utm == {"source": "yandex", "medium": "cpc", "campaign": "okna"}

    def test_a_phone_in_the_words_is_written_down_and_proves_nothing(self, tell: Any, system: System) -> None:
        with system() as session:
            known = Client(name="Ирина Соколова")
            known.contacts.append(ContactPoint(kind="phone", value="+79161234567"))
            session.add(known)
        entity = {"type": "phone_number", "offset": 7, "length": 12}
        tell(update(1, "Пишите +79161234567", entities=[entity]))
        lead = one(system, Lead)
        assert (lead.phone, lead.client_id) == ("+79161234567", None)

    def test_a_shared_phone_tells_who_it_is(self, tell: Any, system: System) -> None:
        with system() as session:
            known = Client(name="Ирина Соколова")
            known.contacts.append(ContactPoint(kind="phone", value="+79161234567"))
            session.add(known)
            session.flush()
            key = known.id
        contact = {"phone_number": "79161234567", "first_name": "Ирина", "user_id": CLIENT}
        tell(update(1, "Здравствуйте"), update(2, None, contact=contact))
        lead = one(system, Lead)
        assert (lead.phone, lead.client_id) == ("+79161234567", key)
        assert one(system, Conversation).client_id == key

    def test_the_shared_phone_of_somebody_with_an_open_deal_brings_the_chat_there(
        self, tell: Any, system: System
    ) -> None:
        tell(update(1, "Нужны окна", who=1, username="irina"))
        with system() as session:
            deal = leads.qualify(session.execute(select(Lead)).scalar_one())
            session.get_one(Client, deal.client_id).contacts.append(ContactPoint(kind="phone", value="+79161234567"))
        contact = {"phone_number": "+79161234567", "first_name": "Ирина", "user_id": CLIENT}
        tell(update(2, "Это я с другого телефона"), update(3, None, contact=contact))
        first, second = all_of(system, Lead)
        assert (first.state, second.state) == (LeadState.QUALIFIED, LeadState.ATTACHED)
        assert {talk.deal_id for talk in all_of(system, Conversation)} == {one(system, Deal).id}
        assert {one.deal_id for one in all_of(system, Message)} == {one(system, Deal).id}

    def test_files_come_after_the_words(self, tell: Any, system: System, bot_api: BotApi) -> None:
        bot_api.stored["PDF1"] = b"%PDF-1.4\n%%EOF"
        paper = {"file_id": "PDF1", "file_name": "План.pdf", "mime_type": "application/pdf", "file_size": 14}
        tell(update(1, None, document=paper, caption="Вот план"))
        message, file = one(system, Message), one(system, StoredFile)
        assert (file.name, file.message_id, file.lead_id, file.content_type) == (
            "План.pdf", message.id, message.lead_id, "application/pdf",
        )  # fmt: skip
        assert (message.words, message.state, message.extra.get("waiting")) == ("Вот план", "", None)

    def test_a_file_that_cannot_be_had_is_named_with_the_reason(self, tell: Any, system: System) -> None:
        film = {"file_id": "FILM", "file_name": "Замер.mp4", "file_size": 30 * 1024 * 1024}
        tell(update(1, None, video=film))
        lost = one(system, Message).extra["lost"]
        assert [row["name"] for row in lost] == ["Замер.mp4"]
        assert "20 MB" in lost[0]["why"]
        assert one(system, Lead).is_live

    def test_groups_are_kept_with_a_reason_and_make_nothing(self, tell: Any, system: System) -> None:
        body = update(1)
        body["message"]["chat"] = {"id": -5, "type": "group", "title": "Двор"}
        tell(body)
        raw = one(system, RawBody)
        assert raw.state == RawState.READ
        assert "Двор" in raw.words
        assert all_of(system, Conversation) == all_of(system, Lead) == []

    def test_who_blocks_the_bot_is_said_on_the_card(self, tell: Any, system: System) -> None:
        tell(update(1))
        who = update(1)["message"]["from"]
        member = {"chat": {"id": CLIENT, "type": "private"}, "from": who, "date": 1, "new_chat_member": {"status": "kicked"}}
        tell({"update_id": 2, "my_chat_member": member})
        assert "blocked" in one(system, Conversation).trouble
        tell(update(3, "Я вернулся"))
        assert one(system, Conversation).trouble == ""


class TestTheSameAgain:
    def test_doubled_and_replayed_updates_change_nothing(self, tell: Any, system: System) -> None:
        first, second = update(1, "Раз"), update(2, "Два")
        tell(first, second, first, second)
        tell(second, first)
        assert [one.words for one in all_of(system, Message)] == ["Раз", "Два"]
        assert len(all_of(system, RawBody)) == 2
        assert len(all_of(system, Lead)) == 1

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


class TestSomebodyAnswers:
    @pytest.fixture
    def anna(self, tell: Any, login: Any, system: System) -> FlaskClient:
        """Anna, whose lead just wrote."""
        tell(update(1, "Сколько стоит окно?"))
        with system() as session:
            lead = session.execute(select(Lead)).scalar_one()
            lead.owner_id = session.execute(select(Person.id).where(Person.username == "anna")).scalar_one()
            lead.state = LeadState.TAKEN
        browser: FlaskClient = login("anna")
        return browser

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
        assert before != after

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


def hurry(system: System) -> None:
    """Let the time pass that deliveries wait for."""
    with system() as session:
        for delivery in session.execute(select(Delivery).where(Delivery.message_id.is_not(None))).scalars():
            delivery.next_try_at = utcnow() - dt.timedelta(seconds=1)
            delivery.lease_until = utcnow() - dt.timedelta(seconds=1) if delivery.lease_until else None


def deliver_all(system: System) -> None:
    """Ring for everything that has not ended, as the sweep does."""
    with system() as session:
        waits = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
        for key in session.execute(select(Delivery.id).where(waits).order_by(Delivery.id)).scalars():
            enqueue_after_commit("app.jobs.outbound.deliver", key)
        session.execute(select(func.now()))
