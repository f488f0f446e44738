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
    assert client.post(f"/tasks/{pk}/change", data=data | {"title": "Ещё"}, headers=HTMX).status_code == 409
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
