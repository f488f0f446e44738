"""The calendar: what stands where, for whom; moved and stretched by the door that scripts use, and back."""

from __future__ import annotations

import datetime as dt
import json
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import tasks, visits
from app.services.worktime import setting
from models.tasks import Task
from models.visits import Visit
from reports.calendar import TASK, Day, Item, fold, hours_shown, put_side_by_side
from tests.deals import PLACE, started, who

HTMX = {"HX-Request": "true"}
MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = dt.datetime.now(MOSCOW).date()
MONDAY = TODAY + dt.timedelta(days=7 - TODAY.weekday())


def at(days, hour, minute=0):
    return dt.datetime.combine(MONDAY + dt.timedelta(days=days), dt.time(hour, minute), MOSCOW)


@pytest.fixture
def scene(system):
    """Next week: a task of Anna's on Monday, a visit of Pavel's to her deal on Tuesday, a task of Oleg's."""
    with system() as session:
        deal = started(session, **PLACE)
        for task in session.query(Task).all():
            task.due_at = None
        mine = tasks.add({"title": "Позвонить Ирине", "due_at": at(0, 10), "assignee": who(session, "anna")}, on=deal)
        visit = visits.plan(deal, {"assignee": who(session, "pavel"), "starts_at": at(1, 11), "address": "ул. Мира, 1"})
        tasks.add({"title": "Чужое дело", "due_at": at(0, 12), "assignee": who(session, "oleg")})
        return {"task": mine.id, "visit": visit.id, "pavel": who(session, "pavel").id, "oleg": who(session, "oleg").id}


def page(client, **query):
    return client.get("/calendar/", query_string={"day": MONDAY.isoformat()} | query).get_data(as_text=True)


def test_a_week_begins_on_monday_and_shows_tasks_where_they_are(login, scene):
    text = page(login("anna"))
    days = re.findall(r'class="c-col[^"]*" data-day="([\d-]+)"', text)
    assert days == [(MONDAY + dt.timedelta(days=n)).isoformat() for n in range(7)]
    item = re.search(rf'data-top="([\d.]+)" data-high="([\d.]+)"[^>]*data-item="task" data-id="{scene["task"]}"', text)
    # From eight to twenty: two hours of twelve, half an hour of twelve.
    assert (round(float(item[1]), 2), round(float(item[2]), 2)) == (16.67, 4.17)
    assert "Чужое дело" not in text
    assert "ул. Мира, 1" not in text


def test_the_task_of_a_visit_is_shown_once_as_the_visit(login, scene):
    text = page(login("pavel"))
    assert text.count('data-item="visit"') == 1
    assert 'data-item="task"' not in text


@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_a_head_sees_her_team_and_whoever_goes_for_it(login, scene, span):
    text = page(login("marina"), view="team", **{"as": span})
    assert "Позвонить Ирине" in text
    assert "Чужое дело" in text
    assert ("ул. Мира, 1" in text) is (span != "day")
    assert "Позвонить Ирине" not in page(login("oleg"), view="team", **{"as": span})


def test_a_colleague_is_busy_where_one_may_not_look(login, scene):
    mine = page(login("anna"), who=scene["pavel"])
    assert 'data-item="visit"' in mine
    others = page(login("oleg"), who=scene["pavel"])
    assert "c-busy" in others
    assert "Ирина Соколова" not in others
    assert "ул. Мира, 1" not in others
    assert login("sergey").get(f"/calendar/?who={scene['pavel']}").status_code == 400


def move(client, scene, noun, **values):
    return client.post("/calendar/move", data={"kind": noun, "id": scene[noun]} | values, headers=HTMX)


def test_a_task_is_moved_and_stretched_and_the_toast_takes_it_back(login, system, scene):
    client = login("anna")
    answer = move(client, scene, "task", at=f"{at(2, 15, 30):%Y-%m-%dT%H:%M}", minutes="90")
    assert answer.status_code == 200
    with system() as session:
        task = session.get_one(Task, scene["task"])
        assert (task.due_at, task.minutes) == (at(2, 15, 30), 90)
    undo = re.search(r"/calendar/move\?[^\"]+", answer.headers["HX-Trigger"])[0]
    assert client.post(undo, headers=HTMX).status_code == 200
    with system() as session:
        assert session.get_one(Task, scene["task"]).due_at == at(0, 10)


@pytest.mark.parametrize(("hour", "is_warned"), [(16, False), (20, True)])
def test_a_visit_dropped_where_nobody_works_is_moved_and_told_of(login, system, scene, hour, is_warned):
    with system() as session:
        setting.set_hours("Europe/Moscow", dict.fromkeys(range(7), "9–18"), person=who(session, "pavel"))
    answer = move(login("anna"), scene, "visit", at=f"{at(1, hour):%Y-%m-%dT%H:%M}", minutes="60")
    assert answer.status_code == 200
    said = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"][0]["words"]
    assert ("Павел Гришин в это время не работает" in said.replace("\u00a0", " ")) is is_warned
    with system() as session:
        assert session.get_one(Visit, scene["visit"]).starts_at == at(1, hour)


