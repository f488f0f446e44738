"""Doors of participants, notes, hold and other funnels: who may, what is refused, what comes back by undo."""

import json
import re

import pytest
from sqlalchemy import select

from app.services import deals, tasks
from app.wording import today
from models.deals import Deal
from models.lowcode.funnels import Funnel, Gate, Stage
from models.lowcode.rules import Rule
from models.messages import Message, MessageKind
from models.participants import Participant
from tests.deals import who
from tests.views.deals import HTMX, standing


def deal_of(session, number):
    return session.execute(select(Deal).where(Deal.number == number)).scalar_one()


def second_funnel(system):
    with system() as session:
        funnel = Funnel(code="service", names={"ru": "Сервис", "en": "Service"}, position=5)
        funnel.stages = [
            Stage(code="call", position=0, names={"ru": "Вызов"}, hue="teal"),
            Stage(code="visit", position=1, names={"ru": "Выезд"}, hue="amber"),
        ]
        funnel.stages[1].gates.append(Gate(kind="field", params={"field": "address"}))
        session.add(funnel)


def test_a_deal_goes_to_another_funnel_and_back_by_undo(login, system, scene):
    client, number = login("anna"), scene["new"]
    assert "В другую воронку" not in client.get(f"/deals/{number}").get_data(as_text=True)
    second_funnel(system)
    assert "В другую воронку" in client.get(f"/deals/{number}").get_data(as_text=True)
    assert "Выезд" in client.get(f"/deals/{number}/transfer").get_data(as_text=True)
    asked = client.post(f"/deals/{number}/move", data={"funnel": "service", "stage": "visit"}, headers=HTMX)
    assert asked.headers["X-Asks"] == "gate"
    assert 'name="funnel" value="service"' in asked.get_data(as_text=True)
    data = {"funnel": "service", "stage": "visit", "address": "ул. Полевая, 14"}
    moved = client.post(f"/deals/{number}/move", data=data)
    assert moved.status_code == 302
    assert standing(system, number) == "visit"
    page = client.get(moved.location).get_data(as_text=True)
    assert "Окна и мебель: Оформление → Сервис: Выезд" in page
    assert client.post(f"/deals/{number}/back?stage=intake&funnel=windows").status_code == 302
    assert standing(system, number) == "intake"
    for bad in ({"funnel": "moon", "stage": "visit"}, {"funnel": "service", "stage": "measure"}):
        assert client.post(f"/deals/{number}/move", data=bad).status_code == 404


