"""Plans: a grid of months and people that the director fills in, and everybody who may sees."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Change
from models.plans import Plan
from models.staff import Person


@contextmanager
def system(app):
    with app.app_context(), acting_as(SYSTEM) as session:
        yield session
        session.commit()


def plan(app, month, amount, person_id=None):
    with system(app) as session:
        session.add(Plan(month=dt.date(2026, month, 1), person_id=person_id, amount=Decimal(amount)))


def anna(app):
    with system(app) as session:
        return session.execute(select(Person.id).where(Person.username == "anna")).scalar_one()


def kept(app):
    with system(app) as session:
        rows = session.execute(select(Plan.month, Plan.person_id, Plan.amount)).all()
        return {(month.isoformat()[:7], person): amount for month, person, amount in rows}


def test_the_director_plans_for_the_firm_and_for_people(app, login):
    who = anna(app)
    form = {"year": "2026", "2026-10.0": "6 800 000", f"2026-10.{who}": "2 393 600,50 ₽", "2026-11.0": ""}
    answer = login("director").post("/plans/", data=form)
    assert answer.status_code == 302
    assert kept(app) == {("2026-10", None): 6_800_000, ("2026-10", who): Decimal("2393600.50")}


def test_the_grid_shows_what_is_kept(app, login):
    plan(app, 3, 4_200_000)
    page = login("director").get("/plans/?year=2026").get_data(as_text=True)
    assert 'name="2026-03.0"' in page
    assert "4\u00a0200\u00a0000" in page


def test_an_emptied_box_is_no_plan_and_history_keeps_it(app, login):
    plan(app, 3, 100)
    form = {"year": "2026", "2026-03.0": "", "was.2026-03.0": "100.00"}
    assert login("director").post("/plans/", data=form).status_code == 302
    assert kept(app) == {("2026-03", None): 0}
    changes = select(Change.old, Change.new).where(Change.table == "plan", Change.field == "amount")
    with system(app) as session:
        assert session.execute(changes).one() == ("100.00", "0")


def test_a_manager_sees_plans_and_writes_none(app, login):
    client = login("anna")
    page = client.get("/plans/").get_data(as_text=True)
    assert "<input" not in page.partition("v-tbl q-grid")[2].partition("</table>")[0]
    assert client.post("/plans/", data={"year": "2026", "2026-10.0": "1"}).status_code == 403
    assert kept(app) == {}


@pytest.mark.parametrize("username", ["pavel", "sergey", "nina"])
def test_others_do_not_see_them(login, username):
    assert login(username).get("/plans/").status_code == 403


@pytest.mark.parametrize("typed", ["много", "-5", "1000000000000", "1e30", "NaN", "5\x00", "ⅷ", "<b>"])
def test_what_is_no_sum_is_refused_and_stays_in_its_box(app, login, typed):
    form = {"year": "2026", "2026-10.0": typed, "2026-11.0": "500"}
    answer = login("director").post("/plans/", data=form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'aria-invalid="true"' in page
    assert 'value="500"' in page
    assert kept(app) == {}


@pytest.mark.parametrize("year", ["1999", "2101", "x", "99999999999"])
def test_years_that_nobody_plans_for_are_refused(login, year):
    client = login("director")
    assert client.get(f"/plans/?year={year}").status_code == 400
    assert client.post("/plans/", data={"year": year}).status_code == 400


def test_boxes_that_are_none_of_the_grid_are_left_unread(app, login):
    form = {"year": "2026", "2026-13.0": "1", "2025-10.0": "1", "2026-10.x": "1", "2026-10.999999": "7"}
    answer = login("director").post("/plans/", data=form)
    assert answer.status_code in {400, 422}
    assert kept(app) == {}


def test_two_directors_do_not_overwrite_each_other_unseen(app, login):
    plan(app, 10, 700)
    form = {"year": "2026", "2026-10.0": "900", "was.2026-10.0": "500.00"}
    answer = login("director").post("/plans/", data=form)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert 'value="900"' in page
    assert 'name="was.2026-10.0" value="700.00"' in page
    assert kept(app) == {("2026-10", None): 700}


def test_the_same_figure_typed_by_both_is_no_quarrel(app, login):
    plan(app, 10, 900)
    form = {"year": "2026", "2026-10.0": "900", "was.2026-10.0": ""}
    assert login("director").post("/plans/", data=form).status_code == 302
