"""Repeated tasks: when the next one comes, that it comes once, and that it goes with a tick taken back."""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.services import deals, tasks
from app.services.tasks.repeats import next_due
from models.ground.base import utcnow
from models.ground.refused import Refused
from models.tasks import Task
from tests.deals import started, who

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
KINDS = ("daily", "weekdays", "weekly", "monthly")
# Hypothesis takes them without a zone and gives them one of these.
FIRST, LAST = (dt.datetime.fromisoformat(day) for day in ("2024-01-01", "2030-12-31"))
moments = st.datetimes(FIRST, LAST, timezones=st.sampled_from((MOSCOW, BERLIN)))


def later(session, task):
    """The one that a repeated task has made."""
    return session.execute(select(Task).where(Task.repeated_from_id == task.id)).scalar_one_or_none()


def test_the_end_of_a_month_stays_its_end():
    at, day, found = dt.datetime(2026, 1, 31, 10, tzinfo=MOSCOW), 31, []
    for _step in range(4):
        at = next_due("monthly", at, day, at)
        found.append(at.date().isoformat())
    assert found == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    assert next_due("monthly", dt.datetime(2028, 1, 31, 10, tzinfo=MOSCOW), 31, at).date() > at.date()
    leap = dt.datetime(2028, 1, 30, 10, tzinfo=MOSCOW)
    assert next_due("monthly", leap, 30, leap).date() == dt.date(2028, 2, 29)


def test_a_friday_is_followed_by_monday_on_weekdays():
    friday = dt.datetime(2026, 3, 6, 9, tzinfo=MOSCOW)
    assert next_due("weekdays", friday, 6, friday).date() == dt.date(2026, 3, 9)


def test_the_hour_of_the_clock_stays_when_the_clocks_change():
    before = dt.datetime(2026, 3, 28, 9, tzinfo=BERLIN)
    after = next_due("daily", before, 28, before)
    assert (after.hour, after.utcoffset()) == (9, dt.timedelta(hours=2))


@given(st.sampled_from(KINDS), moments, st.integers(1, 31), st.timedeltas(dt.timedelta(-400), dt.timedelta(4000)))
def test_the_next_term_is_later_than_the_last_one_and_than_now(repeats, due, day, late):
    day = max(day, due.day)
    after = due + late
    found = next_due(repeats, due, day, after)
    assert found > due
    assert found > after
    assert (found.hour, found.minute) == (due.hour, due.minute)
    if repeats == "weekdays":
        assert found.weekday() < 5
    if repeats == "weekly":
        assert found.weekday() == due.weekday()
    if repeats == "monthly":
        assert found.day == min(day, calendar.monthrange(found.year, found.month)[1])


@given(st.sampled_from(KINDS), moments, st.timedeltas(dt.timedelta(0), dt.timedelta(4000)))
def test_it_is_the_first_of_those_that_are_still_ahead(repeats, due, late):
    after = due + late
    found, step = next_due(repeats, due, due.day, after), due
    while step <= after or step <= due:
        step = next_due(repeats, step, due.day, step)
    assert found == step


def test_the_next_one_is_made_once_with_everything_but_the_ticks(as_system):
    deal = started(as_system)
    due = utcnow() + dt.timedelta(days=1)
    values = {
        "title": "Позвонить",
        "due_at": due,
        "repeats": "weekly",
        "checklist": "Цена\nСрок",
        "remind_minutes": "60",
    }
    task = tasks.add(values | {"assignee": who(as_system, "anna"), "is_important": True, "minutes": "45"}, on=deal)
    tasks.tick(task, 0, True)
    assert task.ticked == 1
    tasks.finish(task, "Сделано")
    following = later(as_system, task)
    assert (following.title, following.deal_id, following.assignee_id) == ("Позвонить", deal.id, task.assignee_id)
    assert following.due_at == due + dt.timedelta(days=7)
    assert (following.remind_minutes, following.minutes, following.is_important, following.ticked) == (60, 45, True, 0)
    assert [point["words"] for point in following.checklist] == ["Цена", "Срок"]


def test_a_tick_taken_back_takes_the_next_one_with_it_unless_it_is_begun(as_system):
    values = {"title": "Планёрка", "due_at": utcnow(), "repeats": "daily"}
    task = tasks.add(values)
    tasks.finish(task)
    tasks.reopen(task)
    assert later(as_system, task) is None
    tasks.finish(task)
    tasks.change(later(as_system, task), {"title": "Планёрка отдела"})
    tasks.reopen(task)
    assert later(as_system, task).title == "Планёрка отдела"


def test_nothing_repeats_on_a_deal_that_is_over(as_system):
    deal = started(as_system)
    task = tasks.add({"title": "Позвонить", "due_at": utcnow(), "repeats": "daily"}, on=deal)
    deals.lose(deal, "no_answer")
    assert later(as_system, task) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [({"repeats": "daily"}, "due_at"), ({"repeats": "hourly", "due_at": utcnow()}, "repeats"),
     ({"remind_minutes": "10" * 20}, "remind_minutes"), ({"remind_minutes": "-5"}, "remind_minutes"),
     ({"minutes": "долго"}, "minutes"), ({"checklist": "x\n" * 40}, "checklist"), ({"checklist": "\x00"}, "checklist"),
     ({"script": "а" * 20_000}, "script"), ({"address": "б" * 300}, "address")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(as_system, values, field):
    with pytest.raises(Refused) as refusal:
        tasks.add({"title": "x"} | values)
    assert refusal.value.field == field
