"""Leads are shared fairly, by share and by load; an unanswered one goes on to the next in the round."""

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.jobs import reminders
from app.services import clients, leads
from app.services.worktime import setting
from app.settings import put
from models.ground.base import clock_at, utcnow
from models.ground.history import Event
from models.leads import LeadState
from models.staff import Person
from models.worktime import AbsenceKind

MONDAY = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
SELLERS = ("anna", "marina", "oleg")


def person(session, username):
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def came(number, at):
    """One more request, of somebody new, at that moment; the user name of whom it was given to."""
    with clock_at(at):
        lead = leads.receive(Inbound(name=f"Клиент {number}", phone=f"8926{number:07}", words="окна"))
        return lead.owner.username if lead.owner else None


def three_days(numbers):
    """Requests spread over three days, an hour apart."""
    return [(number, MONDAY + dt.timedelta(days=number % 30 // 10, hours=number % 10)) for number in numbers]


def test_thirty_leads_over_three_days_are_spread_evenly(as_system):
    given = Counter(came(*one) for one in three_days(range(30)))
    assert given == {"anna": 10, "marina": 10, "oleg": 10}


def test_a_newcomer_takes_part_at_once_and_is_not_flooded(as_system):
    newcomer = person(as_system, "stranger")
    before = Counter(came(*one) for one in three_days(range(12)))
    assert set(before.values()) == {4}
    newcomer.takes_leads = True
    as_system.flush()
    after = Counter(came(*one) for one in three_days(range(12, 32)))
    assert after == {"anna": 5, "marina": 5, "oleg": 5, "stranger": 5}


def test_somebody_back_from_leave_is_not_made_to_catch_up(as_system):
    said = {"person": person(as_system, "oleg").id, "begins": "23.11.2026", "ends": "23.11.2026"}
    setting.go_away(said | {"kind": AbsenceKind.VACATION})
    away = Counter(came(number, MONDAY + dt.timedelta(minutes=number)) for number in range(10))
    assert away == {"anna": 5, "marina": 5}
    tuesday = MONDAY + dt.timedelta(days=1)
    back = Counter(came(number, tuesday + dt.timedelta(minutes=number)) for number in range(10, 19))
    assert back == {"anna": 3, "marina": 3, "oleg": 3}


def test_a_double_share_gets_twice_as_many(as_system):
    person(as_system, "anna").lead_share = 2
    as_system.flush()
    given = Counter(came(*one) for one in three_days(range(28)))
    assert given == {"anna": 14, "marina": 7, "oleg": 7}


def test_a_share_of_nothing_gets_none_in_turn_and_keeps_own_clients(as_system):
    anna = person(as_system, "anna")
    anna.lead_share = 0
    clients.create("Смирнова", phones=["89260000777"], owner=anna)
    as_system.flush()
    assert "anna" not in {came(number, MONDAY) for number in range(6)}
    assert came(777, MONDAY) == "anna"


def test_whoever_is_full_is_passed_over_until_everybody_is(as_system):
    put("lead_limit", 2)
    given = [came(number, MONDAY + dt.timedelta(minutes=number)) for number in range(8)]
    assert Counter(given[:6]) == {"anna": 2, "marina": 2, "oleg": 2}
    assert None not in given


def test_a_lead_of_an_absent_managers_client_comes_to_the_deputy(as_system):
    anna, marina = person(as_system, "anna"), person(as_system, "marina")
    clients.create("Смирнова", phones=["89260000777"], owner=anna)
    setting.go_away({"person": anna.id, "begins": "20.11.2026", "kind": "illness", "deputy": marina.id})
    assert came(777, MONDAY) == "marina"


def test_those_at_work_now_come_before_those_whose_day_has_not_begun(as_system):
    late = dict.fromkeys(range(7), "20-24")
    setting.set_hours("UTC", late, person=person(as_system, "oleg"))
    assert Counter(came(number, MONDAY + dt.timedelta(minutes=number)) for number in range(4)) == {
        "anna": 2, "marina": 2,
    }  # fmt: skip
    for username in ("anna", "marina"):
        setting.set_hours("UTC", late, person=person(as_system, username))
    assert came(9, MONDAY) in SELLERS


class TestEscalation:
    def asked(self, session, at=None):
        with clock_at(at or utcnow() - dt.timedelta(hours=1)):
            return leads.receive(Inbound(name="Иван", phone="89261230010", words="окна"))

    def test_it_goes_to_each_of_the_round_once_and_stays_with_the_last(self, as_system, app):
        lead = self.asked(as_system)
        had = [lead.owner.username]
        for _turn in range(2):
            lead.escalate_at = utcnow() - dt.timedelta(minutes=1)
            as_system.flush()
            leads.escalation.escalate(lead)
            had.append(lead.owner.username)
        assert sorted(had) == sorted(SELLERS)
        lead.escalate_at = utcnow() - dt.timedelta(minutes=1)
        leads.escalation.escalate(lead)
        assert (lead.owner.username, lead.escalate_at, lead.escalated) == (had[-1], None, 3)
        told = as_system.execute(select(Event.data).where(Event.name == "lead.escalated").order_by(Event.id)).scalars()
        assert [data["level"] for data in told] == [1, 2, 3]

    def test_whoever_takes_it_or_is_given_it_has_time_of_their_own(self, as_system):
        lead = self.asked(as_system)
        for given in (lambda: leads.assign(lead, person(as_system, "stranger")), lambda: leads.take(lead)):
            lead.escalate_at = utcnow() + dt.timedelta(minutes=1)
            lead.state = LeadState.WAITING
            as_system.flush()
            given()
            assert lead.escalate_at > utcnow() + dt.timedelta(minutes=14)
        put("escalate_minutes", 0)
        leads.assign(lead, person(as_system, "anna"))
        assert lead.escalate_at is not None, "what was begun goes on"

    def test_an_answered_or_closed_one_goes_nowhere(self, as_system):
        lead = self.asked(as_system)
        was = lead.owner_id
        leads.answer(lead)
        leads.escalation.escalate(lead)
        assert (lead.owner_id, lead.escalated, lead.state) == (was, 0, LeadState.TAKEN)

    def test_the_clock_does_it(self, app, system):
        with system() as session:
            lead = self.asked(session)
            key, was = lead.id, lead.owner_id
        with app.app_context():
            reminders.unanswered_leads()
        with system() as session:
            lead = session.get_one(type(lead), key)
            assert lead.owner_id != was
            assert lead.escalate_at > utcnow()

    def test_where_the_settings_say_never_it_stays(self, as_system):
        put("escalate_minutes", 0)
        lead = self.asked(as_system)
        assert lead.escalate_at is None

    @pytest.mark.parametrize("minutes", ["-1", "10081", "много", "1.5", ""])
    def test_a_setting_that_cannot_be_is_refused_on_the_screen(self, login, minutes):
        said = {"response_minutes": "15", "escalate_minutes": minutes, "lead_limit": "0"}
        assert login("admin").post("/worktime/targets", data=said).status_code == 422
