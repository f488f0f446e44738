"""A letter from an address that the client does not have gets into the thread: it is seen, and nobody answers it unawares."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.services import leads
from models.clients import ContactPoint
from models.leads import Lead
from models.messages import Conversation, Message
from models.staff import RoleReach
from tests.deals import who
from tests.letters import answer, say
from tests.mailbox import letter
from tests.talks import System, all_of, one

STRANGER = "evil@x.test"


@pytest.fixture
def place(post: Any, system: System, login: Any, smtp: Any, worker: Any) -> str:
    """Anna's deal with Ирина, who was answered once."""
    post(letter("Сколько стоит балкон?", Message_ID="<first@client.test>"))
    with system() as session:
        lead = session.execute(select(Lead)).scalar_one()
        lead.owner_id = who(session, "anna").id
        number = leads.qualify(lead).number
    assert say(login("anna"), f"deals/{number}", "Добрый день!", way=f"c{one(system, Conversation).id}").status_code == 200
    worker()
    return f"deals/{number}"


@pytest.fixture
def sent(place: str, smtp: Any) -> Any:
    (found,) = smtp.to("irina@client.test")
    return found


def test_the_answer_still_goes_to_the_client(
    place: str, sent: Any, post: Any, system: System, login: Any, smtp: Any, worker: Any
) -> None:
    post(answer(sent, "Пришлите смету мне", From=f"Ирина Соколова <{STRANGER}>"))
    known, stranger = all_of(system, Conversation)
    assert (known.handle, stranger.handle, stranger.deal_id) == ("irina@client.test", STRANGER, known.deal_id)
    assert all_of(system, Message)[-1].deal_id == known.deal_id
    anna = login("anna")
    box = anna.get(f"/conversations/{place}/box").text
    assert f'value="c{known.id}"' in box.split(" selected")[0]
    assert box.index(f'value="c{known.id}"') < box.index(f'value="c{stranger.id}"')
    say(anna, place, "Смета готова", way=f"c{known.id}")
    worker()
    assert len(smtp.to("irina@client.test")) == 2
    assert smtp.to(STRANGER) == []


def test_the_feed_and_the_box_name_the_address(place: str, sent: Any, post: Any, system: System, login: Any) -> None:
    post(answer(sent, "Пришлите смету мне", From=f"Ирина Соколова <{STRANGER}>"))
    anna = login("anna")
    feed = anna.get(f"/{place}/feed").text
    assert feed.count("С адреса, которого у клиента не было") == 1
    assert STRANGER in feed
    box = anna.get(f"/conversations/{place}/box").text
    assert box.count(f"Ответ уйдёт на {STRANGER}") == 1
    assert "data-stranger hidden" in box, "the way that is chosen is the client's own"


def test_whoever_chooses_the_stranger_writes_to_them(
    place: str, sent: Any, post: Any, system: System, login: Any, smtp: Any, worker: Any
) -> None:
    post(answer(sent, "Это муж Ирины, пишу со своей почты", From=f"Пётр <{STRANGER}>"))
    assert say(login("anna"), place, "Добрый день, Пётр!", way=f"c{all_of(system, Conversation)[-1].id}").status_code == 200
    worker()
    (letter_to_him,) = smtp.to(STRANGER)
    post(answer(letter_to_him, "Спасибо", From=f"Пётр <{STRANGER}>"))
    assert all_of(system, Message)[-1].conversation_id == all_of(system, Conversation)[-1].id
    assert len(all_of(system, Conversation)) == 2


def test_another_address_that_the_client_has_goes_on_in_the_thread(
    place: str, sent: Any, post: Any, system: System, login: Any
) -> None:
    with system() as session:
        client_id = session.execute(select(Conversation.client_id)).scalar_one()
        session.add(ContactPoint(client_id=client_id, kind="email", value="irina@work.test"))
    post(answer(sent, "Пишу с работы", From="Ирина <irina@work.test>"))
    assert one(system, Conversation).handle == "irina@work.test"
    assert "которого у клиента не было" not in login("anna").get(f"/{place}/feed").text


def test_a_stranger_in_a_thread_whose_deal_is_closed_is_a_request_of_their_own(
    place: str, sent: Any, post: Any, system: System
) -> None:
    with system() as session:
        talk = session.execute(select(Conversation)).scalar_one()
        talk.deal.closed_at = talk.last_at
        session.add(ContactPoint(client_id=talk.client_id, kind="phone", value="+79161234567"))
    post(answer(sent, "Пришлите договор мне", From=f"Ирина <{STRANGER}>"))
    lead = all_of(system, Lead)[-1]
    assert (lead.email, lead.phone, lead.client_id) == (STRANGER, "", None)


def test_whoever_may_not_see_addresses_is_warned_without_one(
    place: str, sent: Any, post: Any, system: System, login: Any
) -> None:
    post(answer(sent, "Пришлите смету мне", From=f"Ирина Соколова <{STRANGER}>"))
    with system() as session:
        reach = session.execute(select(RoleReach).where(RoleReach.code == "manager")).scalar_one()
        reach.hidden = [*reach.hidden, "client.email"]
    anna = login("anna")
    for page in (f"/{place}/feed", f"/conversations/{place}/box"):
        text = anna.get(page).text
        assert STRANGER not in text
        assert "у клиента н" in text
