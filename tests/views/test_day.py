"""My day: what each sees there, that it counts what it shows, and that its plan adds up."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import clients, leads, tasks
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.leads import Lead, LeadState
from models.plans import Plan
from models.staff import RoleReach
from models.tasks import Task
from tests.deals import agreed, documents, paid, shipped, started, who


@pytest.fixture
def base(app: Any) -> Any:
    """Do something as the system, and keep it."""

    def act(what: Any) -> Any:
        with app.app_context(), acting_as(SYSTEM) as session:
            found = what(session)
            session.commit()
            return found

    return act


def lead_of(session: Any, username: str | None, phone: str, late: bool = False, **said: Any) -> int:
    lead = leads.receive(Inbound(**({"name": "Иван Ёлкин", "phone": phone, "words": "Два окна"} | said)))
    lead.owner_id, lead.state = who(session, username).id if username else None, LeadState.WAITING
    lead.respond_by = lead.respond_by or utcnow() + dt.timedelta(minutes=15)
    if late:
        lead.respond_by = utcnow() - dt.timedelta(minutes=6)
    session.flush()
    return int(lead.id)


def task_of(session: Any, username: str, hours: float, title: str, on: Any = None) -> None:
    due = utcnow() + dt.timedelta(hours=hours)
    tasks.add({"title": title, "due_at": due, "assignee": who(session, username)}, on=on)


def day(browser: Any, query: str = "") -> str:
    answer = browser.get(f"/day/{query}")
    assert answer.status_code == 200
    return str(answer.text)


def counters(page: str) -> dict[str, list[Any]]:
    """What the menu is brought up to date with: counts, and whether something there is late."""
    found = re.search(r'data-counters="([^"]+)"', page)
    assert found is not None
    return dict(json.loads(html.unescape(found[1])))


def billed(session: Any, owner: str = "anna", name: str = "Ирина Соколова") -> Any:
    """A deal with an invoice that nobody has paid."""
    deal = agreed(session, owner, name=name)
    documents.issue(deal, "invoice", 50, name)
    session.flush()
    return deal


@pytest.mark.parametrize(("username", "status"), [
    ("anna", 200), ("marina", 200), ("admin", 200), ("director", 403), ("pavel", 403), ("sergey", 403), ("nina", 403),
])  # fmt: skip
def test_it_is_the_first_screen_of_managers_alone(login, username, status):
    browser = login(username)
    for page in ("/day/", "/day/now"):
        assert browser.get(page).status_code == status
    assert (browser.post("/day/takes-leads").status_code == 403) == (status == 403)
    if username in {"anna", "marina"}:
        assert browser.get("/").headers["Location"] == "/day/"


def test_ones_own_nobodys_and_late_ones_wait_and_others_do_not(base, login):
    base(lambda s: lead_of(s, "anna", "89261230001", name="Мой"))
    base(lambda s: lead_of(s, None, "89261230002", name="Ничей"))
    base(lambda s: lead_of(s, "oleg", "89261230003", late=True, name="Просроченный"))
    base(lambda s: lead_of(s, "oleg", "89261230004", name="Чужой"))
    base(lambda s: lead_of(s, "stranger", "89261230005", late=True, name="Посторонний"))
    page = day(login("anna"))
    seen = {name for name in ("Мой", "Ничей", "Просроченный", "Чужой", "Посторонний") if f">{name}," in page}
    assert seen == {"Мой", "Ничей", "Просроченный"}
    assert page.index(">Просроченный,") < page.index(">Мой,")
    assert "1 лид без ответа дольше нормы" in page
    assert "Олег" in page


def test_the_menus_counters_are_the_rows(base, login):
    base(lambda s: lead_of(s, "anna", "89261230001"))
    base(lambda s: lead_of(s, None, "89261230002"))
    base(lambda s: [task_of(s, "anna", -3, "Поздняя"), task_of(s, "anna", 24 * 9, "Дальняя")])
    browser = login("anna")
    page = day(browser)
    said = counters(page)
    assert said["leads"] == [page.count("data-timer-hue"), False]
    assert said["tasks"] == [1, True]
    assert said["day"] == [3, True]
    assert browser.get("/leads/list/").text.count('name="rowid"') == 2


def test_tasks_stand_in_their_groups_and_open_with_the_switch(base, login):
    base(lambda s: [task_of(s, "anna", -5, "Поздняя"), task_of(s, "anna", 24 * 9, "Дальняя")])
    anna = login("anna")
    page = day(anna)
    assert page.index("Просрочено") < page.index("Поздняя") < page.index("Позже") < page.index("Дальняя")
    assert "<details" in page[page.index("Просрочено") : page.index("Дальняя")]
    assert "<details" not in day(anna, "?tasks=all").split("day-tasks")[1].split("</section")[0]
    for query in ("?tasks=x", "?plan=year", "?tasks=", "?plan=\x00"):
        assert anna.get(f"/day/{query}").status_code == 400, query


def test_a_deal_without_a_next_step_is_a_fault_and_one_on_hold_is_none(base, login):
    def begin(session: Any) -> None:
        for name in ("Забытая", "На паузе"):
            deal = started(session, name=name)
            for task in session.execute(select(Task).where(Task.deal_id == deal.id)).scalars():
                task.done_at = utcnow()
            deal.held_until = utcnow().date() + dt.timedelta(days=5) if name == "На паузе" else None

    base(begin)
    assert "1 сделка без следующего шага" in day(login("anna"))


def test_the_switch_lets_new_leads_past_and_back(base, login):
    anna = login("anna")
    assert anna.post("/day/takes-leads").status_code == 302
    assert not base(lambda s: who(s, "anna").takes_leads)
    fresh = anna.post("/day/takes-leads", data={"takes": "on"}, headers={"HX-Request": "true", "X-Live": "1"})
    assert json.loads(fresh.headers["HX-Trigger"]).keys() == {"v:toast", "v:changed"}
    assert base(lambda s: who(s, "anna").takes_leads)


def test_what_is_done_from_it_leaves_it_where_it_is(base, login):
    key = base(lambda s: lead_of(s, None, "89261230002"))
    anna = login("anna")
    live = {"HX-Request": "true", "X-Live": "1", "HX-Current-URL": "http://localhost/day/"}
    taken = anna.post(f"/leads/{key}/take", headers=live)
    said = json.loads(taken.headers["HX-Trigger"])
    assert (taken.status_code, taken.text) == (200, "")
    assert said["v:toast"]["toasts"][0]["undo"].startswith("/leads/undo?")
    refused = login("oleg").post(f"/leads/{key}/take", headers=live)
    assert "Анна Белова" in json.loads(refused.headers["HX-Trigger"])["v:toast"]["toasts"][0]["words"]


def test_closest_to_payment_is_what_was_billed_then_what_was_agreed(base, login):
    base(lambda s: started(s, name="Только начата"))
    base(lambda s: agreed(s, name="Согласована"))
    base(lambda s: billed(s, name="Выставлен счёт"))
    page = day(login("anna")).split("Ближе всех к оплате")[-1]
    assert "Только начата" not in page
    assert page.index("Выставлен счёт") < page.index("Согласована")
    assert "Срок оплаты" in page
    assert "Ближе всех" not in day(login("oleg"))


def test_the_plan_adds_up_for_a_manager_and_for_the_team(base, login):
    def plan(session: Any) -> None:
        month = utcnow().date().replace(day=1)
        for username, amount in (("anna", 300_000), ("oleg", 200_000)):
            session.add(Plan(month=month, person_id=who(session, username).id, amount=Decimal(amount)))
        deal = agreed(session)
        paid(deal, 60_000)
        shipped(deal)

    base(plan)
    anna = day(login("anna"), "?plan=month").split("d-sumup")[1]
    assert re.search(r"100\s000\s₽</b><span[^>]*>из 300\s000", anna)
    assert "Оплачено: 60" in anna
    team = day(login("marina"), "?plan=month").split("d-sumup")[1]
    assert re.search(r"100\s000\s₽</b><span[^>]*>из 500\s000", team)
    assert re.search(r"<b[^>]*>0\s₽</b><span[^>]*>из 200\s000", day(login("oleg"), "?plan=month"))


def test_who_may_not_see_phones_and_sums_sees_none(base, login):
    def hide(session: Any) -> None:
        reach = session.execute(select(RoleReach).where(RoleReach.code == "manager")).scalar_one()
        reach.hidden = ["lead.phone", "client.phone", "client.email", "deal.amount"]
        lead_of(session, "anna", "89261230001")
        deal = billed(session)
        task_of(session, "anna", 1, "Позвонить", on=deal)

    base(hide)
    page = day(login("anna"))
    main = page.split("<main")[1].split("</main")[0]
    assert "Иван Ёлкин" in main
    for hidden in ("tel:", "926", "0001234", "100\u00a0000", "₽"):
        assert hidden not in main, hidden


@pytest.mark.parametrize(
    "name", ["", "😀" * 40, "\u202eнавыворот", "<script>alert(1)</script>", "О" * 250, "{{ 7*7 }}"]
)
def test_strange_names_are_only_names(base, login, name):
    base(lambda s: lead_of(s, "anna", "89261230001", name=name, words=name * 3))
    answer = login("anna").get("/day/")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert (">49," in answer.text) is False


def test_nothing_at_all_is_a_calm_screen(login):
    page = day(login("anna"))
    for said in ("Ничего не просрочено", "Все заявки с ответом", "Всё сделано"):
        assert said in page, said


def test_a_task_names_no_phone_of_a_client_out_of_reach(base: Any, login: Any) -> None:
    """The request is Anna's to answer; the client it was recognised as is another team's, phone and all."""

    def given(session: Any) -> None:
        for owner, phone in (("stranger", "89167770011"), ("anna", "89167770022")):
            client = clients.create(f"Клиент {owner}", phones=[phone], owner=who(session, owner))
            lead = session.get_one(Lead, lead_of(session, "anna", phone="89035550011"))
            lead.client_id = client.id
            session.flush()
            tasks.add({"title": "Звонок", "kind": "call", "due_at": utcnow(), "assignee": who(session, "anna")}, on=lead)

    base(given)
    page = day(login("anna"))
    assert "+79167770022" in page
    assert "9167770011" not in page
