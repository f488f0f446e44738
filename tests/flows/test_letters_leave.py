"""A client is answered by e-mail from the card: a real mail server; at most once, in the thread, and the reply lands."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.services import leads
from models.channels import Channel
from models.clients import ContactPoint
from models.ground.base import utcnow
from models.leads import Lead
from models.messages import Conversation, Message, MessageState
from models.notices import Delivery
from tests.channels.email.reading import bounce
from tests.deals import started, who
from tests.letters import PDF, answer, hangs_up_after_data, say
from tests.mailbox import USER, Mailbox, letter
from tests.talks import System, all_of, one


class TestAnAnswer:
    @pytest.fixture
    def lead(self, post: Any, system: System) -> Lead:
        post(letter("Сколько стоит балкон?", Message_ID="<first@client.test>"))
        with system() as session:
            found = session.execute(select(Lead)).scalar_one()
            found.owner_id = who(session, "anna").id
            who(session, "anna").post = "Менеджер"
        return one(system, Lead)

    def way(self, system: System) -> str:
        return f"c{all_of(system, Conversation)[0].id}"

    def test_it_leaves_in_the_clients_thread_signed_and_with_files(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any
    ) -> None:
        anna = login("anna")
        files = {"file": (io.BytesIO(PDF), "КП № 1042-1.pdf")}
        assert (
            say(
                anna, f"leads/{lead.id}", "Добрый день!\n\nБалкон 184 500 ₽.", way=self.way(system), **files
            ).status_code
            == 200
        )
        worker()
        (sent,) = smtp.to("irina@client.test")
        assert sent["From"] == f"Анна Белова <{USER}>"
        assert sent["Subject"] == "Re: Балкон"
        assert sent["In-Reply-To"] == "<first@client.test>"
        assert "<first@client.test>" in sent["References"]
        assert sent["Auto-Submitted"] is None
        body = sent.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert "Балкон 184 500 ₽." in body
        assert "Анна Белова\nМенеджер" in body
        (file,) = sent.iter_attachments()
        assert (file.get_filename(), file.get_content()) == ("КП № 1042-1.pdf", PDF)
        message = all_of(system, Message)[-1]
        assert (message.state, message.external_id) == (MessageState.SENT, sent["Message-ID"])
        assert one(system, Lead).answered_at is not None

    def test_the_clients_reply_lands_in_the_same_feed(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any, post: Any
    ) -> None:
        say(login("anna"), f"leads/{lead.id}", "Добрый день!", way=self.way(system))
        worker()
        post(answer(smtp.to("irina@client.test")[0], "Да, берём."))
        assert len(all_of(system, Lead)) == 1
        last = all_of(system, Message)[-1]
        assert (last.words, last.lead_id, last.kind) == ("Да, берём.", lead.id, "incoming")
        assert "Добрый день" in last.extra["quoted"]

    def test_a_reply_by_a_program_that_loses_threads_finds_the_deal_by_its_number(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any, post: Any
    ) -> None:
        with system() as session:
            deal = leads.qualify(session.get(Lead, lead.id))
            number, key = deal.number, deal.id
        say(login("anna"), f"deals/{number}", "Смета готова", way=self.way(system))
        worker()
        sent = smtp.to("irina@client.test")[-1]
        assert f"[№ {number}]" in sent["Subject"]
        post(letter("Согласна", Subject=sent["Subject"]))
        assert all_of(system, Message)[-1].deal_id == key
        assert len(all_of(system, Conversation)) == 1

    def test_a_stranger_who_writes_the_number_does_not_get_into_the_deal(
        self, lead: Lead, system: System, post: Any
    ) -> None:
        with system() as session:
            number = leads.qualify(session.get(Lead, lead.id)).number
        post(letter("Пустите", Subject=f"Re: [№ {number}]", From="evil@x.test"))
        assert [row.deal_id for row in all_of(system, Message)][-1] is None
        assert len(all_of(system, Lead)) == 2

    def test_the_first_letter_may_be_ours(self, system: System, login: Any, smtp: Any, worker: Any, post: Any) -> None:
        with system() as session:
            deal = started(session)
            session.add(ContactPoint(client_id=deal.client_id, kind="email", value="irina@client.test"))
            number, key = deal.number, deal.id
        anna = login("anna")
        (way,) = re.findall(r'value="(n\d+)"', anna.get(f"/conversations/deals/{number}/box").text)[:1]
        assert say(anna, f"deals/{number}", "Здравствуйте!", way=way, subject="Замер в пятницу").status_code == 200
        worker()
        (sent,) = smtp.to("irina@client.test")
        assert sent["Subject"] == f"Замер в пятницу [№ {number}]"
        assert sent["In-Reply-To"] is None
        post(answer(sent, "Жду", References=""))
        assert all_of(system, Message)[-1].deal_id == key
        assert all_of(system, Lead) == []

    def test_a_letter_that_came_back_marks_the_message(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any, post: Any
    ) -> None:
        say(login("anna"), f"leads/{lead.id}", "Добрый день!", way=self.way(system))
        worker()
        post(bounce(message_id=smtp.to("irina@client.test")[0]["Message-ID"]))
        message = all_of(system, Message)[-1]
        assert message.state == MessageState.FAILED
        assert "No such user" in message.answer
        assert one(system, Conversation).trouble
        assert len(all_of(system, Lead)) == 1

    def test_a_retry_after_a_refusal_is_the_same_letter_once(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any
    ) -> None:
        smtp.refuses = "451 later"
        say(login("anna"), f"leads/{lead.id}", "Добрый день!", way=self.way(system))
        worker()
        assert all_of(system, Message)[-1].state == MessageState.PENDING
        smtp.refuses = ""
        with system() as session:
            delivery = session.execute(select(Delivery).order_by(Delivery.id.desc()).limit(1)).scalar_one()
            delivery.next_try_at = utcnow()
            from app.queue import enqueue_after_commit

            enqueue_after_commit("app.jobs.outbound.deliver", delivery.id)
        worker()
        worker()
        assert len(smtp.to("irina@client.test")) == 1

    def test_a_line_that_breaks_after_the_letter_leaves_it_in_doubt_and_it_does_not_go_again(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any, configure: Any
    ) -> None:
        with hangs_up_after_data() as port:
            configure(SMTP_URL=f"smtp://127.0.0.1:{port}")
            say(login("anna"), f"leads/{lead.id}", "Добрый день!", way=self.way(system))
            worker()
        configure(SMTP_URL="smtp://127.0.0.1:9")
        worker()
        message = all_of(system, Message)[-1]
        assert message.state == MessageState.IN_DOUBT
        assert message.external_id, "an answer to it would find home"

    def test_demo_data_write_only_to_whom_they_may(
        self, lead: Lead, system: System, login: Any, smtp: Any, worker: Any, monkeypatch: Any
    ) -> None:
        from app.services.conversations import sending

        monkeypatch.setattr(sending, "setting", lambda _name: True)
        say(login("anna"), f"leads/{lead.id}", "Добрый день!", way=self.way(system))
        worker()
        assert smtp.to("irina@client.test") == []
        assert all_of(system, Message)[-1].state == MessageState.HELD


def test_a_copy_is_kept_in_the_mailbox_where_it_is_asked_for(
    system: System, box: Mailbox, post: Any, login: Any, smtp: Any, worker: Any, channel: int
) -> None:
    program = box.line()
    program.create("Sent")
    program.logout()
    post(letter())
    lead, talk = one(system, Lead), one(system, Conversation)
    marina = login("marina")
    marina.post(f"/leads/{lead.id}/take")
    for folder, words in (("Sent", "с копией"), ("Нет такой", "без копии")):
        with system() as session:
            found = session.get(Channel, channel)
            found.settings = {**found.settings, "sent": folder}
        say(marina, f"leads/{lead.id}", words, way=f"c{talk.id}")
        worker()
    assert len(smtp.to("irina@client.test")) == 2
    (flags,) = box.flags("Sent")
    assert "Seen" in flags


def test_a_signature_of_ones_own_ends_the_letters(
    system: System, post: Any, login: Any, smtp: Any, worker: Any
) -> None:
    marina = login("marina")
    typed = {"language": "ru", "zone": "Europe/Moscow", "theme": "auto", "phone": "", "signature": "Ваша Марина 💙"}
    assert marina.post("/me/", data=typed).status_code == 302
    assert "Ваша Марина" in marina.get("/me/").text
    assert marina.post("/me/", data=typed | {"signature": "x" * 1001}).status_code == 422
    post(letter())
    lead, talk = one(system, Lead), one(system, Conversation)
    marina.post(f"/leads/{lead.id}/take")
    say(marina, f"leads/{lead.id}", "Добрый день!", way=f"c{talk.id}")
    worker()
    (sent,) = smtp.to("irina@client.test")
    for kind in ("plain", "html"):
        assert "Ваша Марина 💙" in sent.get_body((kind,)).get_content()
