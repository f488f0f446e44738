"""Rules tell those who answer for a row and may read it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.services import tasks, worktime
from models.ground.base import utcnow
from models.ground.history import record
from models.leads import Lead
from models.lowcode.rules import Rule
from models.notices import Notice
from models.staff import Person, RoleReach, Team
from models.worktime import Absence
from tests.scene import belongings, person


@pytest.fixture
def other_team(system: Any) -> int:
    """The stranger heads another team, which takes leads as well."""
    with system() as session:
        found = person(session, "stranger")
        found.takes_leads = True
        session.execute(select(Team).where(Team.id == found.team_id)).scalar_one().head_id = found.id
        return int(found.team_id)


@pytest.fixture
def happens(system: Any, worker: Callable[[], None]) -> Callable[..., int]:
    """Something happened to a lead of somebody's, and what waits for that was done."""

    def happen(name: str, username: str | None) -> int:
        with system() as session:
            owner = person(session, username).id if username else None
            lead = Lead(name="Ирина Соколова", words="Тайные окна", owner_id=owner, received_at=utcnow())
            session.add(lead)
            session.flush()
            record(name, lead)
            key = lead.id
        worker()
        return int(key)

    return happen


@pytest.fixture
def told(system: Any) -> Callable[[], set[str]]:
    """Whose bell rang."""

    def found() -> set[str]:
        with system() as session:
            return set(session.execute(select(Person.username).join(Notice, Notice.person_id == Person.id)).scalars())

    return found


def notice_of(session: Any, username: str, event: str) -> Notice:
    mine = select(Notice).where(Notice.person_id == person(session, username).id, Notice.event == event)
    found: Notice = session.execute(mine).scalar_one()
    return found


@pytest.mark.usefixtures("other_team")
@pytest.mark.parametrize("name", ["lead.overdue", "lead.escalated"])
def test_the_head_of_another_team_hears_nothing_of_a_lead(happens, told, login, name):
    lead = happens(name, "anna")
    assert told() == {"anna", "marina"}
    assert login("marina").get(f"/leads/{lead}").status_code == 200
    assert login("stranger").get(f"/leads/{lead}").status_code == 404
    assert "Соколова" in login("marina").get("/notices/").text
    assert "Соколова" not in login("stranger").get("/notices/").text


def test_the_head_is_that_of_whoever_has_the_lead(system, other_team, happens, told):
    with system() as session:
        person(session, "oleg").team_id = other_team
    happens("lead.overdue", "oleg")
    assert told() == {"oleg", "stranger"}


@pytest.mark.parametrize(("deputy", "hears"), [("oleg", {"anna", "marina", "oleg"}), ("stranger", {"anna", "marina"})])
def test_while_the_head_is_away_the_deputy_hears_if_he_may_read_it(system, happens, told, login, deputy, hears):
    with system() as session:
        people = {"person_id": person(session, "marina").id, "deputy_id": person(session, deputy).id}
        session.add(Absence(begins=worktime.today_of(utcnow()), **people))
    lead = happens("lead.overdue", "anna")
    assert told() == hears
    assert login(deputy).get(f"/leads/{lead}").status_code == (200 if deputy in hears else 404)


@pytest.mark.usefixtures("other_team")
def test_of_a_lead_that_is_nobodys_all_heads_hear_whose_people_may_take_it(happens, told, login):
    lead = happens("lead.received", None)
    assert told() == {"marina", "stranger"}
    for username in ("marina", "stranger"):
        assert login(username).get(f"/leads/{lead}").status_code == 200


def test_where_the_owner_has_no_head_the_administrator_hears(system, happens, told):
    with system() as session:
        person(session, "anna").team_id = None
    happens("lead.overdue", "anna")
    assert told() == {"anna", "admin"}


@pytest.mark.parametrize(("to", "hears"), [("stranger", set()), ("role:accountant", set()), ("oleg", {"oleg"})])
def test_a_rule_that_names_somebody_does_not_open_the_row_to_him(system, happens, told, to, hears):
    with system() as session:
        session.add(Rule(code="tells", names={"ru": "Сказать"}, event="x.lead", actions=[{"do": "notify", "to": to}]))
    happens("x.lead", "anna")
    assert told() == hears


def test_a_task_on_a_lead_is_told_under_its_own_name_to_whoever_reads_no_leads(system, happens, worker, login):
    key = happens("x.lead", "anna")
    with system() as session:
        pavel = person(session, "pavel").id
        values = {"title": "Посмотреть фасад", "kind": "other", "due_at": utcnow(), "assignee": pavel}
        record("task.overdue", tasks.add(values, on=session.get_one(Lead, key)))
    worker()
    with system() as session:
        notice = notice_of(session, "pavel", "task.overdue")
        said, address = f"{notice.title} {notice.words}", notice.url
    assert "Посмотреть фасад" in said
    assert "Соколова" not in said
    assert login("pavel").get(address).status_code == 200


def test_a_sum_is_not_told_to_whoever_reads_no_payments(system, worker):
    with system() as session:
        rows = belongings(session, "anna", "qq")
        reach = session.execute(select(RoleReach).where(RoleReach.code == "manager")).scalar_one()
        reach.reading = {noun: scope for noun, scope in reach.reading.items() if noun != "payment"}
        record("payment.recorded", rows["payment"])
    worker()
    with system() as session:
        notice = notice_of(session, "anna", "payment.recorded")
        assert (notice.title, notice.words) == ("Пришла оплата: № 5000", "Сделка qq")


def test_whoever_keeps_a_lead_that_nobody_else_is_left_for_is_not_told_that_it_came(system, worker, told):
    with system() as session:
        lead = Lead(name="Ирина Соколова", owner_id=person(session, "oleg").id, received_at=utcnow())
        session.add(lead)
        session.flush()
        record("lead.escalated", lead, was=lead.owner_id, now=None, level=3)
    worker()
    assert told() == {"marina"}
