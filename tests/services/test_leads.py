"""Leads: what a request is, whose it becomes, and what happens to it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Agreed, Inbound
from app.rights import actor_of_person
from app.services import clients, deals, leads
from app.services.worktime import setting
from app.settings import put
from models.clients import Client, Consent
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.ground.history import Change, Event
from models.ground.refused import NotFound, Refused
from models.leads import Lead, LeadClass, LeadState
from models.lowcode.funnels import StageKind
from models.messages import Message
from models.staff import Person


def person(session: Any, username: str) -> Person:
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def ask(name: str = "Иван", phone: str = "8 926 123-00-10", words: str = "Два окна", **more: Any) -> Lead:
    return leads.receive(Inbound(name=name, phone=phone, words=words, **more))


def events(session: Any, lead: Lead) -> list[str]:
    found = select(Event.name).where(Event.row_id == lead.id, Event.table == "lead").order_by(Event.id)
    return list(session.execute(found).scalars())


def feed(session: Any, where: Any) -> list[str]:
    return list(session.execute(select(Message.words).where(where).order_by(Message.id)).scalars())


def won_deal(session: Any, client: Client, owner: Person) -> None:
    deal = deals.start(client, owner=owner)
    deal.stage = next(stage for stage in deal.funnel.stages if stage.kind == StageKind.WON)
    deal.closed_at = utcnow()
    session.flush()


def test_the_leads_before_the_window_are_not_looked_at(as_system):
    first = ask()
    first.received_at = utcnow() - dt.timedelta(days=15)
    as_system.flush()
    assert ask().klass == LeadClass.NEW
    put("duplicate_days", 30)
    second = ask()
    assert (second.klass, second.state) == (LeadClass.DUPLICATE, LeadState.ATTACHED)


def test_a_duplicate_is_closed_at_once_and_its_words_go_to_the_open_lead(as_system):
    first = ask(words="Два окна")
    second = ask(name="иван", phone="+7 (926) 123 00 10", words="И ещё дверь")
    assert second.state == LeadState.ATTACHED
    assert (second.owner_id, second.duplicate_of_id) == (first.owner_id, first.id)
    assert "№" in second.klass_reason
    assert feed(as_system, Message.lead_id == first.id) == ["Два окна", "И ещё дверь"]
    assert events(as_system, second) == ["lead.attached", "lead.received"]


def test_words_of_a_client_with_an_open_deal_go_to_the_deal(as_system):
    deal = leads.qualify(ask())
    again = ask(words="Когда приедет замерщик?")
    assert (again.klass, again.deal_id) == (LeadClass.DUPLICATE, deal.id)
    assert feed(as_system, Message.deal_id == deal.id) == ["Два окна", "Когда приедет замерщик?"]


def test_what_was_closed_can_be_taken_back(as_system):
    ask()
    again = ask()
    leads.restore(again)
    assert (again.state, again.klass, again.duplicate_of_id) == (LeadState.WAITING, LeadClass.NEW, None)
    with pytest.raises(Refused):
        leads.restore(again)


def test_without_a_way_to_answer_it_is_a_mistake_and_nobody_is_disturbed(as_system):
    lead = ask(name="asdf", phone="123", words="")
    assert (lead.klass, lead.state, lead.owner_id, lead.respond_by) == (
        LeadClass.MISTAKE, LeadState.REJECTED, None, None,
    )  # fmt: skip
    assert lead.typed_phone == "123"
    leads.restore(lead)
    assert lead.state == LeadState.WAITING


def test_leads_are_given_in_turn(as_system):
    given = [ask(phone=f"892612300{n}").owner.username for n in range(10, 22)]
    assert Counter(given) == {"marina": 4, "anna": 4, "oleg": 4}
    assert len(set(given[:3])) == 3
    assert given[:3] == given[3:6]


def test_those_who_are_away_get_none(as_system):
    yesterday = f"{utcnow() - dt.timedelta(days=1):%d.%m.%Y}"
    setting.go_away({"person": person(as_system, "oleg").id, "begins": yesterday, "kind": "illness"})
    gone = person(as_system, "marina")
    gone.active = False
    as_system.flush()
    assert {ask(phone=f"892612300{n}").owner.username for n in range(10, 14)} == {"anna"}


def test_where_nobody_takes_leads_it_has_no_owner(as_system):
    for username in ("marina", "anna", "oleg"):
        person(as_system, username).takes_leads = False
    as_system.flush()
    assert ask().owner_id is None


def test_a_known_client_comes_to_their_own_manager(as_system):
    anna = person(as_system, "anna")
    won_deal(as_system, clients.create("Смирнова", phones=["89261230001"], owner=anna), anna)
    owners = [ask(phone="89261230001", words=str(n)).owner.username for n in range(2)]
    assert owners == ["anna", "anna"]


def test_consent_is_kept_with_its_text(as_system):
    lead = ask(consent=Agreed("2026-09-01", "203.0.113.7"))
    consent = as_system.execute(select(Consent).where(Consent.lead_id == lead.id)).scalar_one()
    assert (consent.text_version, consent.address) == ("2026-09-01", "203.0.113.7")


def test_qualify_makes_a_client_and_a_deal_and_moves_the_feed(as_system):
    lead = ask(email="ivan@example.ru")
    leads.note(lead, "Просил перезвонить")
    deal = leads.qualify(lead, values={"title": "Два окна"})
    assert (lead.state, lead.deal_id, deal.title) == (LeadState.QUALIFIED, deal.id, "Два окна")
    assert lead.answered_at
    client = deal.client
    assert (client.name, client.phone, client.email) == ("Иван", "+79261230010", "ivan@example.ru")
    assert deal.owner_id == lead.owner_id
    moved = as_system.execute(select(Message.deal_id).where(Message.lead_id == lead.id)).scalars()
    assert set(moved) == {deal.id}
    with pytest.raises(Refused, match=str(deal.number)):
        leads.qualify(lead)


def test_every_step_is_an_event_and_a_change(as_system):
    lead = ask()
    leads.answer(lead, "Договорились о замере")
    leads.assign(lead, person(as_system, "stranger"))
    leads.reject(lead, "no_answer")
    assert events(as_system, lead) == ["lead.received", "lead.answered", "lead.assigned", "lead.rejected"]
    changed = select(Change.field).where(Change.table == "lead", Change.row_id == lead.id)
    fields = as_system.execute(changed).scalars()
    assert {"", "answered_at", "owner_id", "reject_reason", "state"} <= set(fields)


class TestColleagues:
    """What Anna may do with leads of her team and of others."""

    @pytest.fixture
    def lead_of(self, app: Any) -> Any:
        def make(username: str | None, late: bool = False) -> int:
            with acting_as(SYSTEM) as session:
                lead = ask()
                lead.owner_id = person(session, username).id if username else None
                if late:
                    lead.respond_by = utcnow() - dt.timedelta(minutes=1)
                session.commit()
                return lead.id

        return make

    @pytest.fixture
    def as_anna(self, app: Any) -> Any:
        with app.app_context(), acting_as(_actor(app, "anna")) as session:
            yield session

    def test_an_unassigned_one_may_be_taken(self, lead_of, as_anna):
        lead = leads.take(as_anna.get(Lead, lead_of(None)))
        assert (lead.owner.username, lead.state) == ("anna", LeadState.TAKEN)

    def test_a_colleague_who_still_has_time_keeps_his(self, lead_of, as_anna):
        with pytest.raises(Refused, match="Олег Дёмин"):
            leads.take(as_anna.get(Lead, lead_of("oleg")))

    def test_an_overdue_one_may_be_taken(self, lead_of, as_anna):
        assert leads.take(as_anna.get(Lead, lead_of("oleg", late=True))).owner.username == "anna"

    def test_another_teams_is_not_there(self, lead_of, as_anna):
        assert as_anna.get(Lead, lead_of("stranger")) is None

    def test_what_she_writes_down_is_hers(self, as_anna):
        lead = leads.enter(Inbound(name="Пётр", phone="8 903 111-22-33", words="Звонил сам"))
        assert (lead.owner.username, lead.state, lead.source) == ("anna", LeadState.TAKEN, "manual")

    def test_a_hidden_client_is_hinted_at_and_no_more(self, as_anna):
        with acting_as(SYSTEM) as session:
            clients.create("Тайный", phones=["89031112233"], owner=person(session, "oleg"))
            session.commit()
        (holder,) = clients.recognise(phone="+79031112233")
        assert (holder.owner_name, holder.is_visible, holder.name) == ("Олег Дёмин", False, "")
        lead = leads.enter(Inbound(name="Пётр", phone="8 903 111-22-33"))
        as_anna.commit()
        assert lead.client is None

    def test_a_duplicate_written_down_by_hand_stays_for_a_person_to_decide(self, lead_of, as_anna):
        lead_of("stranger")
        lead = leads.enter(Inbound(name="Иван", phone="8 926 123-00-10", words="Звонит снова"))
        assert (lead.klass, lead.is_live) == (LeadClass.DUPLICATE, True)


def _actor(app: Any, username: str) -> Any:
    with acting_as(SYSTEM) as session:
        return actor_of_person(person(session, username))


def test_a_surveyor_reaches_no_lead(app, as_system):
    lead = ask()
    as_system.commit()
    with acting_as(_actor(app, "pavel")) as session:
        assert session.get(Lead, lead.id) is None
        with pytest.raises(NotFound):
            leads.enter(Inbound(name="Пётр", phone="89031112233"))


def test_what_a_duplicate_left_in_anothers_feed_goes_with_it(as_system):
    first = ask()
    again = ask(words="И ещё дверь")
    assert feed(as_system, Message.lead_id == first.id) == ["Два окна", "И ещё дверь"]
    leads.restore(again)
    assert feed(as_system, Message.lead_id == first.id) == ["Два окна"]
    assert feed(as_system, Message.lead_id == again.id) == ["И ещё дверь"]
    deal = leads.qualify(first)
    third = ask(words="Когда замер?")
    assert "Когда замер?" in feed(as_system, Message.deal_id == deal.id)
    leads.restore(third)
    assert "Когда замер?" not in feed(as_system, Message.deal_id == deal.id)
