"""Leads taken, given, attached and set aside, one and many; every one of it taken back by the toast as it was."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.services import clients, deals
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead, LeadClass, LeadState
from models.messages import Message
from models.staff import Person
from models.tasks import Task

WORDS = "Два окна на кухню"


def person(session: Any, username: str) -> Any:
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def look(app: Any, key: int) -> dict[str, Any]:
    """The lead as it stands."""
    names = ("state", "owner_id", "klass", "deal_id", "client_id", "reject_reason", "answered_at", "respond_by")
    with app.app_context(), acting_as(SYSTEM) as session:
        lead = session.get(Lead, key)
        return {name: getattr(lead, name) for name in names}


def who(app: Any, username: str) -> int:
    with app.app_context(), acting_as(SYSTEM) as session:
        return int(person(session, username).id)


def way_back(browser: Any) -> str:
    """The address in the toast of the next page."""
    found = re.search(r'action="(/leads/undo[^"]+)"', browser.get("/leads/list/").text)
    assert found is not None
    return html.unescape(found[1])


@pytest.mark.parametrize(
    ("verb", "form"),
    [("take", {}), ("reject", {"reason": "spam"}), ("assign", {"owner": "oleg"}), ("class", {"klass": "partner"})],
)
@pytest.mark.parametrize("owner", [None, "oleg", "marina"])
def test_undo_leaves_a_lead_as_it_was(app, login, lead_of, verb, form, owner):
    key = lead_of(owner, late=True)
    marina = login("marina")
    before = look(app, key)
    form = {name: who(app, value) if name == "owner" else value for name, value in form.items()}
    assert marina.post(f"/leads/{key}/{verb}", data=form).status_code == 302
    after = look(app, key)
    if after == before:
        # Given to whoever has it already: nothing was done, nothing is offered to be undone.
        assert (verb, owner) == ("assign", "oleg")
        return
    if verb != "class":
        assert marina.post(way_back(marina)).status_code == 302
        assert look(app, key) == before


def test_a_colleagues_late_lead_may_be_taken_and_one_in_time_may_not(app, login, lead_of):
    late, in_time = lead_of("oleg", late=True), lead_of("oleg", phone="89261230011")
    anna = login("anna")
    assert anna.post(f"/leads/{late}/take").status_code == 302
    assert look(app, late)["owner_id"] == who(app, "anna")
    anna.post(way_back(anna))
    assert look(app, late)["owner_id"] == who(app, "oleg")
    assert anna.post(f"/leads/{in_time}/take").status_code == 409


def test_what_somebody_went_on_with_is_not_undone(app, login, lead_of):
    key = lead_of(None)
    anna = login("anna")
    anna.post(f"/leads/{key}/take")
    back = way_back(anna)
    login("marina").post(f"/leads/{key}/assign", data={"owner": who(app, "oleg")})
    answer = anna.post(back)
    assert "изменился" in answer.text
    assert look(app, key)["owner_id"] == who(app, "oleg")


def test_a_stranger_undoes_nothing_of_mine(app, login, lead_of):
    key = lead_of(None)
    anna = login("anna")
    anna.post(f"/leads/{key}/take")
    back = way_back(anna)
    assert login("oleg").post(back).status_code == 302
    assert look(app, key)["owner_id"] == who(app, "anna")


@pytest.mark.parametrize("query", ["", "first=1", "first=x&last=2", "first=-1&last=2", "first=1&last=" + "9" * 30])
def test_an_undo_that_names_nothing_is_refused(login, query):
    assert login("anna").post(f"/leads/undo?{query}").status_code == 400


@pytest.fixture
def deal_of(app: Any) -> Any:
    """An open deal of somebody: its key and number."""

    def make(username: str = "anna", name: str = "Смирнова") -> tuple[int, int]:
        with app.app_context(), acting_as(SYSTEM) as session:
            owner = person(session, username)
            deal = deals.start(clients.create(name, owner=owner), {"title": "Окна"}, owner=owner)
            session.commit()
            return deal.id, deal.number

    return make


def test_a_request_is_attached_to_a_deal_with_its_words_and_comes_out_again(app, login, lead_of, deal_of):
    key = lead_of("anna")
    deal, number = deal_of()
    anna = login("anna")
    anna.post(f"/leads/{key}/note", data={"words": "Звонил"})
    before = look(app, key)
    assert f"deal:{deal}" in anna.get(f"/leads/{key}/attach?q=смирн").text
    assert f"deal:{deal}" in anna.get(f"/leads/{key}/attach?q={number}").text
    anna.post(f"/leads/{key}/attach", data={"place": f"deal:{deal}"})
    assert (look(app, key)["state"], look(app, key)["deal_id"]) == (LeadState.ATTACHED, deal)
    assert {WORDS, "Звонил"} <= set(words_of(app, deal))
    anna.post(way_back(anna))
    assert look(app, key) == before
    assert words_of(app, deal) == []


def words_of(app: Any, deal: int) -> list[str]:
    with app.app_context(), acting_as(SYSTEM) as session:
        return list(session.execute(select(Message.words).where(Message.deal_id == deal)).scalars())


def test_a_request_is_given_its_client_and_stays_open(app, login, lead_of, deal_of):
    key = lead_of("anna")
    deal, _number = deal_of()
    with app.app_context(), acting_as(SYSTEM) as session:
        client = session.get(Deal, deal).client_id
    login("anna").post(f"/leads/{key}/attach", data={"place": f"client:{client}"})
    assert (look(app, key)["client_id"], look(app, key)["state"]) == (client, LeadState.WAITING)


def test_nobody_attaches_to_what_is_out_of_reach(app, login, lead_of, deal_of):
    key = lead_of("anna")
    deal, number = deal_of("oleg", "Тайная")
    anna = login("anna")
    assert "Тайная" not in anna.get(f"/leads/{key}/attach?q=тайн").text
    assert str(number) not in anna.get(f"/leads/{key}/attach?q={number}").text.replace(f"q={number}", "")
    assert anna.post(f"/leads/{key}/attach", data={"place": f"deal:{deal}"}).status_code == 404
    for place in ("", "deal", "deal:", "lead:1", "deal:x", "deal:" + "9" * 30, "\x00", "😀:1"):
        assert anna.post(f"/leads/{key}/attach", data={"place": place}).status_code == 404, place


@pytest.mark.parametrize("text", ["\x00", "😀", "\u202e", "<b>", "' OR 1=1", "&|!", "x" * 5000, "+7", "00"])
def test_a_strange_search_for_a_place_finds_nothing_and_breaks_nothing(login, lead_of, text):
    assert login("anna").get(f"/leads/{lead_of('anna')}/attach", query_string={"q": text}).status_code == 200


def test_a_call_that_was_answered_stops_the_timer_with_its_words(app, login, lead_of):
    key = lead_of("oleg", late=True)
    anna = login("anna")
    assert "Как прошёл звонок" in anna.get(f"/leads/{key}/called").text
    anna.post(f"/leads/{key}/called", data={"words": "Замер в пятницу"})
    assert (look(app, key)["owner_id"], bool(look(app, key)["answered_at"])) == (who(app, "anna"), True)
    assert "Замер в пятницу" in anna.get(f"/leads/{key}").text


def test_a_call_that_nobody_took_makes_a_task_and_the_timer_runs_on(app, login, lead_of):
    key = lead_of(None)
    login("anna").post(f"/leads/{key}/called", data={"again": "30"})
    assert look(app, key)["answered_at"] is None
    with app.app_context(), acting_as(SYSTEM) as session:
        tasks = session.execute(select(Task).where(Task.lead_id == key, Task.done_at.is_(None))).scalars().all()
        again = [task for task in tasks if task.title == "Перезвонить"]
        assert [task.assignee_id for task in again] == [person(session, "anna").id]


def test_an_answer_written_elsewhere_is_noted(app, login, lead_of):
    key = lead_of("anna", phone="", email="ivan@example.ru")
    anna = login("anna")
    assert "mailto:ivan@example.ru" in anna.get(f"/leads/{key}/reply").text
    anna.post(f"/leads/{key}/reply", data={"words": "Отправила цены"})
    assert look(app, key)["answered_at"]
    assert anna.post(f"/leads/{key}/reply", data={"words": "Ещё", "way": "c999"}).status_code == 422


def test_the_class_is_a_persons_word_and_what_it_cannot_be_is_refused(app, login, lead_of):
    key = lead_of("anna")
    anna = login("anna")
    anna.post(f"/leads/{key}/class", data={"klass": "partner"})
    assert look(app, key)["klass"] == LeadClass.PARTNER
    assert "указал человек" in anna.get(f"/leads/{key}").text
    for klass in ("", "spam", "x" * 300, "\x00"):
        assert anna.post(f"/leads/{key}/class", data={"klass": klass}).status_code in {400, 422}, klass


def test_every_row_that_the_list_shows_is_set_aside_and_comes_back(app, login, lead_of):
    sent = [lead_of("anna", phone=f"892612300{n}", source="call") for n in range(20, 26)]
    other = lead_of("anna", phone="89261230099", source="site")
    before = [look(app, key) for key in sent]
    anna = login("anna")
    where = "/leads/list/?tab=mine&_flt_0_source=call"
    query = "tab=mine&_flt_0_source=call"
    asked = anna.post(f"/leads/action_post?{query}", data={"action": "edit", "every": "1", "rowid": sent[:2]})
    assert asked.text.count('name="lead"') == len(sent)
    anna.post("/leads/many/reject", data={"lead": sent, "reason": "spam", "next": where})
    assert {look(app, key)["state"] for key in sent} == {LeadState.REJECTED}
    assert look(app, other)["state"] == LeadState.WAITING
    anna.post(way_back(anna))
    assert [look(app, key) for key in sent] == before


def test_very_many_are_given_in_the_background_and_refusals_are_told(app, login, lead_of, worker, monkeypatch):
    monkeypatch.setattr("views.leads.many.MOST", 3)
    sent = [lead_of("anna", phone=f"892612300{n}", source="call") for n in range(30, 36)]
    marina = login("marina")
    query = "tab=week&_flt_0_source=call"
    asked = marina.post(f"/leads/action_post?{query}", data={"action": "assign", "every": "1"})
    keys = ",".join(map(str, sent))
    assert f'name="keys" value="{keys}"' in asked.text
    oleg = who(app, "oleg")
    begun = marina.post("/leads/many/assign", data={"owner": oleg, "keys": keys})
    assert begun.location.startswith("/works/")
    assert {look(app, key)["owner_id"] for key in sent} != {oleg}
    worker()
    assert {look(app, key)["owner_id"] for key in sent} == {oleg}
    assert "Изменено" in marina.get(begun.location).text
    aside = marina.post("/leads/many/reject", data={"reason": "spam", "keys": keys + ",999999"})
    worker()
    assert {look(app, key)["state"] for key in sent} == {LeadState.REJECTED}
    assert "№ 999999" in marina.get(aside.location).text
    back = marina.post("/leads/action_post?tab=aside&_flt_0_source=call", data={"action": "back", "every": "1"})
    assert back.location.startswith("/works/")
    worker()
    assert not any(look(app, key)["state"] == LeadState.REJECTED for key in sent)


def test_very_many_are_changed_by_nobody_who_could_not_change_one(app, login, lead_of, worker):
    key = lead_of("anna", phone="89261230040")
    sergey, stranger = login("sergey"), login("stranger")
    assert sergey.post("/leads/many/reject", data={"reason": "spam", "keys": str(key)}).status_code == 403
    for keys in ("", "x", str(key), "1,,\x00", "9" * 30, ",".join(["1"] * 20_001)):
        answer = stranger.post("/leads/many/reject", data={"reason": "spam", "keys": keys})
        assert answer.status_code < 500, keys[:20]
    assert stranger.post("/leads/many/reject", data={"reason": "", "keys": "1,2"}).status_code in {409, 422}
    worker()
    assert look(app, key)["state"] == LeadState.WAITING


def test_chips_narrow_the_list_and_counts_agree(login, lead_of):
    lead_of("anna", phone="89261230021", name="Поздняя", late=True, source="call")
    lead_of("anna", phone="89261230022", name="Ранняя", source="site")
    lead_of(None, phone="89261230023", name="Ничья", source="site")
    anna = login("anna")
    for query, seen in (
        ("late=1", {"Поздняя"}),
        ("_flt_0_owner=0", {"Ничья"}),
        ("period=day&tab=week", {"Поздняя", "Ранняя", "Ничья"}),
        ("tab=week&period=all", {"Поздняя", "Ранняя", "Ничья"}),
    ):
        page = anna.get(f"/leads/list/?{query}").text
        assert {name for name in ("Поздняя", "Ранняя", "Ничья") if f">{name}<" in page} == seen, query
    for query in ("period=x", "tab=x", "_flt_9_source=call"):
        assert anna.get(f"/leads/list/?{query}").status_code == 400, query


def test_the_next_lead_is_the_one_below_in_the_list(login, lead_of):
    first, second = lead_of("anna", late=True), lead_of("anna", phone="89261230011")
    page = login("anna").get(f"/leads/{first}").text
    assert re.search(rf'href="/leads/{second}" data-key="J"', page)
    assert 'data-key="K"' not in page
