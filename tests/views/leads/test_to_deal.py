"""A lead on its way to a deal: of a new client, of a known one, of one that is hidden, of nobody yet."""

from __future__ import annotations

from sqlalchemy import select

from app.services import clients
from models.clients import Client
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead
from models.notices import Notice
from models.staff import Person


def test_a_lead_becomes_a_deal_with_a_new_client(login, lead_of, row, rows):
    key = lead_of("anna")
    anna = login("anna")
    assert "Два окна на кухню" in anna.get(f"/leads/{key}/qualify").text
    answer = anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": ""})
    (deal,) = rows(select(Deal))
    assert answer.headers["Location"] == f"/deals/{deal.number}"
    assert (deal.title, deal.source, row(Client, deal.client_id).name) == ("Окна", "", "Иван Ёлкин")
    assert anna.get(answer.headers["Location"]).status_code == 200
    again = anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": ""})
    assert again.status_code == 422
    assert str(deal.number) in again.text


def test_a_lead_becomes_a_deal_of_a_known_client(app, login, lead_of, rows):
    with app.app_context(), acting_as(SYSTEM) as session:
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        client = clients.create("Смирнова", phones=["89261230010"], owner=anna).id
        session.commit()
    key = lead_of("anna")
    browser = login("anna")
    assert "Смирнова" in browser.get(f"/leads/{key}/qualify").text
    browser.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": client})
    assert rows(select(Deal.client_id)) == [client]


def test_a_hidden_client_is_only_hinted_at_and_may_be_asked_for(app, login, lead_of, worker, rows):
    with app.app_context(), acting_as(SYSTEM) as session:
        oleg = session.execute(select(Person).where(Person.username == "oleg")).scalar_one()
        clients.create("Тайный клиент", phones=["89261230010"], owner=oleg)
        session.commit()
    key = lead_of("anna")
    anna = login("anna")
    page = anna.get(f"/leads/{key}").text
    assert "Тайный" not in page
    assert "Клиент уже есть, ведёт Олег Дёмин" in page
    assert "Тайный" not in anna.get(f"/leads/{key}/qualify").text
    assert anna.post(f"/leads/{key}/ask-access").status_code == 302
    (title,) = rows(select(Notice.title).where(Notice.event == "client.asked"))
    assert title == "Анна Белова просит доступ к клиенту Тайный клиент"
    assert anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": ""}).status_code == 302


def test_a_lead_that_is_nobody_yet_becomes_a_deal_when_somebody_is_named(login, lead_of, row):
    key = lead_of("anna", name="", phone="", words="окна в дачу, сколько стоит")
    anna = login("anna")
    assert "Имя клиента" in anna.get(f"/leads/{key}/qualify").text
    asked = anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": ""})
    assert asked.status_code == 422
    assert 'id="qualify-name-err"' in asked.text
    answer = anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": "", "name": "Семён Дачник"})
    assert answer.status_code == 302
    lead = row(Lead, key)
    assert (lead.name, lead.state) == ("Семён Дачник", "qualified")


def test_whatever_a_deal_cannot_be_made_for_is_said_in_the_dialog(login, lead_of):
    key = lead_of("anna")
    asked = login("anna").post(f"/leads/{key}/qualify", data={"title": "Окна", "client": "", "work_type": "нет такого"})
    assert asked.status_code == 422
    assert 'role="alert"' in asked.text
