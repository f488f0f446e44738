"""While somebody is away the deputy reads and does what is theirs, under his own name; and nothing else, nor longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.services import worktime
from app.services.worktime import setting
from models.deals import Deal
from models.ground.actor import acting_as
from models.ground.base import clock_at, utcnow
from models.ground.history import Change, record
from models.leads import Lead
from models.notices import Notice, NoticeAddress, PushDevice
from models.recent import RecentView
from models.staff import FeedLink
from models.tasks import Task
from models.worktime import Absence
from reports.calendar import ics
from tests.scene import actor, belongings, person, put

DAY = dt.timedelta(days=1)
Away = Callable[..., int]


@pytest.fixture
def away(system: Any) -> Away:
    """`away("anna", "oleg")`: from today until somebody says otherwise, or some days from now."""

    def leave(username: str, deputy: str, first: int = 0, last: int | None = None) -> int:
        today = worktime_today(system)
        with system() as session:
            said = {
                "begins": today + first * DAY,
                "ends": "" if last is None else today + last * DAY,
                "kind": "vacation",
            }
            said |= {"person": person(session, username).id, "deputy": person(session, deputy).id}
            said |= {name: f"{said[name]:%d.%m.%Y}" for name in ("begins", "ends") if said[name]}
            return int(setting.go_away(said).id)

    return leave


def worktime_today(system: Any) -> dt.date:
    with system():
        return worktime.today_of(utcnow())


@pytest.fixture
def deal(system: Any) -> int:
    """Anna's deal № 5000 with all that belongs to it."""
    with system() as session:
        rows = belongings(session, "anna", "qq")
        return int(rows["deal"].number)


def test_the_deputy_opens_what_he_is_told_of(system, deal, away, worker, login):
    oleg = login("oleg")
    assert oleg.get(f"/deals/{deal}").status_code == 404
    away("anna", "oleg")
    with system() as session:
        row = session.execute(select(Lead).where(Lead.name == "Лид qq")).scalar_one()
        record("lead.attached", row, deal_id=rows_deal(session, deal), lead_id=None).deal_id = rows_deal(session, deal)
    worker()
    with system() as session:
        mine = select(Notice).where(Notice.person_id == person(session, "oleg").id, Notice.event == "lead.attached")
        notice = session.execute(mine).scalar_one()
        assert notice.title == f"Клиент написал снова: № {deal}"
        address = notice.url
    assert address == f"/deals/{deal}"
    assert oleg.get(address).status_code == 200


def rows_deal(session: Any, number: int) -> int:
    return int(session.execute(select(Deal.id).where(Deal.number == number)).scalar_one())


def test_lists_search_and_the_client_come_with_it(deal, away, login):
    oleg = login("oleg")
    assert "Сделка qq" not in oleg.get("/deals/list/").text
    away("anna", "oleg")
    assert "Сделка qq" in oleg.get("/deals/list/").text
    assert "Клиент qq" in oleg.get("/clients/list/").text


def test_what_the_deputy_does_is_his_in_history(system, deal, away, login):
    with system() as session:
        task = session.execute(select(Task.id).where(Task.title == "Дело qq")).scalar_one()
    oleg = login("oleg")
    assert oleg.post(f"/tasks/{task}/finish").status_code == 404
    away("anna", "oleg")
    assert oleg.post(f"/tasks/{task}/finish", data={"result": "Позвонил"}).status_code in (200, 302)
    with system() as session:
        me = person(session, "oleg")
        found = select(Change).where(Change.table == "task", Change.row_id == task).order_by(Change.id.desc())
        change = session.execute(found).scalars().first()
        assert (change.actor_id, change.actor_name) == (me.id, me.name)
        assert session.get_one(Task, task).done_by_id == me.id


def test_it_ends_when_the_absence_is_taken_back(system, deal, away, login):
    key, oleg = away("anna", "oleg"), login("oleg")
    assert oleg.get(f"/deals/{deal}").status_code == 200
    with system() as session:
        setting.come_back(session.get_one(Absence, key))
    assert oleg.get(f"/deals/{deal}").status_code == 404


def test_another_deputy_takes_over_at_once(system, deal, away, login):
    key = away("anna", "oleg")
    assert login("oleg").get(f"/deals/{deal}").status_code == 200
    with system() as session:
        session.get_one(Absence, key).deputy_id = person(session, "stranger").id
    assert login("oleg").get(f"/deals/{deal}").status_code == 404
    assert login("stranger").get(f"/deals/{deal}").status_code == 200


