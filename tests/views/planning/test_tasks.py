"""The doors of tasks: the list by urgency, "what next?", new ones from a deal; who sees what."""

import datetime as dt
import json
import re

import pytest
from sqlalchemy import select

from app.services import tasks
from models.ground.base import utcnow
from models.tasks import Task
from tests.deals import started, who

HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(system):
    """Tasks of Pavel on Anna's deal: late, today or later, without a date."""
    with system() as session:
        deal = started(session)
        pavel = who(session, "pavel")
        for title, hours in (("Замер", -30), ("Перемерить", 24 * 3), ("Когда-нибудь", None)):
            due = utcnow() + dt.timedelta(hours=hours) if hours is not None else None
            tasks.add({"title": title, "assignee": pavel, "due_at": due}, on=deal)
        return deal.number


def ids(system):
    with system() as session:
        return {task.title: task.id for task in session.execute(select(Task)).scalars()}


def test_the_list_is_by_urgency_and_its_counts_are_its_rows(login, scene):
    text = login("pavel").get("/tasks/list/").get_data(as_text=True)
    sections = re.split(r"<section", text)[1:]
    found = [re.search(r"<h2[^>]*>(\w+[\w ]*) <span[^>]*>(\d+)", part).groups() for part in sections]
    assert found == [("Просрочено", "1"), ("Позже", "1"), ("Без срока", "1")]
    assert [part.count("data-row ") for part in sections] == [1, 1, 1]
    assert "ул." not in text
    assert f'href="/deals/{scene}"' in text


def test_finishing_shows_what_is_planned_and_asks_what_next(login, system, scene):
    client = login("pavel")
    pk = ids(system)["Замер"]
    dialog = client.get(f"/tasks/{pk}/finish").get_data(as_text=True)
    assert "Что дальше?" in dialog
    assert "Перемерить" in dialog
    data = {
        "result": "3 проёма",
        "then": "next",
        "title": "Отвезти образцы",
        "due_on": "01.06.2027",
        "due_time": "10:30",
    }
    answer = client.post(f"/tasks/{pk}/finish", data=data, headers=HTMX)
    assert answer.headers["HX-Redirect"].endswith("/tasks/list/")
    with system() as session:
        done = session.get(Task, pk)
        then = session.execute(select(Task).where(Task.title == "Отвезти образцы")).scalar_one()
        assert (done.result, done.done_at is not None, then.deal_id) == ("3 проёма", True, done.deal_id)
        assert then.due_at == dt.datetime(2027, 6, 1, 7, 30, tzinfo=dt.UTC)
        assert then.assignee.username == "pavel"
    page = client.get("/tasks/list/").get_data(as_text=True)
    undo = re.search(r'action="(/tasks/\d+/reopen[^"]*)"', page)[1].replace("&amp;", "&")
    client.post(undo)
    with system() as session:
        assert session.get(Task, pk).done_at is None


def test_a_tick_without_scripts_finishes_too(login, system, scene):
    client = login("pavel")
    pk = ids(system)["Замер"]
    assert client.post(f"/tasks/{pk}/finish").status_code == 302
    assert "Замер" in client.get("/tasks/list/?view=done").get_data(as_text=True)


BAD = [
    ({"title": " "}, "title"),
    ({"title": "x", "due_on": "вчера"}, "due_on"),
    ({"title": "x", "due_on": "01.01.9999"}, "due_on"),
    ({"title": "x", "due_on": "01.01.2020"}, "due_on"),
    ({"title": "x", "due_on": "01.06.2027", "due_time": "в обед"}, "due_time"),
    ({"title": "x", "assignee": "999999"}, "assignee"),
    ({"title": "\x00"}, "title"),
]


@pytest.mark.parametrize(("data", "field"), BAD)
def test_a_bad_task_comes_back_with_what_was_typed(login, scene, data, field):
    answer = login("anna").post("/tasks/new", data={"deal": scene} | data, headers=HTMX)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "is-invalid" in text
    assert f'name="{field}"' in text


def test_a_task_of_a_deal_is_made_changed_and_told(login, system, scene):
    client = login("anna")
    dialog = client.get(f"/tasks/ask?deal={scene}").get_data(as_text=True)
    assert "Ирина Соколова" in dialog
    with system() as session:
        sergey = who(session, "sergey").id
    client.post("/tasks/new", data={"deal": scene, "title": "Изготовить", "assignee": sergey, "kind": "production"})
    pk = ids(system)["Изготовить"]
    version = re.search(r'name="version" value="(\d+)"', client.get(f"/tasks/{pk}/change").get_data(as_text=True))[1]
    data = {"title": "Изготовить 2 окна", "assignee": sergey, "kind": "production", "version": version}
    assert client.post(f"/tasks/{pk}/change", data=data, headers=HTMX).headers["HX-Redirect"]
    answer = client.post(f"/tasks/{pk}/change", data=data | {"title": "Ещё"}, headers=HTMX)
    assert answer.status_code == 409
    # What is there now is told, what was typed stays, and the next press saves it.
    dialog = answer.get_data(as_text=True)
    assert "Изготовить 2 окна" in dialog
    assert 'value="Ещё"' in dialog
    newest = {"version": re.search(r'name="version" value="(\d+)"', dialog)[1]}
    assert client.post(f"/tasks/{pk}/change", data=data | newest, headers=HTMX).status_code == 200
    assert "Изготовить 2 окна" in login("sergey").get("/tasks/list/").get_data(as_text=True)


