"""The doors of visits: planned from the deal with free hours, the surveyor's route, ended and taken back."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.services import deals, visits
from app.services.worktime import setting
from models.deals import Deal
from models.ground.base import clock_at, utcnow
from models.staff import RoleReach
from models.visits import Visit
from tests.deals import PLACE, stage, started, who

HTMX = {"HX-Request": "true"}
MOSCOW = ZoneInfo("Europe/Moscow")
TOMORROW = (utcnow() + dt.timedelta(days=1)).astimezone(MOSCOW).date()


@pytest.fixture
def scene(system):
    """Anna's deal, and Pavel's id."""
    with system() as session:
        return started(session, **PLACE).number, who(session, "pavel").id


def typed(scene, **more):
    number, pavel = scene
    usual = {"deal": number, "assignee": pavel, "day": f"{TOMORROW:%d.%m.%Y}", "time": "11:00", "minutes": "60"}
    return usual | {"address": "ул. Мира, 1", "travel_minutes": "30"} | more


def only(system):
    with system() as session:
        found = session.execute(select(Visit)).scalar_one()
        # Read by the test after the session is over.
        session.expunge(found)
        return found


@pytest.fixture
def visit(login, system, scene):
    assert login("anna").post("/visits/plan", data=typed(scene), headers=HTMX).status_code == 200
    return only(system)


def test_a_visit_is_planned_from_the_card_with_the_free_hours_as_buttons(login, system, scene):
    client = login("anna")
    assert f"/visits/ask?deal={scene[0]}" in client.get(f"/deals/{scene[0]}").get_data(as_text=True)
    dialog = client.get(f"/visits/ask?deal={scene[0]}").get_data(as_text=True)
    assert "ул. Полевая, 14" in dialog
    assert re.search(r"<option value=\"\d+\" selected>(Павел|Сергей)", dialog)
    slots = client.get("/visits/slots", query_string=typed(scene)).get_data(as_text=True)
    assert 'data-time="11:00"' in slots
    answer = client.post("/visits/plan", data=typed(scene), headers=HTMX)
    assert "HX-Redirect" in answer.headers
    found = only(system)
    assert found.starts_at == dt.datetime.combine(TOMORROW, dt.time(11), MOSCOW)
    taken = client.get("/visits/slots", query_string=typed(scene)).get_data(as_text=True)
    assert 'data-time="11:00"' not in taken
    # For the visit itself its own hour is free.
    mine = client.get("/visits/slots", query_string=typed(scene, but=found.id)).get_data(as_text=True)
    assert 'data-time="11:00"' in mine
    assert "ул. Мира, 1" in client.get(f"/deals/{scene[0]}").get_data(as_text=True)


def test_a_clash_comes_back_in_words_with_the_nearest_hours(login, visit, scene):
    answer = login("anna").post("/visits/plan", data=typed(scene, time="11:30", address="Другой адрес"), headers=HTMX)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "на другом выезде: 11:00–12:00" in text.replace("\u00a0", " ")
    assert "Другой адрес" in text
    assert 'data-time="12:30"' in text


@pytest.mark.parametrize(
    ("more", "is_warned"),
    [
        ({"time": "11:00"}, False), ({"time": "21:30"}, True), ({"time": "07:30"}, True), ({"time": "17:30"}, True),
        ({"time": "12:00", "minutes": "60"}, False), ({"time": "12:30", "minutes": "60"}, True), ({"time": ""}, False),
        ({"time": "так"}, False), ({"time": "\x00"}, False), ({"time": "21:30", "assignee": "1000000"}, False),
    ],
)  # fmt: skip
def test_an_hour_that_the_surveyor_does_not_work_is_warned_of_and_not_refused(login, system, scene, more, is_warned):
    with system() as session:
        setting.set_hours("Europe/Moscow", dict.fromkeys(range(7), "9–13, 14–18"), person=who(session, "pavel"))
    client, words = login("anna"), "Павел Гришин в это время не работает"
    slots = client.get("/visits/slots", query_string=typed(scene, **more))
    assert (slots.status_code, words in slots.get_data(as_text=True).replace("\u00a0", " ")) == (200, is_warned)
    if is_warned:
        assert client.post("/visits/plan", data=typed(scene, **more), headers=HTMX).status_code == 200


def test_the_surveyor_sees_his_day_in_order_and_no_phone_that_is_hidden(login, system, visit, scene):
    client = login("pavel")
    assert client.get("/").headers["Location"].endswith("/visits/")
    with system() as session:
        deal = session.get_one(Visit, visit.id).deal
        at = dt.datetime.combine(TOMORROW, dt.time(9), MOSCOW)
        visits.plan(deal, {"assignee": who(session, "pavel"), "starts_at": at, "address": "ул. Первая, 2"})
    page = client.get(f"/visits/?day={TOMORROW.isoformat()}").get_data(as_text=True)
    assert page.index("ул. Первая, 2") < page.index("ул. Мира, 1")
    assert "Ирина Соколова" in page
    assert "yandex.ru/maps" in page
    assert "79000001234" not in page
    assert "tel:+79000001234" in login("anna").get(f"/visits/{visit.id}").get_data(as_text=True)
    assert "79000001234" not in client.get(f"/visits/{visit.id}").get_data(as_text=True)
    assert "ул. Первая, 2" not in client.get("/visits/").get_data(as_text=True)


def test_who_may_not_see_the_clients_number_calls_whoever_leads_the_deal(login, system, visit):
    client = login("pavel")
    addresses = f"/visits/?day={TOMORROW.isoformat()}", f"/visits/{visit.id}"
    for address in addresses:
        page = client.get(address).get_data(as_text=True)
        assert "Номер клиента скрыт. Ответственный: Анна" in page
        assert "tel:" not in page
    with system() as session:
        who(session, "anna").phone = "+79000000012"
    for address in addresses:
        page = client.get(address).get_data(as_text=True)
        assert "Номер клиента скрыт. Передать что-то можно через ответственного: Анна" in page
        assert 'href="tel:+79000000012"' in page
    client.post(f"/visits/{visit.id}/finish", data={"result": "3 проёма"}, headers=HTMX)
    assert "tel:" not in client.get(addresses[0]).get_data(as_text=True)
    with system() as session:
        reach = session.execute(select(RoleReach).where(RoleReach.code == "surveyor")).scalar_one()
        reach.hidden = [name for name in reach.hidden if name != "client.phone"]
    client.post(f"/visits/{visit.id}/take-back")
    page = login("pavel").get(addresses[0]).get_data(as_text=True)
    assert ('href="tel:+79000001234"' in page, "Номер клиента скрыт" in page) == (True, False)


def tags_of(client):
    """What stands at each visit, in order, and the head of the day."""
    text = client.get(f"/visits/?day={TOMORROW.isoformat()}").get_data(as_text=True).replace("\u00a0", " ")
    stops = re.findall(r'<li class="v-card x-stop.*?</li>', text, re.DOTALL)
    head = re.sub(r"<[^>]*>", "", re.search(r'x-sum"><span[^>]*>(.*?)</div>', text, re.DOTALL)[1])
    return [re.sub(r"<[^>]*>", "", "".join(re.findall(r'v-tag[^>]*>(.*?)</span>', one, re.DOTALL))) for one in stops], head


@pytest.mark.parametrize(
    ("time", "tags", "head"),
    [
        ("08:00", ["следующий", "", ""], "3 выезда, ближайший в 9:00"),
        ("09:30", ["сейчас", "следующий", ""], "3 выезда, один идёт, до 10:00, ближайший в 11:00"),
        ("10:00", ["не закрыт", "следующий", ""], "3 выезда, 1 не закрыт, ближайший в 11:00"),
        ("11:30", ["не закрыт", "сейчас", "следующий"], "3 выезда, 1 не закрыт, один идёт, до 12:00, ближайший в 15:00"),
        ("16:50", ["не закрыт", "не закрыт", "не закрыт"], "3 выезда, 3 не закрыто"),
    ],
)
def test_the_route_goes_by_the_clock(login, system, visit, time, tags, head):
    with system() as session:
        deal, pavel = session.get_one(Visit, visit.id).deal, who(session, "pavel")
        for hour in (9, 15):
            at = dt.datetime.combine(TOMORROW, dt.time(hour), MOSCOW)
            visits.plan(deal, {"assignee": pavel, "starts_at": at, "address": f"ул. Первая, {hour}"})
    with clock_at(dt.datetime.combine(TOMORROW, dt.time.fromisoformat(time), MOSCOW)):
        found = tags_of(login("pavel"))
    assert found[0] == tags
    assert head in found[1]
    assert ("Весь маршрут" in found[1]) == (time != "16:50")


def test_of_another_day_no_visit_is_the_next(login, visit):
    assert tags_of(login("pavel"))[0] == [""]


def test_a_visit_is_made_and_its_toast_takes_it_back(login, system, visit):
    client = login("pavel")
    assert client.post(f"/visits/{visit.id}/finish", data={"result": ""}, headers=HTMX).status_code == 422
    assert client.post(f"/visits/{visit.id}/finish", data={"result": "3 проёма"}, headers=HTMX).status_code == 200
    assert only(system).state == "done"
    page = client.get("/visits/").get_data(as_text=True)
    undo = re.search(r'action="(/visits/\d+/take-back[^"]*)"', page)[1]
    client.post(undo)
    assert only(system).state == "planned"


def test_a_visit_is_moved_and_cancelled_by_whoever_leads_the_deal(login, system, visit, scene):
    client = login("anna")
    data = typed(scene, time="14:00", place_note="Домофон 5", version=visit.version)
    assert client.post(f"/visits/{visit.id}", data=data, headers=HTMX).status_code == 200
    found = only(system)
    assert (found.starts_at.astimezone(MOSCOW).hour, found.place_note) == (14, "Домофон 5")
    answer = client.post(f"/visits/{visit.id}", data=data | {"time": "16:00"}, headers=HTMX)
    assert answer.status_code == 409
    # What is there now is told, what was typed stays, and the next press saves it.
    dialog = answer.get_data(as_text=True)
    assert "14:00" in re.search(r'role="alert">.*?</div>', dialog, re.S)[0]
    assert 'value="16:00"' in dialog
    newest = {"version": re.search(r'name="version" value="(\d+)"', dialog)[1]}
    assert client.post(f"/visits/{visit.id}", data=data | newest, headers=HTMX).status_code == 200
    assert client.post(f"/visits/{visit.id}/cancel", data={"reason": ""}, headers=HTMX).status_code == 422
    client.post(f"/visits/{visit.id}/cancel", data={"reason": "Клиент заболел"}, headers=HTMX)
    assert only(system).reason == "Клиент заболел"
    assert "Отменить выезд" not in client.get(f"/visits/{visit.id}").get_data(as_text=True)


def test_undo_leads_back_to_the_page_where_the_visit_was_cancelled(login, system, visit, scene):
    client, card = login("anna"), f"/deals/{scene[0]}"
    asked = HTMX | {"HX-Current-URL": f"http://localhost{card}"}
    client.post(f"/visits/{visit.id}/cancel", data={"reason": "Клиент заболел"}, headers=asked)
    undo = re.search(r'action="([^"]+take-back[^"]*)"', client.get(card).get_data(as_text=True))[1]
    assert client.post(undo).headers["Location"] == card
    assert only(system).state == "planned"
    # The feed ends with what holds now.
    assert client.get(card).get_data(as_text=True).count("Назначен выезд") == 2


def test_a_full_day_names_the_nearest_free_hours(login, scene):
    past = f"{TOMORROW - dt.timedelta(days=3):%d.%m.%Y}"
    slots = login("anna").get("/visits/slots", query_string=typed(scene, day=past)).get_data(as_text=True)
    assert slots.count("data-day=") == 3


@pytest.mark.parametrize("username", ["oleg", "sergey", "stranger"])
def test_others_do_not_reach_a_visit_at_any_door(login, visit, scene, username):
    client = login(username)
    for path in (f"/visits/{visit.id}", f"/visits/{visit.id}/finish", f"/visits/{visit.id}/cancel"):
        assert client.get(path).status_code == 404, path
        assert client.post(path, data={"reason": "x", "result": "x"}).status_code == 404, path
    assert client.post("/visits/plan", data=typed(scene)).status_code in {403, 404}
    pavel = client.get(f"/visits/?who={scene[1]}&day={TOMORROW.isoformat()}").get_data(as_text=True)
    assert "ул. Мира, 1" not in pavel


def test_the_director_looks_and_changes_nothing(login, system, visit):
    client = login("director")
    assert "ул. Мира, 1" in client.get(f"/visits/{visit.id}").get_data(as_text=True)
    assert client.post(f"/visits/{visit.id}", data={"address": "x"}).status_code in {400, 403}
    assert client.post(f"/visits/{visit.id}/cancel", data={"reason": "x"}).status_code == 403
    assert only(system).address == "ул. Мира, 1"


BAD = [
    {"time": ""}, {"time": "в обед"}, {"day": "31.02.2027"}, {"day": "01.01.9999"}, {"minutes": "-5"},
    {"minutes": "9" * 40}, {"address": ""}, {"address": "\x00"}, {"address": "я" * 300}, {"assignee": ""},
    {"assignee": "1e3"}, {"travel_minutes": "много"}, {"place_note": "<script>" * 2000},
]  # fmt: skip


@pytest.mark.parametrize("more", BAD, ids=str)
def test_a_bad_visit_comes_back_in_words_and_with_what_was_typed(login, system, scene, more):
    answer = login("anna").post("/visits/plan", data=typed(scene, place_note="Код 12") | more, headers=HTMX)
    assert answer.status_code == 422
    if "place_note" not in more:
        assert "Код 12" in answer.get_data(as_text=True)
    with system() as session:
        assert session.execute(select(Visit)).first() is None


@pytest.mark.parametrize("query", ["day=x", "day=9999-99-99", "day=2101-01-01", "who=-1", "who=" + "9" * 30, "who=x"])
def test_a_bad_address_of_the_route_is_answered_in_words(login, query):
    assert login("pavel").get(f"/visits/?{query}").status_code == 400


def test_the_visit_of_somebody_who_fell_ill_is_given_to_another(login, system, visit, scene):
    day = f"{TOMORROW:%d.%m.%Y}"
    with system() as session:
        setting.go_away({"person": scene[1], "begins": day, "ends": day, "kind": "illness"})
        other = who(session, "sergey").id
    again = typed(scene, assignee=other, version=visit.version)
    assert login("anna").post(f"/visits/{visit.id}", data=again, headers=HTMX).status_code == 200
    assert only(system).assignee_id == other


def test_a_longer_way_and_an_hour_with_room_for_it_are_saved_together(login, system, visit, scene):
    client = login("anna")
    assert client.post("/visits/plan", data=typed(scene, time="12:30"), headers=HTMX).status_code == 200
    longer = typed(scene, travel_minutes="60", version=visit.version)
    assert client.post(f"/visits/{visit.id}", data=longer, headers=HTMX).status_code == 422
    assert client.post(f"/visits/{visit.id}", data=longer | {"time": "09:00"}, headers=HTMX).status_code == 200
    with system() as session:
        assert session.get_one(Visit, visit.id).travel_minutes == 60


def test_a_visit_that_comes_back_beside_a_new_one_has_a_task_of_its_own(login, system, scene):
    client = login("anna")
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene[0])).scalar_one()
        deals.move(deal, stage(deal, "measure"))
    client.post("/visits/plan", data=typed(scene), headers=HTMX)
    first = only(system)
    client.post(f"/visits/{first.id}/cancel", data={"reason": "Заболел"}, headers=HTMX)
    client.post("/visits/plan", data=typed(scene, time="15:00"), headers=HTMX)
    assert client.post(f"/visits/{first.id}/take-back", headers=HTMX).status_code == 200
    with system() as session:
        both = session.execute(select(Visit).order_by(Visit.starts_at)).scalars().all()
        assert [visit.task.due_at for visit in both] == [visit.starts_at for visit in both]
        assert [visit.task.done_at for visit in both] == [None, None]
