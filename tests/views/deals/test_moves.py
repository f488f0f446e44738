"""Moves: the gate that asks, undo, two people at once, the same words everywhere; who is denied."""

import datetime as dt
import json
import re

import pytest
from sqlalchemy import select

from app.services import tasks, visits
from models.deals import Deal
from models.ground.base import utcnow
from models.tasks import Task
from models.visits import Visit
from tests.deals import who
from tests.views.deals import HTMX, standing, version_of


def test_the_gate_asks_only_for_what_is_missing_and_offers_values(login, system, scene):
    client = login("anna")
    answer = client.post(f"/deals/{scene['placed']}/move", data={"stage": "bill"}, headers=HTMX)
    text = answer.get_data(as_text=True)
    assert answer.headers["X-Asks"] == "gate"
    assert set(re.findall(r'data-field="(\w+)"', text)) == {"payer", "production_on"}
    assert "Егор Сафин, клиент сделки" in text
    assert "рабочих дней" in text
    assert "Смета не согласована" in text
    assert re.search(r"Вид работ</span><span[^>]*>Окна<", text)
    assert standing(system, scene["placed"]) == "measure"


def test_a_filled_gate_moves_and_undo_moves_back(login, system, scene):
    client = login("anna")
    number = scene["new"]
    answer = client.post(
        f"/deals/{number}/move",
        data={"stage": "measure", "address": "ул. Полевая", "version": version_of(system, number), "from": "board"},
        headers=HTMX,
    )
    assert (answer.status_code, answer.get_data()) == (200, b"")
    (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
    assert standing(system, number) == "measure"
    client.post(toast["undo"])
    assert standing(system, number) == "intake"


def test_a_refused_value_comes_back_with_what_was_typed(login, system, scene):
    typed = {"stage": "measure", "address": "а" * 300}
    text = login("anna").post(f"/deals/{scene['new']}/move", data=typed, headers=HTMX).get_data(as_text=True)
    assert "а" * 300 in text
    assert "is-invalid" in text
    assert standing(system, scene["new"]) == "intake"


def test_fields_are_saved_even_when_something_else_is_in_the_way(login, system, scene):
    client = login("anna")
    data = {"stage": "bill", "do": "save", "production_on": "01.06.2027"}
    assert client.post(f"/deals/{scene['placed']}/move", data=data, headers=HTMX).status_code == 200
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene["placed"])).scalar_one()
        assert (str(deal.production_on), deal.stage.code) == ("2027-06-01", "measure")


def test_two_people_move_one_card_and_the_second_sees_both_values(login, system, scene):
    number = scene["placed"]
    seen = version_of(system, number)
    first = login("anna").post(f"/deals/{number}/move", data={"stage": "estimate", "version": seen}, headers=HTMX)
    second = login("marina").post(f"/deals/{number}/move", data={"stage": "intake", "version": seen}, headers=HTMX)
    text = second.get_data(as_text=True)
    assert (first.status_code, second.status_code) == (200, 409)
    assert "Анна Белова" in text
    assert "Оформление" in text
    assert "Смета" in text
    assert standing(system, number) == "estimate"


def test_lost_asks_why(login, system, scene):
    client = login("anna")
    text = client.post(f"/deals/{scene['new']}/move", data={"stage": "lost"}, headers=HTMX).get_data(as_text=True)
    assert "Почему отказ?" in text
    assert "Дорого" in text
    client.post(f"/deals/{scene['new']}/move", data={"stage": "lost", "lost_reason": "price"}, headers=HTMX)
    assert standing(system, scene["new"]) == "lost"
    client.post(f"/deals/{scene['new']}/reopen")
    with system() as session:
        key = session.execute(select(Deal.client_id).where(Deal.number == scene["new"])).scalar_one()
    # The client's feed does not end with the loss.
    assert "Сделка снова в работе" in client.get(f"/clients/{key}").get_data(as_text=True)
    assert standing(system, scene["new"]) == "intake"


def test_the_same_words_from_the_dialog_the_form_the_bulk_action_and_rest(login, scene):
    client = login("anna")
    number = scene["new"]
    words = "Заполните поле «Адрес объекта»."
    assert words in client.get(f"/deals/{number}/gates").get_json()["measure"][0]["words"]
    bulk = client.post("/deals/many/move", data={"number": [number], "stage": "measure"})
    assert words in bulk.get_data(as_text=True)
    page = client.post(f"/deals/{number}/move", data={"stage": "measure"})
    assert words in page.get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.get_data(as_text=True))[1]
    said = client.post(f"/api/v1/deals/{number}/move", json={"stage": "measure"}, headers={"X-CSRFToken": token})
    assert said.status_code in {409, 422}
    assert words in str(said.get_json())


@pytest.mark.parametrize("version", ["-1", "99999999999", "9" * 40, "²", "latest", "0"])
def test_a_version_that_nobody_can_have_seen_saves_nothing(login, system, scene, version):
    client, number = login("anna"), scene["new"]
    said = client.post(f"/deals/{number}/fields/address", data={"address": "Луна", "version": version}, headers=HTMX)
    assert said.status_code in (400, 409)
    with system() as session:
        assert session.execute(select(Deal.address).where(Deal.number == number)).scalar_one() != "Луна"


POSTS = ("move", "back?stage=intake", "assign", "give-back?owner=1", "note", "reopen", "fields/address")


