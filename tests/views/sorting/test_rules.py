"""Rules of sorting on their screen: per source and funnel, tried out, obeyed by the next request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import clients, deals, leads
from models.deals import Deal
from models.ground.base import utcnow
from models.leads import Lead, LeadClass, LeadState
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.lowcode.sorting import SortingRule
from tests.bad import TEXTS
from tests.scene import person

PHONE = "8 926 123-00-10"


def rules_of(system: Any, **place: Any) -> dict[str, tuple[str, bool, Any]]:
    with system() as session:
        place = {"source": "", "funnel_id": None} | place
        rows = session.execute(select(SortingRule).filter_by(**place)).scalars()
        return {row.what: (row.action, row.active, row.params) for row in rows}


def form_of(system: Any) -> dict[str, Any]:
    """The form of the general rules as the page fills it."""
    said: dict[str, Any] = {"source": "", "funnel": ""}
    for what, (action, active, params) in rules_of(system).items():
        said |= {f"{what}.action": action} | ({f"{what}.active": "y"} if active else {})
        for name, value in params.items():
            said[f"{what}_words" if name == "words" else name] = "\n".join(value) if isinstance(value, list) else value
    return said


def ask(system: Any, words: str = "Два окна на кухню", phone: str = PHONE, **more: Any) -> tuple[str, str, Any]:
    with system() as session:
        lead = leads.receive(Inbound(name="Иван", phone=phone, words=words, **more))
        session.flush()
        return lead.klass, lead.state, lead.id


def test_the_general_rules_are_saved_as_they_stand(system, login):
    before = rules_of(system)
    admin = login("admin")
    assert admin.get("/sorting/").status_code == 200
    assert admin.post("/sorting/save", data=form_of(system)).status_code == 302
    assert rules_of(system) == before


def test_a_source_makes_new_leads_where_others_attach(system, login):
    assert ask(system, source="site")[0] == LeadClass.NEW
    assert ask(system, "И ещё дверь", source="avito")[:2] == (LeadClass.DUPLICATE, LeadState.ATTACHED)
    admin = login("admin")
    form = {"source": "avito", "duplicate.own": "y", "duplicate.active": "y", "duplicate.action": "new"}
    assert admin.post("/sorting/save", data=form).headers["Location"] == "/sorting/?source=avito"
    assert rules_of(system, source="avito") == {"duplicate": ("new", True, {})}
    assert ask(system, "И дверь на балкон", source="avito")[:2] == (LeadClass.NEW, LeadState.WAITING)
    assert ask(system, "И стол", source="site")[:2] == (LeadClass.DUPLICATE, LeadState.ATTACHED)
    admin.post("/sorting/save", data={"source": "avito"})
    assert rules_of(system, source="avito") == {}


def test_a_funnel_leaves_duplicates_to_the_manager(system, login):
    with system() as session:
        funnel = session.execute(select(Funnel.id)).scalars().first()
    form = {"source": "", "funnel": funnel, "duplicate.own": "y", "duplicate.active": "y", "duplicate.action": "ask", "days": "5"}
    assert login("admin").post("/sorting/save", data=form).status_code == 302
    assert rules_of(system, funnel_id=funnel)["duplicate"] == ("ask", True, {"days": 5})
    ask(system)
    klass, state, key = ask(system, "И ещё дверь", funnel=str(funnel))
    assert (klass, state) == (LeadClass.DUPLICATE, LeadState.WAITING)
    with system() as session:
        lead = session.get(Lead, key)
        assert (lead.duplicate_of_id is not None, lead.owner_id is not None) == (True, True)


def test_words_of_spam_are_the_companys_own(system, login):
    form = form_of(system) | {"spam_words": "кредит*\nбесплатно", "links": "0"}
    login("admin").post("/sorting/save", data=form)
    assert ask(system, "Кредитование бизнеса")[:2] == (LeadClass.SPAM, LeadState.REJECTED)
    assert ask(system, "http://a http://b http://c http://d", phone="89261230011")[0] == LeadClass.NEW


def test_a_question_that_is_switched_off_is_not_asked(system, login):
    form = form_of(system)
    del form["not_customer.active"]
    login("admin").post("/sorting/save", data=form)
    assert ask(system, "Ищу работу, резюме прикладываю")[0] == LeadClass.NEW


def test_who_returns_is_the_companys_own(system, login):
    with system() as session:
        anna = person(session, "anna")
        client = clients.create("Смирнова", phones=[PHONE], owner=anna)
        deal = deals.start(client, owner=anna)
        key = deal.id
    with system() as session:
        deal = session.get(Deal, key)
        deal.stage = session.execute(select(Stage).where(Stage.kind == StageKind.LOST)).scalars().first()
        deal.closed_at = utcnow()
    assert ask(system)[0] == LeadClass.NEW
    login("admin").post("/sorting/save", data=form_of(system) | {"who": "any"})
    with system() as session:
        for lead in session.execute(select(Lead)).scalars():
            lead.state = LeadState.REJECTED
    assert ask(system, "Новая дверь")[0] == LeadClass.REPEAT


@pytest.mark.parametrize(("typed", "klass", "reason"), [
    ({"phone": "123", "name": "Вася"}, "Mistake", "no phone"),
    ({"phone": PHONE, "name": "asdf"}, "Mistake", "tried the form"),
    ({"phone": PHONE, "words": "Два окна"}, "New", "Nobody with this contact"),
    ({"phone": PHONE, "name": '<a href="http://x">win</a>'}, "Spam", "markup"),
    ({"phone": PHONE, "words": "Предлагаем фурнитуру оптом"}, "Not a customer", "оптом"),
    ({"phone": PHONE, "words": "От дизайнера, промокод linia"}, "From a partner", "Дизайн-студия"),
    ({"phone": "8926123001", "words": "Нужны окна в дом, перезвоните мне"}, "Mistake", "look at it"),
    ({"words": "Счёт на двери, ИНН 7799010028"}, "Mistake", "look at it"),
])  # fmt: skip
def test_the_try_out_tells_class_and_reason_and_keeps_nothing(system, login, typed, klass, reason):
    with system() as session:
        values = {"kind": "partner", "promo": "LINIA"}
        clients.create("Дизайн-студия «Линия»", owner=person(session, "marina"), values=values)
        session.execute(select(SortingRule))
    admin = login("admin")
    with system() as session:
        person(session, "admin").language = "en"
    answer = admin.post("/sorting/try", data=typed)
    assert answer.status_code == 200
    assert (klass in answer.text, reason in answer.text) == (True, True), answer.text
    with system() as session:
        assert session.execute(select(Lead)).first() is None


LINKS = " ".join(f"https://x{n}.example/a" for n in range(3))


@pytest.mark.parametrize(("words", "phone", "klass", "spam"), [
    (f"казино онлайн {LINKS}", "", "Ошибка", "тоже нашлось, но решило более раннее правило: Ссылок в тексте: 3."),
    ("казино онлайн", "", "Ошибка", "тоже нашлось, но решило более раннее правило: Есть стоп-слово «казино"),
    ("казино онлайн", PHONE, "Спам", "да"),
    ("Два окна на кухню", PHONE, "Новый", "нет"),
])  # fmt: skip
def test_no_rule_is_said_to_find_nothing_when_it_was_only_not_asked(login, words, phone, klass, spam):
    text = login("admin").post("/sorting/try", data={"words": words, "phone": phone}).text.replace("\u00a0", " ")
    said = [re.sub(r"<span[^>]*>", ": ", one) for one in re.findall(r"<li[^>]*>(.*?)</li>", text)]
    said = [re.sub(r"<[^>]*>", "", one) for one in said]
    line = next(one for one in said if one.startswith("Спам"))
    assert re.search(r'v-tag[^>]*>([^<]*)<', text)[1] == klass
    assert line.startswith(f"Спам: {spam}"), said
    assert sum(one.endswith(": да") for one in said) == (klass != "Новый")


def test_a_rule_that_is_switched_off_says_nothing(system, login):
    form = form_of(system)
    del form["spam.active"]
    admin = login("admin")
    admin.post("/sorting/save", data=form)
    text = admin.post("/sorting/try", data={"words": "казино онлайн", "phone": PHONE}).text
    assert "Спам" not in text


@pytest.mark.parametrize("form", [
    {"days": "0"}, {"days": "1000"}, {"days": "abc"}, {"links": "-1"}, {"links": "9" * 30}, {"who": "x"}, {"duplicate.action": "x"},
    {"spam_words": "\n".join(f"слово {n}" for n in range(300))}, {"suppliers": "***"}, {"mistake_words": "a\x00b"}, {"applicants": "x" * 200},
])  # fmt: skip
def test_thresholds_without_sense_are_refused_with_a_sentence(system, login, form):
    before = rules_of(system)
    answer = login("admin").post("/sorting/save", data=form_of(system) | form)
    assert answer.status_code == 422
    assert rules_of(system) == before


def test_what_was_switched_is_there_after_a_refusal(system, login):
    form = {"source": "avito", "funnel": "", "spam.own": "y", "spam.action": "mark", "links": "много"}
    answer = login("admin").post("/sorting/save", data=form)
    assert answer.status_code == 422
    checked = re.findall(r'name="spam\.(\w+)"(?: value="(\w+)")? checked', answer.text)
    assert checked == [("own", "y"), ("action", "mark")]
    assert "duplicate.own\" value=\"y\" checked" not in answer.text
    assert answer.text.count('<option value="manual">') == 1


@pytest.mark.parametrize("address", ["/sorting/?source=nowhere", "/sorting/?funnel=x", "/sorting/?funnel=99999999999", "/sorting/?funnel=77"])
def test_a_place_that_is_none_is_not_there(login, address):
    assert login("admin").get(address).status_code == 404


@pytest.mark.parametrize("text", TEXTS)
def test_the_try_out_takes_any_text(login, text):
    answer = login("admin").post("/sorting/try", data={"name": text, "words": text, "phone": text, "email": text})
    assert answer.status_code in {200, 422}


def test_a_stale_save_is_refused(system, login):
    admin = login("admin")
    form = form_of(system)
    assert admin.post("/sorting/save", data=form | {"links": "4", "spam.version": "1"}).status_code == 302
    assert admin.post("/sorting/save", data=form | {"links": "5", "spam.version": "1"}).status_code == 409


@pytest.mark.parametrize("who", ["marina", "director", "anna"])
def test_others_than_the_administrator_get_nowhere(system, login, who):
    visitor = login(who)
    assert visitor.get("/sorting/").status_code == 403
    assert visitor.post("/sorting/save", data=form_of(system)).status_code == 403
