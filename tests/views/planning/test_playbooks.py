"""The screen of plans: stages, tasks in order, both languages; only the administrator comes in."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.settings import setting
from models.lowcode.funnels import Playbook, Stage

HTMX = {"HX-Request": "true"}
STEP = {"name_ru": "Позвонить клиенту", "name_en": "Call the client", "due": "2", "unit": "work_days", "kind": "call"}


@pytest.fixture
def stage(system):
    with system() as session:
        return session.execute(select(Stage.id).where(Stage.code == "measure")).scalar_one()


def plan(system, stage):
    with system() as session:
        rows = select(Playbook).where(Playbook.stage_id == stage).order_by(Playbook.position)
        return [(step.id, step.label("ru"), step.active) for step in session.execute(rows).scalars()]


def test_stages_are_listed_with_their_plans_in_words(login, stage):
    text = login("admin").get(f"/playbooks/?stage={stage}").get_data(as_text=True)
    for words in ("Оформление", "Провести замер", "Замерщик", "13 часов рабочего времени", "4 пункта"):
        assert words in text, words


def test_the_first_stage_is_the_chosen_one_where_the_address_names_none(login, system):
    client = login("admin")
    first = re.search(r"План стадии «[^»]+»", client.get("/playbooks/").text)[0]
    assert first in client.get("/playbooks/now").text
    assert re.search(r"\d задач", client.get("/playbooks/stages").text)
    assert login("anna").get("/playbooks/stages").status_code == 403


def test_a_step_is_added_changed_ordered_and_taken_out(login, system, stage):
    client = login("admin")
    assert "Что сказать" in client.get(f"/playbooks/{stage}/step").get_data(as_text=True)
    answer = client.post(f"/playbooks/{stage}/step", data=STEP | {"checklist_ru": "Раз\nДва"}, headers=HTMX)
    assert answer.headers["HX-Redirect"].endswith(f"/playbooks/?stage={stage}")
    *_others, (pk, name, _active) = plan(system, stage)
    assert name == "Позвонить клиенту"
    dialog = client.get(f"/playbooks/step/{pk}").get_data(as_text=True)
    assert "Раз\nДва" in dialog
    client.post(f"/playbooks/step/{pk}", data=STEP | {"name_ru": "Перезвонить"}, headers=HTMX)
    ids = [one[0] for one in plan(system, stage)]
    client.post(f"/playbooks/{stage}/order", data={"ids": ",".join(map(str, ids[::-1]))}, headers=HTMX)
    assert [one[0] for one in plan(system, stage)] == ids[::-1]
    assert plan(system, stage)[0][1] == "Перезвонить"
    client.post(f"/playbooks/step/{pk}/switch", headers=HTMX)
    assert plan(system, stage)[0][2] is False
    client.post(f"/playbooks/step/{pk}/switch", headers=HTMX)
    assert plan(system, stage)[0][2] is True


@pytest.mark.parametrize(
    "values",
    [{"name_ru": "", "name_en": ""}, {"due": "x"}, {"kind": "танец"}, {"role": "king"}, {"script_ru": "{amount.__class__}"},
     {"checklist_en": "\x00"}, {"name_ru": "я" * 300}, {"unit": "year"}],
    ids=str,
)  # fmt: skip
def test_a_bad_step_comes_back_with_what_was_typed(login, system, stage, values):
    before = plan(system, stage)
    answer = login("admin").post(f"/playbooks/{stage}/step", data=STEP | {"script_en": "Hello"} | values, headers=HTMX)
    assert answer.status_code == 422
    assert "Hello" in answer.get_data(as_text=True)
    assert plan(system, stage) == before


def test_the_length_of_visits_is_set_there(login, system):
    client = login("admin")
    client.post("/playbooks/visits", data={"visit_minutes": "90", "travel_minutes": "45"})
    with system():
        assert (setting("visit_minutes"), setting("travel_minutes")) == (90, 45)
    answer = client.post("/playbooks/visits", data={"visit_minutes": "минут сорок", "travel_minutes": "45"})
    assert answer.status_code == 422
    assert "минут сорок" in answer.get_data(as_text=True)


@pytest.mark.parametrize("username", ["marina", "director", "pavel", "nina"])
def test_others_do_not_come_in(login, stage, username):
    client = login(username)
    assert client.get("/playbooks/").status_code == 403
    assert client.post(f"/playbooks/{stage}/step", data=STEP).status_code == 403


@pytest.mark.parametrize(
    "path", ["/playbooks/999999/step", "/playbooks/step/999999", "/playbooks/now?stage=x", f"/playbooks/step/{2**70}"]
)
def test_what_is_not_there_is_not_found(login, path):
    assert login("admin").get(path).status_code == 404