@pytest.mark.parametrize("username", ["director", "nina", "pavel", "sergey"])
def test_whoever_may_not_move_deals_is_denied_at_each_door(login, system, scene, username):
    client = login(username)
    for post in POSTS:
        if post == "note":
            continue
        data = {"stage": "measure", "owner": "1", "address": "Луна"}
        assert client.post(f"/deals/{scene['new']}/{post}", data=data).status_code == 403, post
    for post in ("move", "assign", "back", "give-back", "restore"):
        assert client.post(f"/deals/many/{post}", data={"number": [scene["new"]]}).status_code == 403, post
    for name in ("move", "assign", "delete"):
        assert client.post("/deals/action_post", data={"action": name, "rowid": ["1"]}).status_code == 403
    assert client.get("/deals/add").status_code == 403
    assert standing(system, scene["new"]) == "intake"


def test_a_rivals_deal_is_not_there_at_any_door(login, system, scene):
    client = login("oleg")
    number = scene["new"]
    for path in ("", "/feed", "/gates", "/fields/address"):
        assert client.get(f"/deals/{number}{path}").status_code == 404, path
    for post in POSTS:
        assert client.post(f"/deals/{number}/{post}", data={"stage": "measure", "owner": "1"}).status_code == 404, post
    client.post("/deals/many/move", data={"number": [number], "stage": "measure"})
    client.post("/deals/many/assign", data={"number": [number], "owner": "1"})
    assert standing(system, number) == "intake"
    assert client.get("/deals/999999999999").status_code == 404


def undo_of(answer):
    (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
    return toast["undo"]


def tasks_of(system, number):
    """(title, whether it is open) of each task of a deal, and the states of its visits."""
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        rows = session.execute(select(Task).where(Task.deal_id == deal.id).order_by(Task.id)).scalars()
        found = [(task.title, task.done_at is None) for task in rows]
        states = session.execute(select(Visit.state).where(Visit.deal_id == deal.id)).scalars()
        return found, list(states)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("placed", {"stage": "lost", "lost_reason": "price"}), ("placed", {"stage": "intake"}),
        ("placed", {"stage": "estimate"}), ("new", {"stage": "measure", "address": "ул. Полевая"}),
    ],
)  # fmt: skip
def test_undo_of_a_move_gives_back_its_tasks_and_visits(login, system, scene, name, said):
    client, number = login("anna"), scene[name]
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        values = {"starts_at": utcnow() + dt.timedelta(days=1), "address": "ул. Мира, 1"}
        visits.plan(deal, values | {"assignee": who(session, "pavel")})
        tasks.add({"title": "Своё дело", "assignee": who(session, "anna")}, on=deal)
    before = tasks_of(system, number)
    answer = client.post(f"/deals/{number}/move", data=said | {"from": "board"}, headers=HTMX)
    assert standing(system, number) == said["stage"]
    assert (tasks_of(system, number) == before) is (said["stage"] == "intake")
    client.post(undo_of(answer))
    assert tasks_of(system, number) == before


def test_undo_of_a_move_leaves_what_somebody_has_begun_with(login, system, scene):
    client, number = login("anna"), scene["new"]
    answer = client.post(
        f"/deals/{number}/move", data={"stage": "measure", "address": "ул. Полевая", "from": "board"}, headers=HTMX
    )
    with system() as session:
        given = select(Task).join(Deal, Deal.id == Task.deal_id).where(Deal.number == number)
        task = session.execute(given.where(Task.title == "Провести замер")).scalar_one()
        tasks.change(task, {"is_important": True})
    client.post(undo_of(answer))
    assert ("Провести замер", True) in tasks_of(system, number)[0]


def test_a_visit_whose_hour_was_taken_meanwhile_stays_cancelled(login, system, scene):
    client, number = login("anna"), scene["placed"]
    values = {"starts_at": utcnow() + dt.timedelta(days=1), "address": "ул. Мира, 1"}
    with system() as session:
        find = select(Deal).where(Deal.number == number)
        visits.plan(session.execute(find).scalar_one(), values | {"assignee": who(session, "pavel")})
    said = {"stage": "lost", "lost_reason": "price", "from": "board"}
    answer = client.post(f"/deals/{number}/move", data=said, headers=HTMX)
    with system() as session:
        other = session.execute(select(Deal).where(Deal.number == scene["olegs"])).scalar_one()
        visits.plan(other, values | {"assignee": who(session, "pavel")})
    client.post(undo_of(answer))
    assert (standing(system, number), tasks_of(system, number)[1]) == ("measure", ["cancelled"])


@pytest.mark.parametrize("way", ["one", "many"])
def test_undo_of_a_hand_over_leaves_the_tasks_that_were_the_other_ones_own(login, system, scene, way):
    client, number = login("marina"), scene["placed"]
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        oleg, anna = who(session, "oleg").id, who(session, "anna").id
        for name in ("anna", "oleg"):
            tasks.add({"title": name, "assignee": who(session, name)}, on=deal)
    if way == "one":
        client.post(f"/deals/{number}/assign", data={"owner": oleg})
        client.post(f"/deals/{number}/give-back?owner={anna}")
    else:
        client.post("/deals/many/assign", data={"number": [number], "owner": oleg})
        client.post(f"/deals/many/give-back?of={number}.{anna}")
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        rows = select(Task.title, Task.assignee_id).where(Task.deal_id == deal.id, Task.title.in_(("anna", "oleg")))
        assert (deal.owner_id, dict(session.execute(rows).all())) == (anna, {"anna": anna, "oleg": oleg})