def test_a_visit_is_moved_with_its_task_and_not_onto_another_one(login, system, scene):
    client = login("anna")
    assert move(client, scene, "visit", at=f"{at(1, 16):%Y-%m-%dT%H:%M}", minutes="60").status_code == 200
    with system() as session:
        visit = session.get_one(Visit, scene["visit"])
        assert (visit.starts_at, visit.task.due_at) == (at(1, 16), at(1, 16))
        values = {"assignee": who(session, "pavel"), "starts_at": at(1, 11), "address": "x"}
        visits.plan(started(session, "oleg", "Пётр"), values)
    answer = move(client, scene, "visit", at=f"{at(1, 11, 15):%Y-%m-%dT%H:%M}", minutes="60")
    assert answer.status_code == 422
    assert "на другом выезде" in json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"][0]["words"]


def test_a_move_that_did_not_see_the_last_one_is_told(login, system, scene):
    with system() as session:
        version = session.get_one(Task, scene["task"]).version
    client = login("anna")
    when = f"{at(2, 15):%Y-%m-%dT%H:%M}"
    assert move(client, scene, "task", at=when, minutes="30", version=version).status_code == 200
    assert move(client, scene, "task", at=when, minutes="60", version=version).status_code == 409


@pytest.mark.parametrize("username", ["oleg", "sergey", "stranger"])
def test_nobody_moves_what_they_may_not_reach(login, scene, username):
    when = f"{at(2, 15):%Y-%m-%dT%H:%M}"
    assert move(login(username), scene, "task", at=when, minutes="30").status_code == 404
    assert move(login(username), scene, "visit", at=when, minutes="30").status_code == 404


def test_who_only_looks_moves_nothing(login, system, scene):
    when = f"{at(1, 16):%Y-%m-%dT%H:%M}"
    assert move(login("director"), scene, "visit", at=when, minutes="60").status_code == 403
    with system() as session:
        assert session.get_one(Visit, scene["visit"]).starts_at == at(1, 11)


@pytest.mark.parametrize(
    ("values", "status"),
    [({"at": ""}, 400), ({"at": "завтра"}, 400), ({"at": "9999-01-01T10:00"}, 409), ({"at": "0001-01-01T00:00"}, 409),
     ({"minutes": "-1"}, 422), ({"minutes": "9" * 30}, 422), ({"minutes": "\x00"}, 422), ({"id": "x"}, 404),
     ({"id": "9" * 30}, 404), ({"kind": "deal"}, 400)],
)  # fmt: skip
def test_a_bad_move_is_refused_in_words(login, scene, values, status):
    good = {"at": f"{at(2, 15):%Y-%m-%dT%H:%M}", "minutes": "30"}
    assert move(login("anna"), scene, "task", **good | values).status_code == status


@pytest.mark.parametrize(
    "query", ["as=year", "day=x", "day=0001-01-01", "day=9999-12-31", "who=x", "who=999999", "kind=dance", "view=all"]
)
def test_a_bad_address_is_answered_in_words(login, query):
    assert login("anna").get(f"/calendar/?{query}").status_code == 400


@pytest.mark.parametrize("day", ["2001-01-01", "2099-12-31", "2028-02-29"])
@pytest.mark.parametrize("span", ["day", "week", "month"])
def test_the_edges_of_time_are_drawn(login, day, span):
    assert login("anna").get(f"/calendar/?day={day}&as={span}").status_code == 200


def test_three_at_one_hour_of_a_week_are_two_and_a_number_that_opens_the_day(login, system, scene):
    with system() as session:
        for number in range(3):
            anna = who(session, "anna")
            tasks.add({"title": f"Вечернее дело {number}", "due_at": at(2, 17, 5 * number), "assignee": anna})
    client = login("anna")
    week, day = page(client), page(client, day=(MONDAY + dt.timedelta(days=2)).isoformat(), **{"as": "day"})
    assert len(re.findall(r'<button type="button" class="c-item[^"]* c-narrow"', week)) == 2
    link = re.search(r'<a class="c-plus num"[^>]*href="([^"]*)"[^>]*>\+1</a>', week)[1]
    assert f"day={(MONDAY + dt.timedelta(days=2)).isoformat()}" in link
    assert "as=day" in link
    assert (day.count("c-plus"), len(re.findall(r'<button type="button" class="c-item', day))) == (0, 3)


def test_the_grid_reaches_whatever_it_shows():
    early, late = (Item(TASK, None, "x", at(0, *when), at(0, *when), is_done=True) for when in ((3, 25), (23, 25)))
    assert (hours_shown([early]), hours_shown([late]), hours_shown([])) == ((3, 20), (8, 24), (8, 20))


def test_heaps_hold_all_that_is_not_drawn():
    items = [Item(TASK, None, "x", at(0, hour, n), at(0, hour, n + 20)) for hour in (9, 17) for n in range(5)]
    column = Day(MONDAY, items)
    put_side_by_side(items)
    fold([column])
    assert [len(heap) for heap in column.more] == [3, 3]
    assert sum(item.is_shown for item in items) == 4


spans = st.lists(st.tuples(st.integers(0, 600), st.integers(5, 300)), max_size=12)


@given(spans)
def test_what_overlaps_stands_side_by_side(parts):
    base = at(0, 8)
    minute = dt.timedelta(minutes=1)
    items = [Item(TASK, None, "x", base + a * minute, base + (a + n) * minute) for a, n in parts]
    put_side_by_side(items)
    for one in items:
        assert 0 <= one.lane < one.lanes
        for other in items:
            if one is not other and one.starts < other.ends and other.starts < one.ends:
                assert one.lane != other.lane
                assert one.lanes == other.lanes
