"""A letter comes: a real mailbox, the ears, a worker; it is a lead with its files, a line of a feed, or set aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.channels.email import line
from app.services import channels
from models.channels import Channel
from models.clients import ContactPoint
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Conversation, Message, RawBody, RawState
from tests.deals import started
from tests.files.pictures import heic
from tests.letters import PDF, asked
from tests.mailbox import PASSWORD, USER, Mailbox, letter
from tests.talks import System, all_of, one


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

    def test_a_letter_whose_names_no_database_can_keep_is_a_lead(self, post: Any, system: System) -> None:
        made = letter("Нужно окно", In_Reply_To="<before@client.test>").as_bytes()
        post(made.replace(b"<before@", b"<be\x00fore@"))
        assert one(system, Lead).words == "Нужно окно"

    def test_one_name_on_the_letters_of_two_people_makes_two_leads(self, post: Any, system: System) -> None:
        post(letter("Нужно окно", Message_ID="<form@site.test>"))
        post(letter("Нужна дверь", Message_ID="<form@site.test>", From="Пётр <petr@other.test>"))
        assert [(row.email, row.words) for row in all_of(system, Lead)] == [
            ("irina@client.test", "Нужно окно"), ("petr@other.test", "Нужна дверь"),
        ]  # fmt: skip

    def test_other_words_under_the_same_name_are_added_and_replace_nothing(self, post: Any, system: System) -> None:
        post(letter("Нужно окно", Message_ID="<form@site.test>"))
        post(letter("И ещё дверь", Message_ID="<form@site.test>"))
        assert one(system, Lead).words == "Нужно окно"
        assert [row.words for row in all_of(system, Message)] == ["Нужно окно", "И ещё дверь"]

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
