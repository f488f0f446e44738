"""The screens of clients: list, card, form; hidden clients stay hidden."""

from __future__ import annotations

import datetime as dt
import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.services import clients, deals, documents
from models.clients import Client
from models.ground.actor import SYSTEM, acting_as
from models.staff import Person
from models.tasks import Task
from tests.deals import agreed, paid, who

DAY, HOUR = dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.timedelta(hours=1)


@pytest.fixture
def client_of(app: Any) -> Any:
    """Make a client of somebody: the key."""

    def make(username: str, name: str = "Семён Ёлкин", **contacts: Any) -> int:
        said = {"phones": ["8 926 123-00-10"], "emails": ["semen@example.ru"]} | contacts
        with app.app_context(), acting_as(SYSTEM) as session:
            owner = session.execute(select(Person).where(Person.username == username)).scalar_one()
            key = clients.create(name, owner=owner, **said).id
            session.commit()
            return key

    return make


def look(app: Any, key: int) -> tuple[Any, ...]:
    with app.app_context(), acting_as(SYSTEM) as session:
        client = session.get(Client, key)
        return client.name, [point.value for point in client.contacts], client.version


@pytest.mark.parametrize("text", ["семен", "Ёлкин", "елк", "00-10", "semen@", "+7 926 123 00 10"])
def test_search_finds_whatever_is_typed(login, client_of, text):
    client_of("anna")
    assert "Семён Ёлкин" in login("anna").get("/clients/list/", query_string={"q": text}).text


def test_ones_own_are_listed_and_others_are_not(login, client_of):
    client_of("anna", "Анин")
    key = client_of("oleg", "Олегов")
    anna = login("anna")
    page = anna.get("/clients/list/").text
    assert ("Анин" in page, "Олегов" in page) == (True, False)
    assert anna.get(f"/clients/{key}").status_code == 404
    assert anna.get(f"/clients/edit/{key}").status_code == 404
    assert "Олегов" in login("marina").get("/clients/list/").text