def test_people_are_invited_described_dismissed_and_called_back(login, system, scene):
    client, number = login("anna"), scene["new"]
    with system() as session:
        pavel = who(session, "pavel").id
    found = client.get(f"/deals/{number}/people/found?q=Павел").get_json()["results"]
    assert [one["id"] for one in found] == [f"p{pavel}"]
    data = {"who": f"p{pavel}", "words": "замерщик"}
    assert client.post(f"/deals/{number}/people", data=data).status_code == 302
    assert client.post(f"/deals/{number}/people", data=data).status_code == 422
    with system() as session:
        key = session.execute(select(Participant.id)).scalar_one()
    assert client.post(f"/deals/{number}/people/{key}", data={"words": "решает"}).status_code == 302
    assert client.post(f"/deals/{number}/people/{key}", data={"words": "x" * 61}).status_code == 422
    assert "решает" in client.get(f"/deals/{number}").get_data(as_text=True)
    for other in (scene["placed"], scene["olegs"]):
        assert client.post(f"/deals/{other}/people/{key}/dismiss").status_code == 404
    assert client.post(f"/deals/{number}/people/{key}/dismiss").status_code == 302
    again = client.post(f"/deals/{number}/people/again?who=p{pavel}&words=решает")
    assert again.status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {}, {"who": "x1"}, {"who": "c999999"}, {"who": "p" + "9" * 40}, {"who": "c-1"}, {"who": "\x00"},
        {"name": "a\x00"}, {"name": "Ы" * 300}, {"name": "Иван", "phone": "не телефон"}, {"who": "🙂"},
    ],
)  # fmt: skip
def test_a_bad_participant_is_refused_in_words_and_nobody_is_made(login, system, scene, data):
    answer = login("anna").post(f"/deals/{scene['new']}/people", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert "v-note" in answer.get_data(as_text=True) or "err" in answer.get_data(as_text=True)
    with system() as session:
        assert session.execute(select(Participant)).first() is None


def test_a_deal_is_put_on_hold_resumed_and_each_undone(login, system, scene):
    client, number = login("anna"), scene["new"]
    until = today().replace(year=today().year + 1)
    data = {"until": f"{until:%d.%m.%Y}", "reason": "Ждёт ключи"}
    assert client.post(f"/deals/{number}/hold", data=data).status_code == 302
    board = client.get("/deals/board/?held=1").get_data(as_text=True)
    assert f'data-number="{number}"' in board
    assert "Ждёт ключи" in board
    assert "Ждёт ключи" in client.get(f"/deals/{number}").get_data(as_text=True)
    assert client.post(f"/deals/{number}/resume").status_code == 302
    assert client.post(f"/deals/{number}/resume").status_code == 409
    assert client.post(f"/deals/{number}/hold-again?until={until}&reason=Ждёт").status_code == 302
    with system() as session:
        assert deal_of(session, number).held_reason == "Ждёт"


def test_a_dialog_over_a_deal_saved_meanwhile_takes_its_newest_version_and_the_next_press_saves(login, system, scene):
    client, number = login("anna"), scene["new"]
    data = {"until": f"01.02.{today().year + 1}", "reason": "Ждёт", "version": "0"}
    answer = client.post(f"/deals/{number}/hold", data=data, headers=HTMX)
    assert answer.status_code == 409
    told = json.loads(answer.headers["HX-Trigger"])
    assert "повторите действие" in told["v:toast"]["toasts"][0]["words"]
    again = client.post(f"/deals/{number}/hold", data=data | {"version": told["v:version"]["version"]}, headers=HTMX)
    assert again.status_code == 200
    with system() as session:
        assert deal_of(session, number).held_reason == "Ждёт"


@pytest.mark.parametrize("until", ["", "вчера", "31.02.2027", "01.01.2020", "01.01.9999", "1", "\x00", "10" * 40])
def test_a_bad_day_is_422_with_what_was_typed(login, scene, until):
    answer = login("anna").post(f"/deals/{scene['new']}/hold", data={"until": until, "reason": "Ждёт"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'value="Ждёт"' in answer.get_data(as_text=True)


def test_a_held_deal_is_neither_slow_nor_without_a_task(login, system, scene):
    with system() as session:
        deal = deal_of(session, scene["placed"])
        deal.stage_since = deal.stage_since.replace(year=2025)
        for task in session.execute(select(tasks.Task).where(tasks.Task.deal_id == deal.id)).scalars():
            tasks.finish(task) if task.done_at is None else None
    client = login("anna")
    for flag in ("slow", "idle"):
        assert f'data-number="{scene["placed"]}"' in client.get(f"/deals/board/?{flag}=1").get_data(as_text=True)
    data = {"number": scene["placed"], "until": "31.12.2099", "reason": "Ждёт", "next": "/deals/board/"}
    done = client.post("/deals/many/hold", data=data)
    assert done.location == "/deals/board/"
    for flag in ("slow", "idle"):
        assert f'data-number="{scene["placed"]}"' not in client.get(f"/deals/board/?{flag}=1").get_data(as_text=True)
    undo = client.post(f"/deals/many/resume?of={scene['placed']}&next=/deals/board/")
    assert undo.location == "/deals/board/"
    with system() as session:
        assert deal_of(session, scene["placed"]).held_until is None


def test_many_are_held_and_the_closed_one_is_told(login, scene):
    data = {"number": [scene["new"], scene["lost"]], "until": "31.12.2099", "reason": "Ждёт"}
    page = login("anna").post("/deals/many/hold", data=data).get_data(as_text=True)
    assert "Сначала верните её в работу" in page


@pytest.fixture
def noted(system, scene, login):
    """Anna's note on her new deal: its key."""
    login("anna").post(f"/deals/{scene['new']}/note", data={"words": "Раз"})
    with system() as session:
        return session.execute(select(Message.id).where(Message.kind == MessageKind.NOTE)).scalar_one()


def test_a_note_is_rewritten_thrown_away_restored_and_pinned_by_its_author(login, scene, noted):
    client, base = login("anna"), f"/deals/{scene['new']}/notes/{noted}"
    assert "Раз" in client.get(base).get_data(as_text=True)
    line = client.post(base, data={"words": "Два"}, headers=HTMX).get_data(as_text=True)
    assert "Два" in line
    assert "Раз" in line
    assert client.post(base, data={"words": " "}, headers=HTMX).status_code == 422
    assert "t-pin" in client.post(f"{base}/pin", headers=HTMX).get_data(as_text=True)
    assert "t-pin" not in client.post(f"{base}/pin", data={"off": "1"}, headers=HTMX).get_data(as_text=True)
    assert "Два" not in client.post(f"{base}/erase", headers=HTMX).get_data(as_text=True)
    assert client.get(base).status_code == 404
    assert client.post(f"{base}/restore").status_code == 302
    assert "Два" in client.get(base).get_data(as_text=True)


def test_another_may_read_and_pin_but_not_rewrite_and_a_rival_nothing(login, scene, noted):
    base = f"/deals/{scene['new']}/notes/{noted}"
    head, rival = login("marina"), login("oleg")
    assert head.post(base, data={"words": "Моё"}, headers=HTMX).status_code == 422
    assert head.post(f"{base}/erase").status_code == 409
    assert head.post(f"{base}/pin").status_code == 302
    for path in (base, f"{base}/erase", f"{base}/restore", f"{base}/pin"):
        assert rival.post(path).status_code == 404
    assert head.get(f"/deals/{scene['placed']}/notes/{noted}").status_code == 404
    assert head.get(f"/deals/{scene['new']}/notes/{2**63}").status_code == 404


def test_colleagues_are_found_for_an_at_sign_with_who_would_not_see_it(login, scene):
    client = login("anna")
    names = {one["text"]: one["note"] for one in client.get(f"/deals/{scene['new']}/colleagues").get_json()["results"]}
    assert len(names) <= 8
    rival = client.get(f"/deals/{scene['new']}/colleagues?q=олег").get_json()["results"]
    assert [one["note"] for one in rival] == ["не видит эту сделку"]
    for text in ("\x00", "x" * 200):
        assert client.get(f"/deals/{scene['new']}/colleagues", query_string={"q": text}).status_code in {409, 422}
    assert client.get(f"/deals/{scene['new']}/colleagues?q=%25_'%22").get_json()["results"] == []


DOORS = ("people", "people/found", "hold", "resume", "transfer", "ahead/measure", "colleagues")


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_and_a_rival_find_no_deal_behind_any_door(login, scene, door):
    for username in ("oleg", "stranger"):
        answer = login(username).get(f"/deals/{scene['new']}/{door}")
        assert answer.status_code in {403, 404, 405}, username


def test_the_surveyor_reads_the_deal_given_to_him_and_neither_holds_it_nor_invites(login, system, scene):
    with system() as session:
        tasks.add({"title": "Замер", "assignee": who(session, "pavel")}, on=deal_of(session, scene["new"]))
    client, number = login("pavel"), scene["new"]
    page = client.get(f"/deals/{number}").get_data(as_text=True)
    assert "Дарья Котова" in page
    for words in ("Отложить", "Добавить участника", "tel:", "Отказ"):
        assert words not in page, words
    for door in ("hold", "people", "transfer", "ahead/measure"):
        assert client.get(f"/deals/{number}/{door}").status_code in {403, 404}
    assert client.post(f"/deals/{number}/note", data={"words": "На месте"}, headers=HTMX).status_code == 200


def test_the_accountant_sees_the_deal_and_no_chats(login, system, scene):
    with system() as session:
        deals.note(deal_of(session, scene["agreed"]), "Личное клиента")
    page = login("nina").get(f"/deals/{scene['agreed']}").get_data(as_text=True)
    assert "Личное клиента" not in page
    assert 'data-compose="message"' not in page


def test_what_a_move_sets_off_is_told_before_it(login, scene):
    text = login("anna").get(f"/deals/{scene['new']}/ahead/measure").get_data(as_text=True)
    assert "Провести замер" in text
    assert "Заполните поле «Адрес объекта»" in text.replace("\u00a0", " ") or "Адрес объекта" in text
    assert "Дальше для «Смета» понадобится" in text
    assert login("anna").get(f"/deals/{scene['new']}/ahead/moon").status_code == 404


def test_the_feed_is_searched_in_its_words_and_changes(login, scene, noted):
    client = login("anna")
    found = client.get(f"/deals/{scene['new']}/feed?q=РАЗ").get_data(as_text=True)
    assert len(re.findall(r"data-message=", found)) == 1
    assert "такого нет" in client.get(f"/deals/{scene['new']}/feed?q=такого нет").get_data(as_text=True)
    for bad in ("\x00", "x" * 101):
        answer = client.get(f"/deals/{scene['new']}/feed", query_string={"q": bad})
        assert answer.status_code in {409, 422}


def test_rules_that_will_run_are_named_if_their_conditions_hold(login, system, scene):
    names = {"ru": "Поздравить с замером", "en": "Greet"}
    with system() as session:
        session.add(Rule(code="greet", event="deal.moved", names=names, conditions=[{"field": "stage", "is": "measure"}]))
        other = [{"field": "stage", "is": "estimate"}]
        session.add(Rule(code="other", event="deal.moved", names={"ru": "Не сейчас"}, conditions=other))
    text = login("anna").get(f"/deals/{scene['new']}/ahead/measure").get_data(as_text=True)
    assert "Поздравить с замером" in text
    assert "Не сейчас" not in text