def test_the_whole_form_makes_a_task_too(login, system, scene):
    client = login("anna")
    answer = client.post("/tasks/add", data={"title": "Сверить счёт", "kind": "payment"})
    assert answer.status_code == 302
    assert "Сверить счёт" in ids(system)
    assert client.post("/tasks/add", data={"title": ""}).status_code == 422


@pytest.mark.parametrize("username", ["oleg", "sergey", "stranger"])
def test_others_do_not_reach_a_task_at_any_door(login, system, scene, username):
    client = login(username)
    pk = ids(system)["Замер"]
    for path in (f"/tasks/{pk}/finish", f"/tasks/{pk}/change", f"/tasks/edit/{pk}", f"/tasks/ask?deal={scene}"):
        assert client.get(path).status_code == 404, path
    for path in (f"/tasks/{pk}/finish", f"/tasks/{pk}/change", f"/tasks/{pk}/reopen", f"/tasks/delete/{pk}"):
        assert client.post(path, data={"title": "x"}).status_code in {403, 404}, path
    assert client.post("/tasks/new", data={"deal": scene, "title": "Чужое"}).status_code == 404
    assert f'id="row-{pk}"' not in client.get("/tasks/list/?view=team").get_data(as_text=True)
    with system() as session:
        assert session.get(Task, pk).done_at is None


def test_a_head_looks_at_the_list_of_the_team(login, system, scene):
    with system() as session:
        tasks.add({"title": "Позвонить Ирине", "assignee": who(session, "anna")})
    marina = login("marina")
    assert "Позвонить Ирине" in marina.get("/tasks/list/?view=team").get_data(as_text=True)
    assert "Позвонить Ирине" not in marina.get("/tasks/list/").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/tasks/list/?view=moon", "/tasks/list/?skip=x", "/tasks/list/?skip=-1"])
def test_a_list_asked_wrongly_is_400(login, path):
    assert login("anna").get(path).status_code == 400


def test_what_is_not_there_is_404(login):
    client = login("anna")
    for path in (f"/tasks/{2**70}/finish", "/tasks/7/finish", "/tasks/ask?deal=x", "/tasks/ask?lead=99999"):
        assert client.get(path).status_code == 404, path


