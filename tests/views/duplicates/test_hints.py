"""What is hinted at while somebody types a contact, and what the hint leads to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import clients, deals, leads
from models.clients import Client
from models.deals import Deal
from models.leads import Lead, LeadClass, LeadState
from models.messages import Message
from models.notices import Notice
from tests.bad import TEXTS
from tests.scene import person

PHONE = "8 926 123-00-10"


@pytest.fixture
def known(system: Any) -> Any:
    """A client of somebody's, with an open deal: the keys of both."""

    def made(username: str = "anna", name: str = "Смирнова Ольга") -> tuple[int, int]:
        with system() as session:
            owner = person(session, username)
            client = clients.create(name, phones=[PHONE], owner=owner)
            return client.id, deals.start(client, {"title": "Балкон"}, owner=owner).id

    return made


def last(system: Any) -> dict[str, Any]:
    with system() as session:
        lead = session.execute(select(Lead).order_by(Lead.id.desc())).scalars().first()
        names = ("klass", "state", "client_id", "deal_id", "duplicate_of_id", "id")
        return {name: getattr(lead, name) for name in names}


@pytest.mark.parametrize("typed", [{"line": f"Ольга {PHONE} балкон"}, {"phone": "+79261230010"}, {"phone": "9261230010"}])
def test_a_lead_is_hinted_at_the_client_and_the_deal(login, known, typed):
    client, deal = known()
    page = login("anna").get("/leads/known", query_string=typed).text
    assert "Смирнова Ольга" in page
    for value in (f"client:{client}", f"deal:{deal}", "apart"):
        assert f'value="{value}"' in page


def test_the_request_goes_where_it_was_put(system, login, known):
    client, deal = known()
    anna = login("anna")
    form = {"name": "Ольга", "phone": PHONE, "words": "Когда замер?"}
    assert anna.post("/leads/add", data=form | {"belongs": f"deal:{deal}"}).status_code == 302
    found = last(system)
    assert (found["state"], found["deal_id"]) == (LeadState.ATTACHED, deal)
    with system() as session:
        assert "Когда замер?" in session.execute(select(Message.words).where(Message.deal_id == deal)).scalars().all()
    anna.post("/leads/add", data=form | {"belongs": f"client:{client}"})
    found = last(system)
    assert (found["klass"], found["state"], found["client_id"]) == (LeadClass.NEW, LeadState.TAKEN, client)
    anna.post("/leads/add", data=form | {"belongs": f"lead:{found['id']}", "words": "И ещё дверь"})
    assert (last(system)["state"], last(system)["duplicate_of_id"]) == (LeadState.ATTACHED, found["id"])
    anna.post("/leads/add", data=form | {"belongs": "apart"})
    assert (last(system)["klass"], last(system)["state"]) == (LeadClass.NEW, LeadState.TAKEN)
    anna.post("/leads/add", data=form)
    assert (last(system)["klass"], last(system)["state"]) == (LeadClass.DUPLICATE, LeadState.TAKEN)


@pytest.mark.parametrize("belongs", ["deal:1", "client:1", "lead:99", "deal:x", "deal:" + "9" * 40, "person:1", "\x00", "💥"])
def test_what_one_may_not_see_is_chosen_by_nobody(system, login, known, belongs):
    known("oleg")
    form = {"name": "Ольга", "phone": PHONE, "words": "Когда замер?", "belongs": belongs}
    assert login("anna").post("/leads/add", data=form).status_code in {302, 404, 422}
    with system() as session:
        assert session.execute(select(Lead.deal_id).where(Lead.deal_id.is_not(None))).first() is None


def test_a_hidden_client_shows_only_who_has_him_and_may_be_asked_for(system, login, known):
    known("oleg")
    anna = login("anna")
    for address, typed in (("/leads/known", {"phone": PHONE}), ("/clients/known", {"phones": PHONE})):
        page = anna.get(address, query_string=typed).text
        assert "Олег Дёмин" in page
        assert "Смирнова" not in page
        assert "Балкон" not in page
    assert anna.post("/leads/known/ask", data={"phone": PHONE}).status_code == 200
    assert anna.post("/clients/known/ask", data={"phones": PHONE}).status_code == 200
    with system() as session:
        (notice,) = session.execute(select(Notice).where(Notice.event == "client.asked")).scalars()
        assert (notice.person_id, "Анна" in notice.title) == (person(session, "oleg").id, True)
    assert anna.post("/clients/add", data={"kind": "person", "name": "Ольга", "phones": PHONE}).status_code == 302


def test_contacts_are_added_to_the_one_who_is_there(system, login, known):
    client, _deal = known()
    anna = login("anna")
    assert f"/clients/{client}/complete" in anna.get("/clients/known", query_string={"phones": PHONE}).text
    form = {"phones": f"{PHONE}\n8 903 111-22-33", "emails": "olga@b.test"}
    assert anna.post(f"/clients/{client}/complete", data=form).headers["Location"] == f"/clients/{client}"
    with system() as session:
        values = {point.value for point in session.get(Client, client).contacts}
        assert values == {"+79261230010", "+79031112233", "olga@b.test"}
    assert login("oleg").post(f"/clients/{client}/complete", data=form).status_code == 404


def test_the_dialog_of_a_deal_tells_who_has_the_client(system, login, known):
    known("oleg")
    with system() as session:
        lead = leads.receive(Inbound(name="Ольга", phone="8 903 111-22-33", words="Окна"))
        lead.owner_id = person(session, "anna").id
        lead.phone = "+79261230010"
        key = lead.id
    page = login("anna").get(f"/leads/{key}/qualify", headers={"HX-Request": "true"}).text
    assert "Олег Дёмин" in page
    assert "/leads/known/ask" in page


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_may_be_typed(login, text):
    anna = login("anna")
    for address, name in (("/leads/known", "line"), ("/leads/known", "phone"), ("/clients/known", "phones"), ("/clients/known", "inn")):
        assert anna.get(address, query_string={name: text}).status_code in {200, 422}


def test_lists_are_filtered_by_partner(system, login):
    with system() as session:
        anna = person(session, "anna")
        studio = clients.create("Студия", owner=anna, values={"kind": "partner", "promo": "LINIA"}).id
        lead = leads.receive(Inbound(name="От студии", phone=PHONE, words="Промокод LINIA", source="site"))
        other = leads.receive(Inbound(name="Сам пришёл", phone="8 903 111-22-33", words="Окна"))
        for one in (lead, other):
            one.owner_id = anna.id
        leads.qualify(leads.receive(Inbound(name="Сделка студии", phone="8 903 111-22-44", words="LINIA, кухня")), owner=anna)
        session.flush()
        assert session.execute(select(Deal.partner_id)).scalar_one() == studio
        key, number = lead.id, session.execute(select(Deal.number)).scalar_one()
    browser = login("anna")
    page = browser.get("/leads/list/", query_string={"tab": "week", "_flt_0_partner": studio}).text
    assert ("От студии" in page, "Сам пришёл" in page) == (True, False)
    assert str(number) in browser.get("/deals/list/", query_string={"_flt_0_partner": studio}).text
    assert "Студия" in browser.get(f"/leads/{key}").text
    assert "Студия" in browser.get(f"/deals/{number}").text
    assert "1" in browser.get(f"/clients/{studio}").text
