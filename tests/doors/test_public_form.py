"""The form on the company's site: filled in by anybody, kept once, read by the worker; robots, limits, frames."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from sqlalchemy import select

from models.channels import Channel
from models.clients import Consent
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead, LeadClass, LeadState
from models.lowcode.funnels import Stage
from models.messages import RawBody
from models.staff import Person
from tests.bad import TEXTS
from views.public_form import ticket

TOKEN = "form-of-the-tests"
ADDRESS = f"/f/{TOKEN}"
GOOD = {"name": "Ирина", "phone": "8 900 000 12 34", "words": "Окна в дачу", "consent": "1"}


@pytest.fixture
def form(app: Any) -> int:
    with app.app_context(), acting_as(SYSTEM) as session:
        channel = Channel(kind="form", name="Форма", token=TOKEN, source="site", settings={}, cursor={})
        session.add(channel)
        session.commit()
        return channel.id


@pytest.fixture
def settle(app: Any, form: int) -> Any:
    def change(**settings: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            channel = session.get_one(Channel, form)
            channel.settings = {**channel.settings, **settings}
            session.commit()

    return change


@pytest.fixture
def given(app: Any, form: int) -> Any:
    """A ticket as old as somebody needs to fill the form in."""

    def make(seconds: float = 20, channel: int | None = None) -> str:
        with app.app_context():
            return ticket.give(channel or form, back_dated=seconds)

    return make


def all_of(app: Any, cls: Any) -> list[Any]:
    with app.app_context(), acting_as(SYSTEM) as session:
        found = list(session.execute(select(cls).order_by(cls.id)).scalars())
        session.expunge_all()
        return found


def test_a_filled_form_is_kept_and_becomes_a_lead_with_its_consent(app, client, form, given, worker):
    marks = {"page": "https://parus.example/okna?a=1", "referrer": "https://ya.ru/", "utm_source": "yandex"}
    marks |= {"first_page": "https://parus.example/", "utm_campaign": "окна"}
    answer = client.post(ADDRESS, data={**GOOD, **marks, "ticket": given()})
    assert answer.status_code == 303
    before = client.get(answer.headers["Location"])
    assert "Заявка у нас" in before.text
    worker()
    (lead,) = all_of(app, Lead)
    assert (lead.name, lead.phone, lead.words, lead.klass) == ("Ирина", "+79000001234", "Окна в дачу", LeadClass.NEW)
    assert (lead.page, lead.first_page, lead.referrer) == (marks["page"], marks["first_page"], marks["referrer"])
    assert lead.utm == {"source": "yandex", "campaign": "окна"}
    assert lead.owner_id is not None
    (consent,) = all_of(app, Consent)
    assert "согласие" in consent.words
    assert (consent.text_version, consent.address, consent.lead_id) == ("1", "127.0.0.1", lead.id)
    assert f"Ирина, заявка № {lead.id} у нас" in client.get(answer.headers["Location"]).text.replace("\xa0", " ")


def test_the_whole_page_works_without_a_script_from_the_first_look_on(client, form, settle, app, worker):
    settle(min_seconds=0)
    page = client.get(ADDRESS + "?page=https://a.example/x&utm_source=vk")
    assert page.status_code == 200
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert hidden["utm_source"] == "vk"
    assert "Set-Cookie" not in page.headers
    assert 'name="consent" value="1">' in page.text, "the box is not ticked"
    assert client.post(ADDRESS, data={**GOOD, **hidden}).status_code == 303
    worker()
    assert all_of(app, Lead)[0].page == "https://a.example/x"


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(app, client, form, given):
    said = {"name": "Ирина", "phone": "+7 900 000-12", "words": "Лоджия <b>", "need": "windows", "ticket": given()}
    answer = client.post(ADDRESS, data=said)
    assert answer.status_code == 422
    assert "Не хватает двух цифр" in answer.text or "Не хватает 2 цифр" in answer.text
    assert 'value="+7 900 000-12"' in answer.text
    assert "Лоджия &lt;b&gt;" in answer.text
    assert "без вашего согласия" in answer.text
    assert all_of(app, RawBody) == []


def test_pressed_twice_it_is_one(app, client, form, given, worker):
    said = {**GOOD, "ticket": given()}
    answers = [client.post(ADDRESS, data=said) for _ in range(3)]
    assert {answer.headers["Location"] for answer in answers} == {answers[0].headers["Location"]}
    worker()
    assert len(all_of(app, RawBody)) == len(all_of(app, Lead)) == 1


@pytest.mark.parametrize("bad", ["", "x", "eyJ.abc", "\x00", "я" * 3000])
def test_a_forged_ticket_is_asked_again_and_then_taken(app, client, form, bad):
    answer = client.post(ADDRESS, data={**GOOD, "ticket": bad})
    assert answer.status_code == 422
    assert 'value="Ирина"' in answer.text
    assert all_of(app, RawBody) == []
    fresh = re.search(r'name="ticket" value="([^"]+)"', answer.text)[1]
    assert client.post(ADDRESS, data={**GOOD, "ticket": fresh}).status_code == 303


def test_a_ticket_of_another_form_or_of_last_month_is_none(app, client, form, given):
    assert client.post(ADDRESS, data={**GOOD, "ticket": given(channel=form + 1)}).status_code == 422
    assert client.post(ADDRESS, data={**GOOD, "ticket": given(30 * 24 * 3600)}).status_code == 422
    assert all_of(app, RawBody) == []


@pytest.mark.parametrize(
    ("more", "age", "reason"),
    [
        ({"site": "http://x.example"}, 20, "робот"),
        ({}, 0, "быстрее"),
        ({"words": "Дешёвое ПРОДВИЖЕНИЕ   сайтов"}, 20, "стоп-фраз"),
    ],
)
def test_robots_are_answered_alike_and_set_aside_with_a_reason(
    app, client, form, given, settle, worker, login, more, age, reason
):
    settle(stop=["дешевое продвижение"])
    answer = client.post(ADDRESS, data={**GOOD, **more, "ticket": given(age)})
    assert answer.status_code == 303
    worker()
    (lead,) = all_of(app, Lead)
    assert (lead.klass, lead.state) == (LeadClass.SPAM, LeadState.REJECTED)
    assert "у нас" in client.get(answer.headers["Location"]).text
    assert reason in login("admin").get(f"/leads/{lead.id}").text


def test_too_many_are_told_to_wait_by_a_page_that_keeps_what_was_typed(client, form, given, configure):
    configure(FORM_PER_MINUTE=2)
    answers = [client.post(ADDRESS, data={**GOOD, "ticket": given()}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert 'value="Ирина"' in answers[-1].text
    assert "Слишком много" in answers[-1].text


def test_without_the_box_nothing_is_asked_and_nothing_kept(app, client, form, given, settle, worker):
    settle(consent_asked=False)
    assert 'name="consent"' not in client.get(ADDRESS).text
    assert client.post(ADDRESS, data={**GOOD, "consent": "", "ticket": given()}).status_code == 303
    worker()
    assert all_of(app, Consent) == []
    assert len(all_of(app, Lead)) == 1


def test_it_speaks_as_it_is_told_to_and_else_as_the_browser_asks(client, form, settle):
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert "Send the request" in client.get(ADDRESS, headers=english).text
    assert "Отправить заявку" in client.get(ADDRESS, headers={"Accept-Language": "ru"}).text
    assert "Отправить заявку" in client.get(ADDRESS + "?lang=ru", headers=english).text
    settle(language="ru", texts={"ru": {"title": "Узнайте цену"}, "en": {}})
    page = client.get(ADDRESS + "?lang=en", headers=english).text
    assert "Узнайте цену" in page
    assert 'lang="ru"' in page


def test_fields_stand_in_their_order_and_only_those_that_are_asked(client, form, settle):
    settle(fields=[{"code": "email", "must": True}, {"code": "name", "must": False}])
    page = client.get(ADDRESS).text
    assert page.index('name="email"') < page.index('name="name"')
    assert 'name="phone"' not in page


def test_it_may_name_the_owner_and_the_funnel(app, client, form, given, settle, worker):
    oleg = next(person for person in all_of(app, Person) if person.username == "oleg")
    settle(owner=str(oleg.id))
    client.post(ADDRESS, data={**GOOD, "ticket": given()})
    worker()
    assert all_of(app, Lead)[0].owner_id == oleg.id


@pytest.mark.parametrize(
    ("kept", "ancestors"),
    [
        ({}, "frame-ancestors *"),
        ({"frames": "none"}, "frame-ancestors 'none'"),
        ({"frames": "listed", "domains": ["parus.example"]}, "frame-ancestors 'self' parus.example"),
    ],
)
def test_only_those_who_may_show_it_in_a_frame(client, form, settle, kept, ancestors):
    settle(**kept)
    answer = client.get(ADDRESS)
    assert ancestors in answer.headers["Content-Security-Policy"]
    assert ("X-Frame-Options" in answer.headers) is (kept.get("frames") == "none")
    assert client.get("/login/").headers["X-Frame-Options"] == "DENY"


def test_its_script_may_be_loaded_by_any_site(client, form):
    answer = client.get(ADDRESS + "/embed.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "javascript" in answer.headers["Content-Type"]


@pytest.mark.parametrize("address", ["/f/nobody", "/f/%D1%8F", "/f/%00", "/f/nobody/thanks"])
def test_a_form_that_is_not_there_says_so_in_its_own_clothes(client, form, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Форма закрыта" in answer.text
    assert client.post("/f/nobody", data=GOOD).status_code == 404


def test_a_form_switched_off_is_closed(app, client, form, given):
    with app.app_context(), acting_as(SYSTEM) as session:
        session.get_one(Channel, form).active = False
        session.commit()
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, data={**GOOD, "ticket": given()}).status_code == 404
    assert all_of(app, RawBody) == []


def test_nothing_comes_in_by_the_address_of_hooks(app, client, form):
    assert client.post(f"/hooks/form/{TOKEN}", data="Name=a&Phone=89001112233").status_code == 404
    assert all_of(app, RawBody) == []


# Half of a letter cannot be sent by a form: no coding has it.
TYPED = {name: text for name, text in TEXTS.items() if name != "half of a pair"}


@pytest.mark.parametrize("text", list(TYPED.values()), ids=list(TYPED))
def test_whatever_is_typed_is_answered_in_words(client, form, given, settle, configure, text, worker, app):
    configure(FORM_PER_MINUTE=100)
    asked = ("need", "name", "phone", "email", "address", "how", "words")
    settle(fields=[{"code": code, "must": False} for code in asked])
    everywhere = dict.fromkeys((*asked, "consent", "page", "referrer", "utm_source", "lang"), text)
    for typed in (everywhere, {"phone": text}, {"words": text, "page": text}):
        answer = client.post(ADDRESS, data={**GOOD, **typed, "ticket": given()})
        assert answer.status_code in {303, 422}
    worker()
    assert all(raw.state == "read" for raw in all_of(app, RawBody))


def test_ten_megabytes_are_refused(client, form, given):
    answer = client.post(ADDRESS, data={**GOOD, "words": "я" * 6_000_000, "ticket": given()})
    assert answer.status_code in {413, 422}


def test_somebody_signed_in_fills_it_in_as_anybody(login, form, given, csrf, app):
    assert login("anna").post(ADDRESS, data={**GOOD, "ticket": given()}).status_code == 303
    assert json.loads(all_of(app, RawBody)[0].body)["fields"]["name"] == "Ирина"


def test_a_ticket_tells_its_age(app, form):
    with app.app_context():
        found = ticket.read(form, ticket.give(form, back_dated=9))
    assert found is not None
    assert 8.5 < found.age < 12
    assert found.at < time.time()


def test_its_deal_begins_where_the_form_says_if_the_gates_let_it(app, client, form, given, settle, worker, login):
    with app.app_context(), acting_as(SYSTEM) as session:
        stages = {stage.code: stage.id for stage in session.execute(select(Stage)).scalars()}
    for phone, code, lands in (("89001112231", "measure", "measure"), ("89001112232", "shipping", "intake")):
        settle(stage=str(stages[code]))
        client.post(ADDRESS, data={**GOOD, "phone": phone, "ticket": given()})
        worker()
        lead = all_of(app, Lead)[-1]
        login("marina").post(f"/leads/{lead.id}/qualify", data={"title": "Окна", "address": "Тверская, 1"})
        deal = all_of(app, Deal)[-1]
        assert {key: name for name, key in stages.items()}[deal.stage_id] == lands
