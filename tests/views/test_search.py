"""One search over everything: what is found and how, what stays hidden, what was opened lately."""

import datetime as dt
import re

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.engine import Engine

from app.channels.inbound import Inbound
from app.services import clients, deals, leads, tasks
from models.clients import Client
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.base import utcnow
from models.products import Product
from models.staff import Person
from models.tasks import Task
from reports.search import index

PHONE = "8 (916) 111-22-33"


@pytest.fixture
def scene(system):
    """Anna's client Семён with a deal, a lead of hers and one of Oleg's; the numbers by name."""
    with system() as session:
        cast = {person.username: person for person in session.execute(select(Person)).scalars()}
        semyon = clients.create("Семён Королёв", phones=[PHONE], emails=["semyon@client.test"], owner=cast["anna"])
        semyon.inn = "7799010010"
        deal = deals.start(semyon, {"title": "Лоджия ёлочкой", "address": "ул. Полевая, 14"}, owner=cast["anna"])
        lead = leads.enter(Inbound(name="Наталья", phone="8 916 444-55-66", words="окна на дачу"), cast["anna"])
        hidden = clients.create("Семён Чужой", phones=["8 916 777-22-33"], owner=cast["oleg"])
        oleg = deals.start(hidden, {"title": "Лоджия Олега"}, owner=cast["oleg"])
        task = tasks.add({"title": "Позвонить Семёну", "assignee": cast["anna"]}, on=deal)
        session.flush()
        keys = {"lead": lead.id, "client": semyon.id, "task": task.id}
        return keys | {"deal": deal.number, "oleg": oleg.number}


def found(browser, typed):
    """The addresses of what is found, in order."""
    answer = browser.get("/search/", query_string={"q": typed})
    assert answer.status_code == 200
    return re.findall(r'role="option" href="([^"]+)"', answer.text)


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ("семен", "client"), ("КОРОЛЕВ сем", "client"), ("1112233", "client"), ("8 916 111 22 33", "client"),
        ("+7 (916) 111-22-33", "client"), ("22-33", "client"), ("7799010010", "client"), ("semyon@cl", "client"),
        ("елочк", "deal"), ("королев", "deal"), ("полевая", "deal"), ("916 111-22-33", "deal"), ("Наталья дач", "lead"),
        ("4445566", "lead"),
    ],
)  # fmt: skip
def test_it_is_found_in_whatever_form_it_is_typed(login, scene, typed, where):
    page = {"client": "/clients/", "deal": "/deals/", "lead": "/leads/"}[where]
    assert f"{page}{scene[where]}" in found(login("anna"), typed)


def test_a_deal_is_found_by_its_number_with_and_without_the_sign(login, scene):
    for typed in (str(scene["deal"]), f"№ {scene['deal']}", f"№{scene['deal']}"):
        assert f"/deals/{scene['deal']}" in found(login("anna"), typed)


def test_a_colleague_is_found(login, scene):
    assert any("/people/" in where for where in found(login("director"), "ковал"))


@pytest.mark.parametrize("who", ["anna", "marina", "director", "admin"])
def test_an_open_task_is_found_by_whoever_reaches_it(login, scene, who):
    browser, where = login(who), f"/tasks/show/{scene['task']}"
    assert where in found(browser, "позвонить")
    assert f"№ {scene['deal']}" in browser.get("/search/?q=позвонить").text
    assert browser.get(where).status_code == 200


@pytest.mark.parametrize("who", ["oleg", "stranger"])
def test_a_task_out_of_reach_is_not_found(login, scene, who):
    assert not [where for where in found(login(who), "позвонить") if "/tasks/" in where]


def test_a_task_that_is_done_or_thrown_away_is_not_found(login, scene, system):
    for ending in ("done_at", "deleted_at"):
        with system() as session:
            setattr(session.get(Task, scene["task"]), ending, utcnow())
        for who in ("anna", "marina", "director"):
            assert f"/tasks/show/{scene['task']}" not in found(login(who), "позвонить")
        with system() as session:
            task = session.execute(select(Task).execution_options(**{WITH_DELETED: True})).scalars().first()
            setattr(task, ending, None)


@pytest.mark.parametrize(
    ("typed", "is_there"),
    [("елки", True), ("ЁЛК", True), ("подсветк", True), ("двора елк", True), ("свет", False), ("ёлки дача", False)],
)
def test_a_task_is_found_by_the_beginnings_of_its_words(login, system, typed, is_there):
    with system() as session:
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        tasks.add({"title": "Ёлки (подсветка) у «Двора»", "assignee": anna})
    assert bool(found(login("anna"), typed)) is is_there


def test_ones_own_tasks_stand_before_those_of_ones_people(login, scene, system):
    with system() as session:
        cast = {person.username: person for person in session.execute(select(Person)).scalars()}
        given = [("anna", 1), ("marina", 9), ("anna", 2), ("anna", 3), ("anna", 4), ("marina", 8), ("anna", 5)]
        keys = [
            tasks.add(
                {"title": "Сверить смету", "assignee": cast[who], "due_at": utcnow() + dt.timedelta(days=days)}
            ).id
            for who, days in given
        ]
    wanted = [keys[index] for index in (5, 1, 0, 2, 3)]
    assert found(login("marina"), "сверить") == [f"/tasks/show/{key}" for key in wanted]