def test_it_begins_and_ends_with_the_days_without_anybodys_doing(deal, away, login):
    away("anna", "oleg", 1, 2)
    oleg, answers = login("oleg"), []
    for days in range(4):
        with clock_at(utcnow() + days * DAY):
            answers.append(oleg.get(f"/deals/{deal}").status_code)
    assert answers == [404, 200, 200, 404]


def test_the_day_is_the_firms(system, deal, away, login):
    midnight = dt.datetime.fromisoformat("2026-06-10T00:00+10:00")
    with system():
        setting.set_hours("Asia/Vladivostok", dict.fromkeys(range(7), "0–24"))
    with clock_at(midnight - dt.timedelta(hours=1)):
        away("anna", "oleg", 0, 0)
        oleg = login("oleg")
        assert oleg.get(f"/deals/{deal}").status_code == 200
    with clock_at(midnight + dt.timedelta(minutes=1)):
        assert oleg.get(f"/deals/{deal}").status_code == 404


def test_without_a_deputy_nobody_reaches_it(system, deal, login):
    with system() as session:
        put(session, Absence(person_id=person(session, "anna").id, begins=worktime.today_of(utcnow())))
    assert login("oleg").get(f"/deals/{deal}").status_code == 404


def test_a_deputy_who_is_away_too_hands_it_on(deal, away, login):
    away("anna", "oleg")
    away("oleg", "stranger")
    assert login("stranger").get(f"/deals/{deal}").status_code == 200


def test_nobody_else_and_nothing_back(system, deal, away, login):
    with system() as session:
        belongings(session, "oleg", "zz", 5001)
    away("anna", "oleg")
    assert login("anna").get("/deals/5001").status_code == 404
    assert login("stranger").get(f"/deals/{deal}").status_code == 404
    assert login("anna").get(f"/deals/{deal}").status_code == 200


def test_whoever_stands_in_for_a_head_does_not_become_one(deal, away, login, app):
    away("marina", "stranger")
    stranger = login("stranger")
    assert stranger.get(f"/deals/{deal}").status_code == 404
    assert 'name="rowid"' not in stranger.get("/day/").text
    me = actor(app, "stranger")
    assert len(me.own_ids) == 2
    assert me.people_ids == {me.person_id}


def test_whoever_stands_in_for_an_administrator_does_not_become_one(away, login, app):
    away("admin", "oleg")
    assert login("oleg").get("/people/").status_code == 403
    assert login("oleg").get("/roles/").status_code == 403
    assert not actor(app, "oleg").everything


def test_the_deputy_does_not_send_anybody_away(away, login):
    key = away("anna", "oleg")
    assert login("oleg").get(f"/absences/edit/{key}").status_code in (403, 404)
    assert login("oleg").post(f"/absences/cancel/{key}").status_code in (403, 404)
    assert login("anna").get(f"/absences/edit/{key}").status_code == 200


def test_bell_calendar_and_settings_stay_each_ones_own(system, deal, away, login, app):
    with system() as session:
        session.add(Notice(person_id=person(session, "anna").id, key="k", event="deal.assigned", title="Личное Анны"))
    away("anna", "oleg")
    assert "Личное Анны" not in login("oleg").get("/notices/").text
    me = actor(app, "oleg")
    with app.app_context(), acting_as(me) as session:
        for cls in (FeedLink, NoticeAddress, PushDevice, RecentView, Notice):
            assert {row.person_id for row in session.execute(select(cls)).scalars()} <= {me.person_id}, cls


def test_the_calendar_feed_stays_ones_own(system, deal, away, app):
    away("anna", "oleg")
    with system() as session:
        session.execute(select(Task).where(Task.title == "Дело qq")).scalar_one().due_at = utcnow()
    for username, count in (("oleg", 0), ("anna", 1)):
        me = actor(app, username)
        with app.app_context(), acting_as(me):
            body = ics.written(me.person_id, me.zone, "m", lambda row: f"/{row.id}").decode()
        assert body.count("SUMMARY:Дело qq") == count


def test_my_day_stays_ones_own(system, deal, away, login):
    away("anna", "oleg")
    with system() as session:
        session.execute(select(Task).where(Task.title == "Дело qq")).scalar_one().due_at = utcnow()
    assert "Дело qq" not in login("oleg").get("/day/").text
    assert "Дело qq" in login("anna").get("/day/").text


def test_whoever_stands_in_for_a_surveyor_opens_the_given_deals(system, deal, away, login):
    with system() as session:
        put(session, Task(title="Замер", deal_id=rows_deal(session, deal), assignee_id=person(session, "pavel").id))
    sergey = login("sergey")
    assert sergey.get(f"/deals/{deal}").status_code == 404
    away("pavel", "sergey")
    assert sergey.get(f"/deals/{deal}").status_code == 200
