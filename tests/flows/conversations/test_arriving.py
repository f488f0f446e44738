"""A client writes to the bot: a request, its feed, files, a phone, a block; through HTTP and a real worker."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.services import leads
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.leads import Lead, LeadState
from models.messages import Conversation, Message, RawBody, RawState
from models.notices import Notice
from tests.bot_api import CHAT, CLIENT, BotApi, update
from tests.talks import System, all_of, one


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