def test_the_toast_offers_undo(login, system, scene):
    client = login("pavel")
    pk = ids(system)["Замер"]
    client.post(f"/tasks/{pk}/finish", headers=HTMX)
    answer = client.get("/tasks/ask", headers=HTMX)
    (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
    assert toast["undo"].startswith(f"/tasks/{pk}/reopen")


def test_many_are_ticked_put_off_and_handed_over_with_a_way_back(login, system, scene):
    client = login("anna")
    keys = ids(system)
    chosen = {"rowid": [keys["Замер"], keys["Перемерить"]]}

    def undo():
        page = client.get("/tasks/list/").get_data(as_text=True)
        return re.search(r'action="(/tasks/many/[^"]+)"', page.split('id="toasts"')[1])[1].replace("&amp;", "&")

    def states():
        with system() as session:
            rows = select(Task).where(Task.id.in_(chosen["rowid"])).order_by(Task.id)
            return [
                (row.done_at is not None, row.due_at, row.assignee.username) for row in session.execute(rows).scalars()
            ]

    before = states()
    client.post("/tasks/many/finish", data=chosen)
    assert [one[0] for one in states()] == [True, True]
    client.post(undo())
    assert states() == before
    client.post("/tasks/many/later", data=chosen | {"by": "week"})
    after = states()
    assert all(one[1] > utcnow() + dt.timedelta(days=5) for one in after)
    assert [one[1].minute for one in after] == [one[1].minute for one in before]
    client.post(undo())
    assert states() == before
    with system() as session:
        sergey = who(session, "sergey").id
    assert "Передать 2 задачи" in client.post("/tasks/many/whom", data=chosen, headers=HTMX).get_data(as_text=True)
    answer = client.post("/tasks/many/transfer", data=chosen | {"assignee": sergey}, headers=HTMX)
    assert answer.status_code == 422
    client.post("/tasks/many/transfer", data=chosen | {"assignee": sergey, "reason": "Отпуск"})
    assert {one[2] for one in states()} == {"sergey"}
    client.post(undo())
    assert states() == before
    assert client.post("/tasks/many/later", data=chosen | {"by": "year"}).status_code == 400


def test_of_many_those_out_of_reach_are_left_alone(login, system, scene):
    keys = ids(system)
    login("oleg").post("/tasks/many/finish", data={"rowid": [keys["Замер"], "x", "9" * 30]})
    with system() as session:
        assert session.get(Task, keys["Замер"]).done_at is None


def test_the_board_by_day_has_the_rows_of_the_table_and_takes_a_card_to_another_day(login, system, scene):
    client = login("pavel")
    keys = ids(system)
    text = client.get("/tasks/board").get_data(as_text=True)
    assert text.count('class="w-card"') == 3
    day = (utcnow() + dt.timedelta(days=2)).date()
    answer = client.post(f"/tasks/{keys['Замер']}/day", data={"day": day.isoformat()}, headers=HTMX)
    assert "v:changed" in answer.headers["HX-Trigger"]
    client.post(f"/tasks/{keys['Перемерить']}/day", data={"day": ""}, headers=HTMX)
    with system() as session:
        assert session.get(Task, keys["Замер"]).due_at.date() == day
        assert session.get(Task, keys["Перемерить"]).due_at is None
    for bad in ("x", "9999-01-01", "\x00"):
        assert client.post(f"/tasks/{keys['Замер']}/day", data={"day": bad}, headers=HTMX).status_code == 422


@pytest.mark.parametrize(
    ("query", "rows"),
    [("", 3), ("?when=late", 1), ("?when=undated", 1), ("?kind=other", 3), ("?kind=call", 0), ("?important=1", 0)],
)
def test_a_filter_leaves_what_it_says(login, scene, query, rows):
    assert login("pavel").get(f"/tasks/list/{query}").get_data(as_text=True).count("data-row ") == rows


@pytest.mark.parametrize("query", ["when=never", "kind=dance", "who=x", "view=all", "skip=-1", "skip=" + "9" * 30])
def test_a_filter_that_is_none_is_answered_in_words(login, query):
    assert login("pavel").get(f"/tasks/list/?{query}").status_code == 400


def test_a_deal_without_a_next_step_is_listed_and_counted_until_it_has_one(login, system):
    with system() as session:
        deal = started(session)
        for task in session.execute(select(Task).where(Task.deal_id == deal.id)).scalars():
            tasks.finish(task)
        number = deal.number
    client = login("anna")
    assert "Сделки без следующего шага" in client.get("/tasks/list/").get_data(as_text=True)
    assert f'data-href="/deals/{number}"' in client.get("/tasks/idle").get_data(as_text=True)
    assert f'data-href="/deals/{number}"' not in login("oleg").get("/tasks/idle").get_data(as_text=True)
    client.post("/tasks/new", data={"deal": number, "title": "Позвонить"})
    assert f'data-href="/deals/{number}"' not in client.get("/tasks/idle").get_data(as_text=True)
    assert "Сделки без следующего шага" not in client.get("/tasks/list/").get_data(as_text=True)


def test_a_point_is_ticked_in_the_dialog_and_the_script_stands_in_it(login, system):
    with system() as session:
        deal = started(session)
        pk = session.execute(select(Task.id).where(Task.deal_id == deal.id).order_by(Task.id)).scalars().first()
    client = login("anna")
    dialog = client.get(f"/tasks/{pk}/change").get_data(as_text=True)
    assert "Здравствуйте, Ирина Соколова! Меня зовут Анна Белова" in dialog
    points = client.post(f"/tasks/{pk}/tick", data={"point": "1", "done": "1"}, headers=HTMX)
    assert points.get_data(as_text=True).count('aria-pressed="true"') == 1
    assert "v:version" in points.headers["HX-Trigger"], "the dialog around it stands on the newest version"
    for bad in ("99", "x", "-1", "9" * 30):
        assert client.post(f"/tasks/{pk}/tick", data={"point": bad}, headers=HTMX).status_code in {404, 409}
    assert login("oleg").post(f"/tasks/{pk}/tick", data={"point": "0"}).status_code == 404


def test_closing_suggests_the_likely_next_step(login, system):
    with system() as session:
        deal = started(session)
        for task in session.execute(select(Task).where(Task.deal_id == deal.id)).scalars():
            tasks.finish(task)
        pk = tasks.add({"title": "Последняя", "assignee": who(session, "anna")}, on=deal).id
    dialog = login("anna").get(f"/tasks/{pk}/finish").get_data(as_text=True)
    assert 'id="n-title" name="title" value="Провести замер"' in dialog


def test_a_task_is_handed_over_by_its_dialog(login, system, scene):
    client = login("pavel")
    pk = ids(system)["Замер"]
    assert 'name="assignee"' not in client.get(f"/tasks/{pk}/change").get_data(as_text=True)
    with system() as session:
        sergey = who(session, "sergey").id
    data = {"assignee": sergey, "reason": ""}
    assert client.post(f"/tasks/{pk}/transfer", data=data, headers=HTMX).status_code == 422
    assert client.post(f"/tasks/{pk}/transfer", data=data | {"reason": "Заболел"}, headers=HTMX).status_code == 200
    with system() as session:
        assert session.get(Task, pk).assignee.username == "sergey"
    assert login("oleg").post(f"/tasks/{pk}/transfer", data=data | {"reason": "x"}).status_code == 404
