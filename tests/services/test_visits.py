"""Visits: planned without clashes, moved, cancelled, made; who is given what by them; two at once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.lowcode.gates import HouseGate, obstacles
from app.services import deals, leads, visits
from app.services.deals.facts import gather
from app.services.visits.slots import STEP, Taken, clash, fitting, free
from app.services.worktime import setting
from models.clients import Client
from models.deals import Deal
from models.ground.base import clock_at, utcnow
from models.ground.history import Event
from models.ground.refused import NotFound, Refused, Stale
from models.leads import Lead
from models.visits import Visit
from models.worktime import AbsenceKind
from tests.deals import PLACE, stage, started, who
from tests.money import acting

MINUTE = dt.timedelta(minutes=1)
# A Tuesday, 9:00 in Moscow.
NINE = dt.datetime(2027, 3, 2, 6, tzinfo=dt.UTC)
WEEK = dict.fromkeys(range(5), "9:00–18:00")


@pytest.fixture
def morning():
    """It is the evening before."""
    with clock_at(NINE - dt.timedelta(hours=14)):
        yield


@pytest.fixture
def deal(as_system, morning):
    setting.set_hours("Europe/Moscow", WEEK)
    return started(as_system, **PLACE)


def planned(session, deal, hours=0.0, **values):
    usual = {
        "assignee": who(session, "pavel").id,
        "starts_at": NINE + dt.timedelta(hours=hours),
        "address": "ул. Мира, 1",
    }
    return visits.plan(deal, usual | values)


def test_a_visit_is_planned_with_its_task_and_told(as_system, deal):
    deals.move(deal, stage(deal, "measure"))
    visit = planned(as_system, deal, minutes="90", place_note="Домофон 17")
    task = visit.task
    assert (task.title, task.assignee.username, task.due_at) == ("Провести замер", "pavel", NINE)
    assert (visit.who, visit.minutes, visit.travel_minutes) == ("Ирина Соколова", 90, 30)
    fact = as_system.execute(select(Event).where(Event.name == "visit.planned")).scalar_one()
    assert (fact.deal_id, fact.data["assignee_id"]) == (deal.id, visit.assignee_id)


def test_without_a_measuring_task_one_is_made_and_the_deal_has_a_next_step(as_system, deal):
    visit = planned(as_system, deal)
    assert (visit.task.kind, visit.task.deal_id, visit.task.due_at) == ("measure", deal.id, NINE)
    visits.cancel(visit, "Передумали")
    assert visit.task.done_at is not None


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.0, "на другом выезде"), (0.5, "на другом выезде"), (1.0, "на дорогу нужно 30"), (1.25, "на дорогу нужно 30")],
)
def test_what_overlaps_or_leaves_no_time_for_the_way_is_refused_with_free_places(as_system, deal, hours, words):
    planned(as_system, deal)
    with pytest.raises(Refused, match=words) as refusal:
        planned(as_system, deal, hours)
    assert refusal.value.field == "starts_at"
    places = refusal.value.details
    assert len(places) == 3
    assert places[0].starts == NINE + dt.timedelta(hours=1.5)
    assert "Свободно" in refusal.value.words
    visits.plan(deal, {"assignee": who(as_system, "pavel"), "starts_at": places[0].starts, "address": "x"})


def test_another_person_may_go_at_the_same_hour(as_system, deal):
    planned(as_system, deal)
    assert planned(as_system, deal, assignee=who(as_system, "sergey").id).is_planned


def test_a_cancelled_visit_takes_no_time_and_comes_back_only_where_it_is_free(as_system, deal):
    first = planned(as_system, deal)
    with pytest.raises(Refused) as refusal:
        visits.cancel(first, " ")
    assert refusal.value.field == "reason"
    visits.cancel(first, "Клиент заболел")
    second = planned(as_system, deal)
    with pytest.raises(Refused, match="на другом выезде"):
        visits.take_back(first)
    visits.cancel(second, "Ошибка")
    assert visits.take_back(first).is_planned
    with pytest.raises(Refused, match="и так в плане"):
        visits.take_back(first)


def test_a_moved_visit_takes_its_task_along_and_does_not_clash_with_itself(as_system, deal):
    visit = planned(as_system, deal)
    seen = visit.version
    visits.move(visit, {"starts_at": NINE + dt.timedelta(minutes=15), "minutes": "120"}, seen)
    assert (visit.task.due_at, visit.task.minutes) == (visit.starts_at, 120)
    with pytest.raises(Stale):
        visits.move(visit, {"starts_at": NINE}, seen)
    fact = as_system.execute(select(Event).where(Event.name == "visit.moved")).scalar_one()
    assert fact.data["was"] == NINE.isoformat()


def test_nobody_is_sent_while_away_or_into_the_past(as_system, deal):
    pavel = who(as_system, "pavel")
    said = {"person": pavel.id, "begins": "02.03.2027", "ends": "03.03.2027", "kind": AbsenceKind.ILLNESS}
    setting.go_away(said)
    with pytest.raises(Refused, match="отсутствует") as refusal:
        planned(as_system, deal)
    assert refusal.value.details[0].starts == NINE + dt.timedelta(days=2)
    assert free(pavel, dt.date(2027, 3, 2), 60, 30) == []
    with pytest.raises(Refused, match="уже прошло"):
        planned(as_system, deal, -30)


def test_free_hours_are_worked_ones_without_visits_and_ways(as_system, deal):
    planned(as_system, deal, 2)  # 11:00–12:00
    places = free(who(as_system, "pavel"), dt.date(2027, 3, 2), 60, 30)
    hours = [place.starts.astimezone(dt.timezone(dt.timedelta(hours=3))).strftime("%H:%M") for place in places]
    # From nine an hour and the way end at 10:30; after the visit and the way it goes on at 12:30, and ends at 18:00.
    afternoon = [f"{hour}:{minute:02}" for hour in range(12, 18) for minute in (0, 30)][1:-1]
    assert hours == ["09:00", "09:30", *afternoon]
    assert free(who(as_system, "pavel"), dt.date(2027, 3, 6), 60, 30) == []


def test_a_made_visit_closes_its_task_opens_its_gate_and_is_not_made_twice(as_system, deal):
    gate = [HouseGate("visited", {})]
    assert "никто не был" in obstacles(gather(deal), gate)[0].words
    visit = planned(as_system, deal)
    with pytest.raises(Refused) as refusal:
        visits.finish(visit, "")
    assert refusal.value.field == "result"
    visits.finish(visit, "3 проёма")
    assert (visit.task.result, visit.task.done_at is not None) == ("3 проёма", True)
    assert obstacles(gather(deal), gate) == []
    fact = as_system.execute(select(Event).where(Event.name == "visit.done")).scalar_one()
    assert fact.data["result"] == "3 проёма"
    for act in (lambda: visits.finish(visit, "ещё"), lambda: visits.cancel(visit, "x"), lambda: visits.move(visit, {})):
        with pytest.raises(Refused, match="уже закончен"):
            act()
    visits.take_back(visit)
    assert visit.task.done_at is None


def test_a_lost_deal_sends_nobody(as_system, deal):
    visit = planned(as_system, deal)
    deals.lose(deal, "no_answer")
    assert (visit.state, visit.reason) == ("cancelled", "Сделка закрыта отказом.")


def test_the_visit_of_a_lead_goes_with_it_to_the_deal(as_system, morning):
    lead = Lead(name="Пётр", phone="+79000004321", received_at=utcnow(), owner_id=who(as_system, "anna").id)
    as_system.add(lead)
    as_system.flush()
    visit = planned(as_system, lead)
    assert (visit.who, visit.deal_id, visit.task.lead_id) == ("Пётр", None, lead.id)
    deal = leads.qualify(lead)
    assert (visit.deal_id, visit.client_id) == (deal.id, deal.client_id)


def test_a_live_visit_gives_the_deal_and_its_client_and_a_made_one_takes_them_away(app, system):
    at = utcnow() + dt.timedelta(days=1)
    with system() as session:
        visit = planned(session, started(session), starts_at=at)
        visit_id, number = visit.id, visit.deal.number
        # The task that went with it was given to somebody else: the visit alone gives the deal.
        visit.task.assignee_id = who(session, "sergey").id
    wanted = select(Deal).where(Deal.number == number)
    with acting(app, "pavel") as session:
        deal = session.execute(wanted).scalar_one()
        assert session.get(Client, deal.client_id).name == "Ирина Соколова"
        visits.finish(session.get_one(Visit, visit_id), "Готово")
        session.commit()
    with acting(app, "pavel") as session:
        assert session.execute(wanted).scalar_one_or_none() is None
        assert session.get_one(Visit, visit_id).result == "Готово"


@pytest.mark.parametrize(
    ("username", "reads", "writes"),
    [("pavel", True, True), ("anna", True, True), ("marina", True, True), ("director", True, False),
     ("oleg", False, False), ("sergey", False, False), ("stranger", False, False), ("nina", False, False)],
)  # fmt: skip
def test_a_visit_is_of_whoever_goes_and_of_whoever_leads_the_deal(app, system, username, reads, writes):
    with system() as session:
        visit_id = planned(session, started(session), starts_at=utcnow() + dt.timedelta(days=1)).id
    with acting(app, username) as session:
        visit = session.get(Visit, visit_id)
        assert (visit is not None) is reads
        if reads and not writes:
            with pytest.raises(NotFound):
                visits.cancel(visit, "x")
        elif writes:
            visits.cancel(visit, "Причина")


def test_a_surveyor_gives_no_visit_away_to_deals_that_are_not_his(app, system):
    with system() as session:
        visit_id = planned(session, started(session), starts_at=utcnow() + dt.timedelta(days=1)).id
        other_id = started(session, "oleg").id
    with acting(app, "pavel") as session:
        visit = session.get_one(Visit, visit_id)
        with pytest.raises(NotFound):
            visits.move(visit, {"assignee": who(session, "sergey").id})
        session.rollback()
        assert session.get(Deal, other_id) is None


def test_of_two_who_plan_one_hour_at_the_same_moment_one_wins(app, system):
    at = utcnow() + dt.timedelta(days=1)
    with system() as session:
        numbers = [started(session, "anna").number, started(session, "oleg", "Пётр Первый").number]
    barrier, told = threading.Barrier(2), []

    def plan(username, number):
        with acting(app, username) as session:
            deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
            barrier.wait(10)
            try:
                planned(session, deal, starts_at=at)
                session.commit()
                told.append("planned")
            except Refused as refusal:
                told.append(refusal.words)

    both = [threading.Thread(target=plan, args=pair) for pair in zip(("anna", "oleg"), numbers, strict=True)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert len(told) == 2
    assert told.count("planned") == 1
    assert "на другом выезде" in next(words for words in told if words != "planned")


BAD = [
    ({"assignee": ""}, "assignee"), ({"assignee": "999999"}, "assignee"), ({"assignee": "1" * 30}, "assignee"),
    ({"starts_at": None}, "starts_at"), ({"starts_at": "завтра"}, "starts_at"),
    ({"starts_at": dt.datetime(9999, 1, 1, tzinfo=dt.UTC)}, "starts_at"), ({"minutes": "0"}, "minutes"),
    ({"minutes": "10" * 20}, "minutes"), ({"minutes": "час"}, "minutes"), ({"address": " "}, "address"),
    ({"address": "\x00"}, "address"), ({"address": "я" * 300}, "address"), ({"travel_minutes": "-1"}, "travel_minutes"),
    ({"place_note": "я" * 20_000}, "place_note"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "field"), BAD)
def test_what_cannot_be_is_refused_at_its_field(as_system, deal, values, field):
    with pytest.raises(Refused) as refusal:
        planned(as_system, deal, **values)
    assert refusal.value.field == field
    assert as_system.execute(select(Visit)).first() is None


# ── any day, any visits ─────────────────────────────────────────────────────────
spans_of_minutes = st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(0, 6))


def day(spans):
    return [Taken(NINE + 15 * a * MINUTE, NINE + 15 * (a + n) * MINUTE, 15 * w) for a, n, w in spans]


@given(st.lists(spans_of_minutes, max_size=8), st.integers(1, 10), st.integers(0, 6))
def test_every_offered_place_is_free_and_every_other_one_is_not(spans, length, way):
    taken, ends = day(spans), NINE + dt.timedelta(hours=9)
    wanted = Taken(NINE, NINE + 15 * length * MINUTE, 15 * way)
    places = fitting([(NINE, ends)], taken, wanted)
    for place in places:
        assert clash(place, taken) is None
        assert NINE <= place.starts < place.ends <= ends
    starts = {place.starts for place in places}
    for number in range(0, 9 * 60, STEP):
        at = NINE + number * MINUTE
        other = Taken(at, at + 15 * length * MINUTE, 15 * way)
        if at not in starts and other.ends <= ends:
            assert clash(other, taken) is not None


@given(spans_of_minutes, spans_of_minutes)
def test_a_clash_is_mutual(one, two):
    first, second = day([one, two])
    assert (clash(first, [second]) is None) == (clash(second, [first]) is None)
