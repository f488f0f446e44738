"""The screens of leads: what a manager sees first, and what one click does."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from models.leads import Lead, LeadState
from models.messages import Message
from models.notices import Notice
from models.staff import Person


def undo_in(page: Any) -> str:
    """The address of the toast's way back."""
    found = re.search(r'action="(/leads/undo[^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


def test_the_list_shows_what_needs_an_answer_the_latest_target_last(login, lead_of):
    lead_of("anna", phone="89261230011", name="Второй")
    lead_of("oleg", phone="89261230012", name="Первый", late=True)
    page = login("anna").get("/leads/list/").text
    assert page.index("Первый") < page.index("Второй")
    assert "data-until=" in page
    assert "+7\u00a0926\u00a0123-00-11" in page


@pytest.mark.parametrize(
    ("tab", "seen"), [("mine", {"Моя"}), ("unowned", {"Ничья"}), ("week", {"Моя", "Ничья", "Олега"})]
)
def test_tabs_show_their_part_and_count_it(login, lead_of, tab, seen):
    lead_of("anna", phone="89261230011", name="Моя")
    lead_of(None, phone="89261230012", name="Ничья")
    lead_of("oleg", phone="89261230013", name="Олега")
    page = login("anna").get(f"/leads/list/?tab={tab}").text
    assert {name for name in ("Моя", "Ничья", "Олега") if f">{name}<" in page} == seen
    # A colleague's request waits for everybody only when his time is over.
    assert '<span class="c">2</span>' in page


def test_another_teams_leads_are_not_there(login, lead_of):
    key = lead_of("stranger")
    anna = login("anna")
    assert "Ёлкин" not in anna.get("/leads/list/?tab=week").text
    assert anna.get(f"/leads/{key}").status_code == 404
    assert anna.post(f"/leads/{key}/take").status_code == 404


@pytest.mark.parametrize("text", ["елк", "Иван ё", "кухн", "00-10", "9261230010"])
def test_search_finds_by_name_and_last_digits(login, lead_of, text):
    lead_of("anna", name="Елкин Иван" if text == "елк" else "Иван Ёлкин")
    assert "лкин" in login("anna").get("/leads/list/", query_string={"q": text, "tab": "week"}).text


@pytest.mark.parametrize(
    "query", ["tab=no", "page_Leads=x", "_oc_Leads=owner.password", "_flt_0_klass[]=1", "psize_Leads=-1"]
)
def test_what_cannot_be_meant_is_refused(login, query):
    assert login("anna").get(f"/leads/list/?{query}").status_code == 400


def test_the_card_shows_words_contacts_marks_and_the_reason(login, lead_of):
    key = lead_of("anna", utm={"source": "yandex"}, extra={"formname": "Замер"})
    page = login("anna").get(f"/leads/{key}").text
    for said in (
        "Два окна на кухню",
        "+7\u00a0926\u00a0123-00-10",
        "yandex",
        "Замер",
        "Клиента с таким контактом ещё нет",
    ):
        assert said in page, said


def test_take_answer_reject_and_restore_by_clicks(login, lead_of, row):
    key = lead_of(None)
    anna = login("anna")
    assert anna.post(f"/leads/{key}/take").status_code == 302
    assert row(Lead, key).state == LeadState.TAKEN
    anna.post(f"/leads/{key}/answer", data={"words": "Договорились о замере"})
    assert row(Lead, key).answered_at
    assert "Договорились о замере" in anna.get(f"/leads/{key}").text
    anna.post(f"/leads/{key}/reject", data={"reason": "no_answer"})
    assert row(Lead, key).reject_reason == "no_answer"
    assert "Не выходит на связь" in anna.get(f"/leads/{key}").text
    anna.post(f"/leads/{key}/restore")
    assert row(Lead, key).is_live


def test_a_refusal_is_a_sentence(login, lead_of):
    key = lead_of("oleg")
    answer = login("anna").post(f"/leads/{key}/take")
    assert answer.status_code == 409
    assert "Олег Дёмин" in answer.text


def test_giving_tells_the_new_owner(login, lead_of, worker, rows):
    key = lead_of("anna")
    oleg = rows(select(Person.id).where(Person.username == "oleg"))[0]
    login("marina").post(f"/leads/{key}/assign", data={"owner": oleg})
    worker()
    told = rows(select(Notice.title).where(Notice.person_id == oleg, Notice.event == "lead.assigned"))
    assert told == ["Вам передали лид: Иван Ёлкин"]


def test_one_line_said_at_the_phone_is_a_lead(login, rows):
    anna = login("anna")
    answer = anna.post("/leads/add", data={"line": "Пётр 8 903 111-22-33 балкон под ключ"})
    (lead,) = rows(select(Lead))
    assert answer.headers["Location"] == f"/leads/{lead.id}"
    assert (lead.name, lead.phone, lead.words) == ("Пётр", "+79031112233", "балкон под ключ")
    assert lead.state == LeadState.TAKEN


def test_an_empty_lead_is_refused_and_what_was_typed_is_kept(login):
    answer = login("anna").post("/leads/add", data={"source": "call"})
    assert answer.status_code == 422
    assert "Напишите хотя бы имя" in answer.text


@pytest.mark.parametrize(
    "typed", ["\x00", "x" * 20_000, "😀", "<script>alert(1)</script>", "{{ 7*7 }}", "' OR 1=1", "\u202e"]
)
def test_strange_text_in_the_form_is_never_a_fault(login, typed):
    anna = login("anna")
    for name in ("line", "name", "phone", "email", "words", "source", "owner"):
        answer = anna.post("/leads/add", data={"name": "Иван", name: typed})
        assert answer.status_code in {302, 404, 422}, name
    page = anna.get("/leads/list/?tab=week").text
    assert "<script>alert" not in page


def test_while_a_phone_is_typed_the_known_are_hinted_at(login, lead_of):
    key = lead_of("anna")
    page = login("anna").get("/leads/known?phone=8(926)123-00-10").text
    assert f"/leads/{key}" in page
    assert login("anna").get("/leads/known?phone=\x00").status_code == 200


def test_notes_stand_in_the_feed_and_go_to_the_deal(login, lead_of, rows):
    key = lead_of("anna")
    anna = login("anna")
    anna.post(f"/leads/{key}/note", data={"words": "Просил перезвонить"})
    anna.post(f"/leads/{key}/qualify", data={"title": "Окна", "client": ""})
    words = rows(select(Message.words).where(Message.deal_id.is_not(None)).order_by(Message.id))
    assert words == ["Два окна на кухню", "Просил перезвонить"]


def test_many_are_taken_at_once_and_refusals_are_told(login, lead_of, row):
    free, olegs = lead_of(None, phone="89261230011"), lead_of("oleg", phone="89261230012")
    answer = login("anna").post("/leads/action_post", data={"action": "take", "rowid": [free, olegs]})
    assert "Олег Дёмин" in answer.text
    assert row(Lead, free).state == LeadState.TAKEN
    assert row(Lead, olegs).state == LeadState.WAITING


def test_many_are_set_aside_and_taken_back(login, lead_of, row):
    keys = [lead_of("anna", phone=f"8926123001{n}") for n in range(3)]
    anna = login("anna")
    assert "Не выходит" in anna.post("/leads/action_post", data={"action": "edit", "rowid": keys}).text
    anna.post("/leads/many/reject", data={"lead": keys, "reason": "no_answer", "next": "/leads/list/"})
    assert {row(Lead, key).state for key in keys} == {LeadState.REJECTED}
    anna.post(undo_in(anna.get("/leads/list/")))
    assert {row(Lead, key).is_live for key in keys} == {True}
    anna.post("/leads/many/reject", data={"lead": keys, "reason": "no_answer"})
    anna.post("/leads/action_post", data={"action": "back", "rowid": keys})
    assert {row(Lead, key).is_live for key in keys} == {True}


def test_no_reason_is_chosen_for_whoever_sets_a_lead_aside(login, lead_of, row):
    key = lead_of("anna")
    anna = login("anna")
    assert not re.search(r"name=\"reason\"[^>]*checked", anna.get(f"/leads/{key}/ask-reject").text)
    many = anna.post("/leads/action_post", data={"action": "edit", "rowid": key}, headers={"HX-Request": "true"})
    assert 'name="reason"' in many.text
    assert "checked" not in many.text
    assert anna.post(f"/leads/{key}/reject", data={}).status_code == 422
    assert row(Lead, key).state == "waiting"


@pytest.mark.parametrize("who", ["pavel", "sergey", "nina"])
@pytest.mark.parametrize("page", ["/leads/list/", "/leads/add", "/leads/{}", "/leads/{}/qualify"])
def test_others_have_no_business_here(login, lead_of, who, page):
    assert login(who).get(page.format(lead_of("anna"))).status_code in {403, 404}


def test_the_director_reads_and_does_not_write(login, lead_of):
    key = lead_of("anna")
    boss = login("director")
    assert boss.get(f"/leads/{key}").status_code == 200
    for verb in ("take", "answer", "assign", "reject", "restore", "qualify"):
        assert boss.post(f"/leads/{key}/{verb}").status_code == 403, verb


def test_a_correction_is_saved_and_a_stale_one_is_not(login, lead_of, row):
    key = lead_of("anna")
    anna = login("anna")
    form = {"name": "Иван", "phone": "8 926 123 00 99", "email": "", "words": "Три окна", "version": "1"}
    version = row(Lead, key).version
    answer = anna.post(f"/leads/edit/{key}", data=form | {"version": version})
    assert answer.status_code == 302
    assert (row(Lead, key).phone, row(Lead, key).words) == ("+79261230099", "Три окна")
    assert anna.post(f"/leads/edit/{key}", data=form | {"version": version}).status_code == 409
    bad = anna.post(f"/leads/edit/{key}", data=form | {"phone": "нет", "version": row(Lead, key).version})
    assert bad.status_code == 422


def test_a_lead_is_thrown_away_with_a_way_back(login, lead_of, row):
    key = lead_of("anna")
    anna = login("anna")
    anna.post(f"/leads/delete/{key}")
    assert row(Lead, key) is None
    anna.post(f"/trash/restore/lead/{key}")
    assert row(Lead, key) is not None