def test_one_is_added_with_contacts_in_one_form(app, login):
    anna = login("anna")
    form = {"kind": "company", "name": "ООО «Ромашка»", "inn": "7707083893", "kpp": "770701001"}
    form |= {"phones": "8 (495) 123-45-67\n+7 916 123 45 67", "emails": " Zakaz@Romashka.example "}
    answer = anna.post("/clients/add", data=form)
    assert answer.status_code == 302
    key = int(answer.headers["Location"].rsplit("/", 1)[1])
    assert look(app, key)[:2] == ("ООО «Ромашка»", ["+74951234567", "+79161234567", "zakaz@romashka.example"])
    assert anna.get(f"/clients/{key}").status_code == 200


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "обязательно"),
        ("phones", "позвоните мне", "не телефон"),
        ("emails", "не почта", "не адрес почты"),
        ("inn", "7707083894", "контрольные цифры"),
        ("kpp", "12", "девять знаков"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(login, field, typed, words):
    answer = login("anna").post("/clients/add", data={"kind": "person", "name": "Иван", field: typed})
    assert answer.status_code == 422
    assert words in answer.text or field == "name"
    assert typed in answer.text


def test_contacts_are_corrected_and_a_stale_save_shows_both(app, login, client_of):
    key = client_of("anna")
    anna = login("anna")
    version = look(app, key)[2]
    form = {"kind": "person", "name": "Семён", "phones": "89261230099", "emails": "", "version": version}
    assert anna.post(f"/clients/edit/{key}", data=form).status_code == 302
    assert look(app, key)[:2] == ("Семён", ["+79261230099"])
    stale = anna.post(f"/clients/edit/{key}", data=form | {"name": "Другой"})
    assert stale.status_code == 409
    assert "Другой" in stale.text


def test_a_known_phone_is_hinted_at_and_nothing_is_refused(app, login, client_of):
    client_of("oleg", "Тайный")
    anna = login("anna")
    hint = anna.get("/clients/known?phones=8(926)123-00-10").text
    assert "Клиент уже есть, ведёт Олег Дёмин" in hint
    assert "Тайный" not in hint
    form = {"kind": "person", "name": "Иван", "phones": "89261230010", "emails": ""}
    assert anna.post("/clients/add", data=form).status_code == 302


def test_who_may_not_see_phones_sees_none_and_loses_none(app, login, client_of):
    key = client_of("anna")
    with app.app_context(), acting_as(SYSTEM) as session:
        deal = deals.start(session.get(Client, key))
        pavel = session.execute(select(Person.id).where(Person.username == "pavel")).scalar_one()
        session.add(Task(title="Замер", deal_id=deal.id, assignee_id=pavel))
        session.commit()
    browser = login("pavel")
    for page in ("/clients/list/", f"/clients/{key}"):
        answer = browser.get(page)
        assert answer.status_code == 200
        assert "Семён" in answer.text
        assert "123" not in answer.text.replace("\u00a0", "").split("<main")[1].split("</main")[0]
        assert "semen@" not in answer.text
    assert "Семён" not in browser.get("/clients/list/?q=0010").text.split("<tbody")[-1].split("</tbody")[0]
    assert browser.get(f"/clients/edit/{key}").status_code == 403


def test_giving_a_client_away_leads_to_the_list(login, client_of, app):
    key = client_of("anna")
    with app.app_context(), acting_as(SYSTEM) as session:
        oleg = session.execute(select(Person.id).where(Person.username == "oleg")).scalar_one()
    anna, marina = login("anna"), login("marina")
    # A manager has nobody to give a client to, and is told whom to ask.
    assert "Вам некому передать" in anna.get(f"/clients/{key}/assign").text
    refused = anna.post(f"/clients/{key}/assign", data={"owner": oleg})
    assert "Попросите руководителя отдела" in refused.text
    answer = marina.post(f"/clients/{key}/assign", data={"owner": oleg})
    assert answer.status_code == 302
    assert login("oleg").get(f"/clients/{key}").status_code == 200
    undo = re.search(r'action="([^"]+give-back[^"]+)"', marina.get("/clients/list/").text)[1]
    assert anna.post(undo).status_code == 404
    assert marina.post(undo).status_code == 302
    assert anna.get(f"/clients/{key}").status_code == 200


def test_the_card_adds_up_the_money_and_hides_it_from_whom_it_is_hidden(app, login):
    with app.app_context(), acting_as(SYSTEM) as session:
        deal = agreed(session)
        documents.issue(deal, "invoice", 50, "key")
        paid(deal, 20_000)
        key = deal.client_id
        session.add(Task(title="Замер", deal_id=deal.id, client_id=key, assignee_id=who(session, "pavel").id))
        session.commit()
    card = login("anna").get(f"/clients/{key}").text.replace("\u00a0", " ")
    money = card.split("l-money")[1].split("</div></div>")[0] if "l-money" in card else ""
    for words in ("Выставлено", "50 000 ₽", "20 000 ₽", "Долг", "30 000 ₽"):
        assert words in card, words
    assert money
    pavels = login("pavel").get(f"/clients/{key}").text.split("<main")[1].split("</main")[0]
    assert "₽" not in pavels
    assert "l-money" not in pavels


@pytest.mark.parametrize(
    ("code", "typed", "status"),
    [
        ("name", "Новое имя", 200), ("name", "", 422), ("name", "\x00", 422), ("name", "x" * 300, 422),
        ("name", "😀", 200), ("comment", "<b>жирно</b>", 200), ("comment", "x" * 20_000, 422), ("inn", "123", 422),
        ("kind", "nobody", 422), ("kind", "partner", 200), ("owner_id", "1", 404), ("nothing", "1", 404),
        ("partner_percent", "1e30", 422), ("partner_percent", "-1", 422),
    ],
)  # fmt: skip
def test_a_field_is_changed_in_place_or_refused_at_its_box(login, client_of, code, typed, status):
    key = client_of("anna")
    anna = login("anna")
    fragment = {"HX-Request": "true"}
    answer = anna.post(f"/clients/{key}/field/{code}", data={"value": typed}, headers=fragment)
    assert answer.status_code in {status, 400 if typed == "\x00" else status}
    assert "<b>жирно" not in anna.get(f"/clients/{key}").text


def test_a_stale_field_shows_both_values_and_a_strangers_is_not_there(app, login, client_of):
    key = client_of("anna")
    version = look(app, key)[2]
    marina = login("marina")
    marina.post(f"/clients/{key}/field/name", data={"value": "Маринин", "version": version})
    late = login("anna").post(
        f"/clients/{key}/field/name", data={"value": "Анин", "version": version}, headers={"HX-Request": "true"}
    )
    assert late.status_code == 409
    assert "Маринин" in late.text
    assert 'value="Анин"' in late.text
    assert login("oleg").post(f"/clients/{key}/field/name", data={"value": "x"}).status_code == 404
    assert look(app, key)[0] == "Маринин"


def test_contacts_come_and_go_one_by_one(app, login, client_of):
    key = client_of("anna")
    anna = login("anna")
    assert anna.post(f"/clients/{key}/contacts", data={"contact": "8 916 222 33 44"}).status_code == 302
    assert "+79162223344" in look(app, key)[1]
    with app.app_context(), acting_as(SYSTEM) as session:
        point = next(one.id for one in session.get(Client, key).contacts if one.value == "+79162223344")
    assert anna.post(f"/clients/{key}/contacts/{point}/remove").status_code == 302
    assert "+79162223344" not in look(app, key)[1]
    feed = anna.get(f"/clients/{key}").text.replace("\u00a0", " ")
    assert "<del>+7 916 222-33-44</del>" in feed
    back = anna.post(f"/clients/{key}/contacts/back", query_string={"kind": "phone", "value": "+79162223344"})
    assert back.status_code == 302
    assert "+79162223344" in look(app, key)[1]
    for typed in ("", "нет", "\x00", "😀", "@", "x" * 5000):
        answer = anna.post(f"/clients/{key}/contacts", data={"contact": typed})
        assert answer.status_code in {302, 400, 422}, typed
    for query in ({"kind": "phone", "value": "x"}, {"kind": "x", "value": "+79162223344"}, {}):
        assert anna.post(f"/clients/{key}/contacts/back", query_string=query).status_code == 404
    assert login("oleg").post(f"/clients/{key}/contacts/{point}/remove").status_code == 404


def test_a_contact_known_already_is_said_to_be_known(login, client_of):
    key, other = client_of("anna", "Одна"), client_of("anna", "Другая", phones=["89261230077"], emails=[])
    hidden = client_of("oleg", "Чужая", phones=["89261230078"], emails=[])
    anna, asked = login("anna"), {"HX-Request": "true"}

    def told(typed: str) -> str:
        answer = anna.post(f"/clients/{key}/contacts", data={"contact": typed}, headers=asked)
        return str(json.loads(answer.headers["HX-Trigger"]))

    assert "клиента: Другая" in told("89261230077")
    assert "уже записан" in told("89261230077")
    # Of a client out of reach only whose it is.
    assert "ведёт Олег" in told("89261230078")
    assert "Чужая" not in told("89261230078")
    assert "v:toast" not in told("89261230079")
    assert other != hidden


def test_the_list_says_open_deals_and_narrows_to_them(app, login, client_of):
    client_of("anna", "Без сделок", phones=["89261230099"], emails=[])
    with app.app_context(), acting_as(SYSTEM) as session:
        agreed(session, name="Со сделкой")
        session.commit()
    anna = login("anna")
    page = anna.get("/clients/list/").text.replace("\u00a0", " ")
    assert "100 000 ₽" in page
    narrowed = anna.get("/clients/list/?open=1").text
    assert ("Со сделкой" in narrowed, "Без сделок" in narrowed) == (True, False)


def test_others_to_merge_with_are_found_within_reach(login, client_of):
    key = client_of("anna")
    client_of("anna", "Семён Е.", phones=["89261230010"], emails=[])
    client_of("oleg", "Тайный", phones=["89261230010"], emails=[])
    found = login("anna").get(f"/clients/{key}/same").text
    assert "Семён Е." in found
    assert "Тайный" not in found
    assert login("anna").get(f"/clients/{key}/same", query_string={"q": "\x00<b>"}).status_code == 200


def test_a_long_list_is_walked_page_by_page_with_its_count(app, login):
    """More than a page within reach: the rows of every page, in order, and how many there are."""
    with app.app_context(), acting_as(SYSTEM) as session:
        people = {one.username: one.id for one in session.execute(select(Person)).scalars()}
        rows = [
            {"name": f"Клиент {n:03}", "owner_id": people["oleg" if n % 3 else "anna"], "created_at": DAY + n * HOUR}
            for n in range(180)
        ]
        session.execute(insert(Client.__table__), rows)
        session.commit()
    for username, expected in (("anna", range(177, -1, -3)), ("marina", range(179, -1, -1))):
        names, address = [], "/clients/list/"
        while address:
            page = login(username).get(address).text
            names += re.findall(r"Клиент (\d{3})</a>", page)
            after = re.search(r'href="([^"]*after=[^"]+)"', page)
            address = unescape(after[1]) if after else None
        assert names == [f"{n:03}" for n in expected]
    assert "180" in login("marina").get("/clients/list/").text
    assert "60" in login("anna").get("/clients/list/").text
