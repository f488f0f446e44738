"""A client writes letters and is answered from the card: a real mailbox, a real mail server, a real scheduler and worker."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.channels import email
from app.channels.email import mailbox as line
from app.channels.inbound import Wait
from app.jobs import ears
from app.queue import queue_state
from app.sealed import opened, seal
from app.services import channels, leads
from models.channels import Channel
from models.clients import ContactPoint
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Conversation, Message, MessageState, RawBody, RawState
from models.notices import Delivery
from tests.channels.email.test_letters import bounce
from tests.deals import started, who
from tests.files.pictures import heic, jpeg
from tests.mailbox import PASSWORD, USER, Mailbox, letter, mailbox

System = Callable[[], Any]
PDF = b"%PDF-1.7 drawing"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found
    line.hang_up()


def mail_channel(session: Any, box: Mailbox, **settings: Any) -> Channel:
    """A channel of the mailbox; it sends by SMTP_URL."""
    known = {name: value for name, value in box.settings().items() if name not in ("password", "env")}
    channel = Channel(
        kind="email", name="Почта", token="hook-of-the-mailbox", source="email", settings=known | settings,
        secrets=seal({"password": PASSWORD}), cursor={},
    )  # fmt: skip
    session.add(channel)
    session.flush()
    return channel


@pytest.fixture
def channel(system: System, box: Mailbox, smtp: Any) -> int:
    """The channel, and where its mailbox stands is known already."""
    with system() as session:
        found = mail_channel(session, box).id
    asked(system, found)
    return found


def asked(system: System, channel_id: int) -> int:
    """One question of the ears, in this process; how many letters came."""
    with system() as session:
        found = session.get(Channel, channel_id)
        settings, cursor = opened(found), dict(found.cursor)
    pulled = email.pull(settings, cursor, Wait(0, threading.Event()))
    with system() as session:
        ears.keep(session, channel_id, pulled)
    return len(pulled.bodies)


@pytest.fixture
def post(system: System, box: Mailbox, channel: int, worker: Callable[[], None]) -> Callable[..., None]:
    """The post brings letters; the ears hear of them; the worker does what there is."""

    def bring(*letters: EmailMessage | bytes) -> None:
        for one in letters:
            box.put(one)
        asked(system, channel)
        worker()

    return bring


def all_of(system: System, kind: Any) -> list[Any]:
    with system() as session:
        rows = list(session.execute(select(kind).order_by(kind.id)).scalars())
        session.expunge_all()
        return rows


def one(system: System, kind: Any) -> Any:
    (row,) = all_of(system, kind)
    return row


def say(browser: Any, place: str, words: str, **more: Any) -> Any:
    body = {"words": words, **more}
    return browser.post(
        f"/conversations/{place}/say", data=body, content_type="multipart/form-data", headers={"HX-Request": "true"}
    )


def answer(sent: EmailMessage, words: str, **headers: str) -> EmailMessage:
    """The client answers a letter of ours, as mail programs do."""
    usual = {
        "Subject": f"Re: {sent['Subject']}", "In_Reply_To": sent["Message-ID"],
        "References": f"{sent.get('References', '')} {sent['Message-ID']}".strip(),
    }  # fmt: skip
    quoted = f"{words}\n\nпт, 14 окт. 2026 г. в 16:20, Парус <{USER}>:\n> Добрый день!\n"
    return letter(quoted, **(usual | headers))


class TestALetterComes:
    def test_it_is_a_lead_with_its_words_and_files(self, post: Any, system: System, login: Any) -> None:
        made = letter("Нужен балкон, план во вложении.")
        made.add_attachment(PDF, maintype="application", subtype="pdf", filename="План.pdf")
        made.add_attachment(heic(), maintype="image", subtype="heic", filename="IMG_7.HEIC")
        post(made)
        lead = one(system, Lead)
        assert (lead.name, lead.email, lead.words, lead.source) == (
            "Ирина Соколова", "irina@client.test", "Нужен балкон, план во вложении.", "email",
        )  # fmt: skip
        message, talk = one(system, Message), one(system, Conversation)
        assert (message.lead_id, message.subject, message.conversation_id) == (lead.id, "Балкон", talk.id)
        pdf, photo = all_of(system, StoredFile)
        assert (pdf.name, pdf.message_id, pdf.lead_id) == ("План.pdf", message.id, lead.id)
        assert (photo.content_type, photo.preview) == ("image/heic", "ready")
        with login("marina").get(f"/files/{pdf.id}") as given:
            assert given.data == PDF
        assert login("stranger").get(f"/files/{pdf.id}").status_code == 404

    def test_the_same_letter_twice_is_one_lead(self, post: Any, system: System, box: Mailbox) -> None:
        made = letter()
        post(made)
        box.anew()
        line.hang_up()
        post()
        post()
        assert len(all_of(system, Lead)) == 1
        assert len(all_of(system, RawBody)) == 1

    def test_a_copy_by_another_way_is_said_to_be_here(self, post: Any, system: System) -> None:
        made, copy = letter(Message_ID="<1@client.test>"), letter(Message_ID="<1@client.test>", Date="")
        copy["Received"] = "from elsewhere; Fri, 14 Oct 2026 10:00:00 +0000"
        post(made, copy)
        assert len(all_of(system, Lead)) == 1
        assert len(all_of(system, Message)) == 1

    def test_automatic_letters_are_kept_for_reading_and_make_nothing(self, post: Any, system: System) -> None:
        post(letter(Auto_Submitted="auto-replied"), letter(List_Id="<a.b>"), letter(From=USER))
        rows = all_of(system, RawBody)
        assert [row.state for row in rows] == [RawState.READ] * 3
        assert all("no request is made of it" in row.words for row in rows)
        assert all_of(system, Lead) == []

    def test_a_letter_about_an_open_deal_goes_to_its_feed(self, post: Any, system: System) -> None:
        with system() as session:
            deal = started(session)
            session.add(ContactPoint(client_id=deal.client_id, kind="email", value="irina@client.test"))
            key = deal.id
        post(letter("И ещё вопрос про подоконник", Subject="Подоконник"))
        assert [row.deal_id for row in all_of(system, Message) if row.deal_id] == [key]

    def test_a_file_that_cannot_be_kept_is_named(self, post: Any, system: System, configure: Any) -> None:
        configure(MAX_FILE=100_000)
        made = letter()
        made.add_attachment(b"x" * 200_000, maintype="application", subtype="octet-stream", filename="big.bin")
        post(made)
        message = one(system, Message)
        assert [lost["name"] for lost in message.extra["lost"]] == ["big.bin"]
        assert all_of(system, StoredFile) == []
        assert one(system, RawBody).size > 200_000


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


class hangs_up_after_data:  # noqa: N801
    """A mail server that takes the whole letter and is gone before it says yes."""

    def __enter__(self) -> int:
        self.door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return int(self.door.getsockname()[1])

    def __exit__(self, *_error: object) -> None:
        self.door.close()

    def serve(self) -> None:
        line, _address = self.door.accept()
        with line, line.makefile("rwb") as talk:
            talk.write(b"220 x\r\n")
            talk.flush()
            for said in talk:
                if said.upper().startswith(b"DATA"):
                    talk.write(b"354 go\r\n")
                    talk.flush()
                    while talk.readline() != b".\r\n":
                        pass
                    return
                talk.write(b"250 x\r\n")
                talk.flush()


# ── a scheduler and a worker of their own ────────────────────────────────────


@pytest.fixture
def crew(app: Flask, smtp: Any, here: Path) -> Iterator[None]:
    """A scheduler and a worker as the supervisor starts them."""
    config = app.config["CRM"]
    environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
    processes = [
        subprocess.Popen(
            (sys.executable, "-m", "flask", "--app", "app", "crm", name), cwd=here, env=environ, process_group=0
        )
        for name in ("worker", "scheduler")
    ]
    yield
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with app.app_context():
        queue_state().redis.flushdb()


def until(done: Callable[[], Any], seconds: float, words: str) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        assert time.monotonic() < deadline, words
        time.sleep(0.2)


@pytest.mark.slow
def test_from_the_mailbox_to_the_lead_to_the_answer_and_back(
    system: System, box: Mailbox, smtp: Any, crew: None, login: Any
) -> None:
    with system() as session:
        key = mail_channel(session, box).id

    def is_heard() -> bool:
        with system() as session:
            return "uid" in session.get(Channel, key).cursor

    until(is_heard, 60, "the scheduler does not listen")
    made = letter("Нужны два окна, фото во вложении.")
    made.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="Окно.jpg")
    box.put(made)
    since = time.monotonic()
    (lead,) = until(lambda: all_of(system, Lead), 30, "no lead within 30 s")
    assert time.monotonic() - since < 30
    until(lambda: [row for row in all_of(system, StoredFile) if row.preview == "ready"], 30, "the photo is not drawn")
    marina = login("marina")
    page = marina.get(f"/leads/{lead.id}")
    assert "Нужны два окна" in page.text
    until(lambda: marina.post(f"/leads/{lead.id}/take").status_code in {200, 302}, 5, "not taken")
    talk = one(system, Conversation)
    assert say(marina, f"leads/{lead.id}", "Два окна: 98 000 ₽.", way=f"c{talk.id}").status_code == 200
    (sent,) = until(lambda: smtp.to("irina@client.test"), 30, "the answer does not leave")
    box.put(answer(sent, "Хорошо, жду замер."))

    def is_back() -> bool:
        return any(row.words == "Хорошо, жду замер." and row.lead_id == lead.id for row in all_of(system, Message))

    until(is_back, 30, "the reply does not land")
    assert len(all_of(system, Lead)) == 1
    assert len(smtp.to("irina@client.test")) == 1


class TestTheChannel:
    def test_saved_on_its_screen_it_knows_where_to_begin(
        self, system: System, box: Mailbox, worker: Callable[[], None], smtp: Any
    ) -> None:
        said = {name: value for name, value in box.settings().items() if name != "env"}
        with system() as session:
            made = channels.create("email", "Почта", {"settings": said})
            key = made.id
            assert PASSWORD not in str(made.settings) + made.secrets
        box.put(letter("до"))
        worker()
        with system() as session:
            found = session.get(Channel, key)
            assert found.cursor["state"]["next"] > 1
            assert found.trouble == ""
            channels.ask_check(found)
        worker()
        with system() as session:
            assert session.get(Channel, key).cursor["state"]["sends"] is True
            channels.change(session.get(Channel, key), {"settings": {"password": "не тот"}})
        worker()
        with system() as session:
            assert "refused the name or the password" in session.get(Channel, key).trouble

    def test_asked_twice_after_a_crash_it_keeps_each_letter_once(
        self, system: System, box: Mailbox, channel: int, worker: Callable[[], None]
    ) -> None:
        box.put(letter("один"))
        with system() as session:
            before = dict(session.get(Channel, channel).cursor)
        assert asked(system, channel) == 1
        with system() as session:
            session.get(Channel, channel).cursor = before
        assert asked(system, channel) == 1
        worker()
        assert len(all_of(system, RawBody)) == 1
        assert len(all_of(system, Lead)) == 1


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