def test_everything_found_at_once_asks_the_database_little(login, scene, system):
    with system() as session:
        cast = {person.username: person for person in session.execute(select(Person)).scalars()}
        anna = cast["anna"]
        client = clients.create("Лоджия ООО", phones=["8 916 111-22-99"], owner=anna)
        deal = deals.start(client, {"title": "Лоджия под ключ"}, owner=anna)
        leads.enter(Inbound(name="Лоджия", phone="8 916 444-55-77", words="лоджия"), anna)
        session.add(Product(name="Лоджия", sku="L-1", price=1, unit="шт"))
        for number in range(7):
            tasks.add({"title": f"Лоджия {number}", "assignee": cast["oleg"]}, on=deal)
    director = login("director")
    director.get("/search/?q=лоджия")
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        statements.append(statement[:100])

    event.listen(Engine, "before_cursor_execute", note)
    where = found(director, "лоджия")
    event.remove(Engine, "before_cursor_execute", note)
    nouns = {address.split("/")[1] for address in where}
    assert {"deals", "clients", "leads", "tasks", "products"} <= nouns
    assert len(statements) <= 20, statements


@pytest.mark.parametrize("typed", ["лоджия", "семен", "2233", "777-22-33"])
def test_what_is_out_of_reach_is_not_found(login, scene, typed):
    oleg, anna = found(login("oleg"), typed), found(login("anna"), typed)
    assert f"/deals/{scene['deal']}" not in oleg
    assert f"/clients/{scene['client']}" not in oleg
    assert f"/deals/{scene['oleg']}" not in anna


def test_who_does_not_see_phones_does_not_find_by_them(login, scene, system):
    with system() as session:
        pavel = session.execute(select(Person).where(Person.username == "pavel")).scalar_one()
        deal = session.execute(select(Deal).where(Deal.number == scene["deal"])).scalar_one()
        tasks.add({"title": "Замер", "assignee": pavel}, on=deal)
    assert f"/deals/{scene['deal']}" in found(login("pavel"), "лоджия")
    for typed in ("1112233", "semyon@client.test"):
        assert found(login("pavel"), typed) == []
    assert "111-22-33" not in login("pavel").get("/search/?q=семен").text


def test_before_anything_is_typed_it_shows_what_was_opened_lately(login, scene):
    anna = login("anna")
    assert found(anna, "") == []
    for noun, key in (("client", scene["client"]), ("deal", scene["deal"]), ("lead", scene["lead"])):
        assert anna.post(f"/search/opened/{noun}/{key}").status_code == 204
    assert anna.post(f"/search/opened/client/{scene['client']}").status_code == 204
    assert found(anna, "  ") == [f"/clients/{scene['client']}", f"/leads/{scene['lead']}", f"/deals/{scene['deal']}"]
    assert found(login("oleg"), "") == []


def test_what_was_opened_and_is_hidden_by_now_is_not_shown(login, scene, system):
    anna = login("anna")
    anna.post(f"/search/opened/deal/{scene['deal']}")
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene["deal"])).scalar_one()
        deals.assign(deal, session.execute(select(Person).where(Person.username == "oleg")).scalar_one())
    assert found(anna, "") == []


@pytest.mark.parametrize("where", ["deal/1", "deal/999999", "moon/1", "client/99999999999999", "person/1"])
def test_what_cannot_be_opened_is_not_remembered(login, where):
    anna = login("anna")
    assert anna.post(f"/search/opened/{where}").status_code == 204
    assert found(anna, "") == []


@pytest.mark.parametrize(
    "typed",
    ["'", '"', "\\", "%", "_", "a & | ! b", "🙂", "\u202eabc", "<script>", "{{7*7}}", "' OR 1=1 --", "9" * 90, "٩١٦",
     ":*", "а" * 5000, "№", "+", "(", "1e400", "- - -"],
)  # fmt: skip
def test_rubbish_finds_nothing_and_breaks_nothing(login, scene, typed):
    answer = login("anna").get("/search/", query_string={"q": typed})
    assert answer.status_code == 200
    assert "<script" not in answer.text


def test_a_stranger_is_sent_to_the_log_in(client):
    assert client.get("/search/?q=семен").status_code in (302, 401)


def test_a_name_that_very_many_have_is_found_of_ones_own_whoever_asked_before(app, login, system):
    with system() as session:
        cast = {person.username: person for person in session.execute(select(Person)).scalars()}
        mine = clients.create("Прохор Общий", owner=cast["anna"])
        number = deals.start(mine, {"title": "Балкон"}, owner=cast["anna"]).number
        key, olegs = mine.id, cast["oleg"].id
        others = [{"name": f"Общий {place}", "owner_id": olegs} for place in range(index.MANY + 1)]
        session.execute(insert(Client.__table__), others)
    for username in ("director", "marina", "oleg"):
        assert sum("/clients/" in address for address in found(login(username), "общ")) == 5
    assert found(login("anna"), "общ") == [f"/deals/{number}", f"/clients/{key}"]


@pytest.mark.parametrize("typed", ["уютн", "дом", "«Уютный", "уютный дом", "ооо уют", "дом ак"])
def test_a_name_in_guillemets_is_found_by_its_words(login, system, typed):
    with system() as session:
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        client = clients.create("ООО «Уютный дом «Ак»»", owner=anna)
        session.flush()
        key = client.id
    anna = login("anna")
    assert f"/clients/{key}" in found(anna, typed)
    assert "Уютный дом" in anna.get(f"/clients/list/?q={typed}").get_data(as_text=True)
    assert [one["id"] for one in anna.get(f"/ref/client?q={typed}").get_json()["results"]] == [key]


@pytest.mark.parametrize("said", ["{}", "№ {}", "№{}", "сделка {}", "Сделка № {}", "deal {}"])
def test_a_number_is_found_as_it_is_said(login, scene, said):
    assert f"/deals/{scene['deal']}" in found(login("anna"), said.format(scene["deal"]))


def test_two_letters_in_guillemets_are_a_word(login, system):
    with system() as session:
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        key = clients.create("АО «Юг»", owner=anna).id
    assert f"/clients/{key}" in found(login("anna"), "юг")
