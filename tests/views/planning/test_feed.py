"""The calendar of other programs: a secret address that shows its owner's work, and to nobody else anything."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.services import staff, tasks, visits
from models.ground.base import utcnow
from models.staff import FeedLink
from models.visits import Visit
from tests.deals import PLACE, started, who

HTMX = {"HX-Request": "true"}
AT = (utcnow() + dt.timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)


def address_of(answer):
    return re.search(r"/calendar/feed/[\w-]+\.ics", answer.get_data(as_text=True))[0]


@pytest.fixture
def scene(system):
    """A visit and a task of Pavel's; he may see neither sums nor phones."""
    with system() as session:
        deal = started(session, amount="123456", **PLACE)
        values = {
            "assignee": who(session, "pavel"),
            "starts_at": AT,
            "address": "ул. Мира, 1",
            "place_note": "Домофон 17",
        }
        visit = visits.plan(deal, values)
        late = {"title": "Отвезти, образцы; срочно", "due_at": AT + dt.timedelta(hours=5), "minutes": "45"}
        tasks.add(late | {"assignee": who(session, "pavel"), "remind_minutes": "60"}, on=deal)
        return deal.number, visit.id


@pytest.fixture
def feed(login):
    return address_of(login("pavel").post("/calendar/feed/renew", headers=HTMX))


def read(app, address):
    answer = app.test_client().get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return answer.data, {str(event["uid"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_it_is_read_by_programs_without_a_log_in(app, scene, feed):
    raw, events = read(app, feed)
    visit = next(event for uid, event in events.items() if uid.startswith("visit-"))
    task = next(event for uid, event in events.items() if uid.startswith("task-"))
    assert len(events) == 2
    assert visit["dtstart"].dt == AT
    assert visit["dtend"].dt == AT + dt.timedelta(hours=1)
    assert str(visit["location"]) == "ул. Мира, 1"
    assert "Домофон 17" in str(visit["description"])
    assert str(visit["url"]).endswith(f"/deals/{scene[0]}")
    assert str(task["summary"]) == "Отвезти, образцы; срочно"
    assert task["dtend"].dt - task["dtstart"].dt == dt.timedelta(minutes=45)
    assert task.walk("VALARM")[0]["trigger"].dt == dt.timedelta(minutes=-60)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_nothing_hidden_from_its_owner_is_in_it(app, scene, feed):
    raw, _events = read(app, feed)
    text = raw.replace(b"\r\n ", b"").decode()
    for secret in ("123456", "123 456", "9000001234", "000-12-34"):
        assert secret not in text


def test_an_event_keeps_its_uid_and_a_cancelled_one_is_told(app, system, scene, feed):
    _raw, before = read(app, feed)
    with system() as session:
        visit = session.get_one(Visit, scene[1])
        visits.move(visit, {"starts_at": AT + dt.timedelta(hours=2)})
    _raw, moved = read(app, feed)
    assert set(moved) == set(before)
    uid = next(uid for uid in before if uid.startswith("visit-"))
    assert int(moved[uid]["sequence"]) > int(before[uid]["sequence"])
    assert str(moved[uid]["status"]) == "CONFIRMED"
    with system() as session:
        visits.cancel(session.get_one(Visit, scene[1]), "Клиент заболел")
    _raw, after = read(app, feed)
    assert str(after[uid]["status"]) == "CANCELLED"
    assert "Клиент заболел" in str(after[uid]["description"])


def test_a_new_address_kills_the_old_one_and_a_stopped_one_is_dead(app, login, system, scene, feed):
    client = login("pavel")
    fresh = address_of(client.post("/calendar/feed/renew", headers=HTMX))
    assert app.test_client().get(feed).status_code == 404
    read(app, fresh)
    assert "Календарь обращался" in client.get("/calendar/feed/").get_data(as_text=True)
    client.post("/calendar/feed/revoke", headers=HTMX)
    assert app.test_client().get(fresh).status_code == 404
    with system() as session:
        tokens = session.execute(select(FeedLink.token_hash)).scalars().all()
        assert all(len(one) == 64 and one not in fresh for one in tokens)


def test_whoever_left_is_read_no_more_even_when_they_come_back(app, login, system, scene, feed):
    admin = login("admin")
    with system() as session:
        pavel = who(session, "pavel")
        staff.switch_off(pavel)
    assert app.test_client().get(feed).status_code == 404
    with system() as session:
        staff.switch_on(who(session, "pavel"))
    assert app.test_client().get(feed).status_code == 404
    assert admin.get("/me/").status_code == 200


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "..%2F", "а" * 43, "9" * 5000])
def test_a_wrong_secret_is_a_page_that_is_not_there(app, feed, token):
    assert app.test_client().get(f"/calendar/feed/{token}.ics").status_code == 404


def test_it_may_be_asked_for_only_so_often(app, feed):
    codes = [app.test_client().get(feed).status_code for _time in range(35)]
    assert codes[:30] == [200] * 30
    assert set(codes[30:]) == {429}


def test_nobody_reads_the_address_of_a_colleague(login, feed):
    assert "/calendar/feed/" not in re.sub(
        r"/calendar/feed/(renew|revoke)", "", login("anna").get("/calendar/feed/").text
    )
