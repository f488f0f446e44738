"""What goes with a lead to its client and deal, the consent too, and what comes back when it is taken out again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Agreed, Inbound
from app.services import clients, deals, duplicates, leads, tasks, visits
from app.services.leads import placing, undoing
from models.clients import Client, Consent
from models.deals import Deal
from models.ground.actor import Actor
from models.ground.base import utcnow
from models.leads import Lead, LeadClass, LeadState
from models.messages import Conversation
from tests import hooks
from tests.deals import who
from tests.money import acting

ASKER = Actor("Анна", everything=True)
AGREED = Agreed("2026-09-01", "203.0.113.7", "Согласен")


def ask(**said: Any) -> Lead:
    usual = {"name": "Иван", "phone": "8 926 123-00-10", "words": "Два окна", "consent": AGREED}
    return leads.receive(Inbound(**(usual | said)))


def holder(session: Any, lead: Lead) -> int | None:
    """Whose the consent of the lead is."""
    return session.execute(select(Consent.client_id).where(Consent.lead_id == lead.id)).scalar_one()


def somebody(name: str = "Смирнова", **more: Any) -> Client:
    return clients.create(name, **more)


def undo(lead: Lead, begun: int) -> None:
    done = undoing.done_since(begun)
    assert done is not None
    for event in undoing.events_of(done, 10):
        undoing.undo(lead, event)


def test_the_consent_of_a_lead_that_becomes_a_client_is_the_clients(as_system):
    lead = ask()
    assert holder(as_system, lead) is None
    deal = leads.qualify(lead)
    assert holder(as_system, lead) == deal.client_id


def test_it_is_so_when_a_manager_does_it_who_may_read_no_consents(app, as_system):
    lead = ask()
    lead.owner_id = who(as_system, "anna").id
    as_system.commit()
    with acting(app, "anna") as session:
        client = leads.qualify(session.get(Lead, lead.id)).client_id
        session.commit()
    assert holder(as_system, lead) == client


def test_the_consent_follows_a_merge_of_the_clients_and_comes_back(as_system):
    lead = ask()
    loser, survivor = leads.qualify(lead).client_id, somebody("Иван Иванов").id
    merge = duplicates.merge(ASKER, survivor, loser)
    assert holder(as_system, lead) == survivor
    duplicates.undo(ASKER, merge.id)
    assert holder(as_system, lead) == loser


def test_a_known_client_has_the_consent_of_what_is_attached_to_them(as_system):
    lead, client = ask(), somebody()
    placing.attach(lead, client)
    assert holder(as_system, lead) == client.id


@pytest.mark.parametrize("way", ["undo", "restore"])
def test_what_is_taken_out_of_a_deal_leaves_nothing_of_the_deals_client(app, as_system, way):
    lead, other = ask(), ask(phone="8 926 123-00-11", words="Дверь")
    talk = Conversation(channel_id=hooks.open_channel(as_system).id, external_id="7", lead_id=lead.id)
    as_system.add(talk)
    task = tasks.add({"title": "Позвонить", "assignee": who(as_system, "anna")}, on=lead)
    starts = utcnow().replace(hour=9, minute=0) + dt.timedelta(days=3)
    visit = visits.plan(lead, {"assignee": who(as_system, "anna").id, "starts_at": starts, "address": "ул. Мира, 1"})
    deal = deals.start(somebody(), {"title": "Окна"}, owner=who(as_system, "marina"))
    as_system.commit()
    rows = [lead, task, visit.task, visit, talk]

    with acting(app, "marina") as session:
        mine, there = session.get(Lead, lead.id), session.get(Deal, deal.id)
        placing.attach(session.get(Lead, other.id), there)
        begun = undoing.mark()
        placing.attach(mine, there)
        session.commit()
        as_system.expire_all()
        assert [row.client_id for row in rows] + [holder(as_system, lead)] == [deal.client_id] * 6
        assert [row.deal_id for row in rows] == [deal.id] * 5
        undo(mine, begun) if way == "undo" else leads.restore(mine)
        session.commit()

    as_system.expire_all()
    assert [row.client_id for row in rows] + [holder(as_system, lead)] == [None] * 6
    assert [row.deal_id for row in rows] == [None] * 5
    assert holder(as_system, other) == deal.client_id


def test_a_lead_that_had_a_client_of_its_own_goes_back_to_them(as_system):
    own = somebody("Петров", phones=["89261230010"])
    lead = ask()
    task = tasks.add({"title": "Позвонить", "assignee": who(as_system, "anna")}, on=lead)
    placing.attach(lead, deals.start(somebody(), {"title": "Окна"}))
    leads.restore(lead)
    assert (lead.client_id, task.client_id, holder(as_system, lead)) == (own.id,) * 3


def test_a_client_merged_meanwhile_is_who_they_are_now(as_system):
    own, now = somebody("Петров", phones=["89261230010"]), somebody("Петров П.")
    lead = ask()
    placing.attach(lead, deals.start(somebody(), {"title": "Окна"}))
    own.merged_into_id, own.deleted_at = now.id, utcnow()
    as_system.flush()
    leads.restore(lead)
    assert (lead.client_id, holder(as_system, lead)) == (now.id, now.id)


def test_what_was_found_to_be_spam_is_a_request_again_once_a_person_took_it_back(app, as_system):
    lead = ask(spam="Ловушка формы заполнена.")
    assert (lead.klass, lead.state, lead.reject_reason) == (LeadClass.SPAM, LeadState.REJECTED, "spam")
    as_system.commit()
    with acting(app, "marina") as session:
        mine = session.get(Lead, lead.id)
        leads.restore(mine)
        assert (mine.klass, mine.reject_reason) == (LeadClass.NEW, "")
        assert who(session, "marina").name in mine.klass_reason
