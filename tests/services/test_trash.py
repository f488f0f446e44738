"""The trash: what may be thrown away, and what goes with it when its days are over."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.jobs.tasks import remind
from app.services import leads, tasks, trash, visits
from models.clients import Client, Consent
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.base import clock_at, utcnow
from models.ground.history import Event
from models.ground.refused import Refused
from models.leads import Lead
from models.messages import Message
from models.tasks import Task
from tests.deals import PLACE, started, who
from tests.money import acting


def came(number=10):
    return leads.receive(Inbound(name="Иван", phone=f"892612300{number}", words="Два окна"))


def long_ago(session, row):
    row.deleted_at = utcnow() - trash.KEPT_FOR - dt.timedelta(days=1)
    session.flush()


def words_of(session, where):
    return list(session.execute(select(Message.words).where(where)).scalars())


def test_a_lead_that_is_a_deal_is_not_thrown_away(as_system):
    lead = came()
    deal = leads.qualify(lead)
    with pytest.raises(Refused, match=str(deal.number)):
        trash.erase(lead)
    assert lead.deleted_at is None


def test_what_a_client_said_to_a_deal_outlives_the_lead_it_came_by(as_system):
    """A second request, attached to the deal, lies in the trash for good, and the feed of the deal is whole."""
    deal = leads.qualify(came())
    again = came()
    assert again.deal_id == deal.id
    trash.erase(again)
    long_ago(as_system, again)
    before = words_of(as_system, Message.deal_id == deal.id)
    trash.forget()
    assert words_of(as_system, Message.deal_id == deal.id) == before


def test_a_lead_of_no_deal_goes_for_good_with_its_words(as_system):
    lead = came()
    key = lead.id
    trash.erase(lead)
    long_ago(as_system, lead)
    assert trash.forget() == 1
    assert as_system.execute(select(Lead.id).where(Lead.id == key).execution_options(with_deleted=True)).first() is None
    assert words_of(as_system, Message.lead_id == key) == []


@pytest.fixture
def thrown(system, worker):
    """`thrown(verb, model, key)`: thrown away or taken back, and what waited for that was done."""

    def act(verb, model, key):
        with system() as session:
            verb(session.get(model, key, execution_options={WITH_DELETED: True}))
        worker()

    return act


def to_do(system, column, key):
    with system() as session:
        return list(session.execute(select(Task.title).where(column == key).order_by(Task.id)).scalars())


@pytest.mark.parametrize("model", [Lead, Deal])
def test_nobody_is_reminded_of_what_lies_in_the_trash(app, system, worker, thrown, model):
    with system() as session:
        row = came() if model is Lead else started(session)
        column, key = (Task.lead_id if model is Lead else Task.deal_id), row.id
    worker()
    with system() as session:
        values = {"assignee": who(session, "anna"), "due_at": utcnow()}
        for title in ("Позвонить", "Лишнее"):
            task = tasks.add({"title": title} | values, on=session.get(model, key))
        trash.erase(task)
    before = to_do(system, column, key)
    assert "Лишнее" not in before
    thrown(trash.erase, model, key)
    with app.app_context(), clock_at(utcnow() + dt.timedelta(hours=1)):
        remind()
    with system() as session:
        assert session.execute(select(Event.id).where(Event.name == "task.overdue")).first() is None
    assert to_do(system, column, key) == []
    thrown(trash.restore, model, key)
    assert to_do(system, column, key) == before


def test_a_colleagues_task_is_no_obstacle(app, system, worker):
    with system() as session:
        lead = came()
        lead.owner_id = who(session, "oleg").id
        tasks.add({"title": "Позвонить", "assignee": who(session, "oleg")}, on=lead)
        key = lead.id
    with acting(app, "anna") as session:
        trash.erase(session.get_one(Lead, key))
        session.commit()
    worker()
    assert to_do(system, Task.lead_id, key) == []


def test_undone_at_once_nothing_is_missing(system, worker):
    with system():
        lead = came()
        tasks.add({"title": "Позвонить"}, on=lead)
        trash.erase(lead)
        trash.restore(lead)
        key = lead.id
    worker()
    assert "Позвонить" in to_do(system, Task.lead_id, key)


def test_somebody_on_the_way_is_not_forgotten(as_system):
    deal = started(as_system, **PLACE)
    at = utcnow() + dt.timedelta(days=1)
    visit = visits.plan(deal, {"assignee": who(as_system, "pavel"), "starts_at": at})
    with pytest.raises(Refused, match="выезд"):
        trash.erase(deal)
    visits.cancel(visit, "Передумали")
    trash.erase(deal)
    assert deal.deleted_at is not None


def test_a_client_of_deals_is_not_thrown_away(as_system):
    deal = started(as_system)
    client = as_system.get(Client, deal.client_id)
    with pytest.raises(Refused, match="сделки"):
        trash.erase(client)
    trash.erase(deal)
    trash.erase(client)
    assert client.deleted_at is not None


def test_with_a_client_in_the_trash_no_task_and_no_consent_of_a_deal_goes_for_good(as_system):
    """A client that was thrown away when that was still possible, and taken up by another request since."""
    deal = started(as_system)
    tasks.finish(tasks.add({"title": "Замер"}, on=deal), "Сделано")
    consent = Consent(client_id=deal.client_id, given_at=utcnow(), text_version="1", words="Согласен", address="")
    as_system.add(consent)
    client = as_system.get(Client, deal.client_id)
    before = list(as_system.execute(select(Task.id).where(Task.deal_id == deal.id)).scalars())
    long_ago(as_system, client)
    trash.forget()
    as_system.expire_all()
    assert list(as_system.execute(select(Task.id).where(Task.deal_id == deal.id)).scalars()) == before
    assert (deal.client_id, consent.id) == (client.id, as_system.execute(select(Consent.id)).scalar_one())


def test_the_consent_of_a_client_outlives_the_request_that_it_came_with(as_system):
    lead, client = came(), Client(name="Иван", owner_id=who(as_system, "anna").id)
    as_system.add(client)
    as_system.flush()
    values = {"given_at": utcnow(), "text_version": "1", "words": "Согласен", "address": ""}
    consent = Consent(lead_id=lead.id, client_id=client.id, **values)
    as_system.add(consent)
    trash.erase(lead)
    long_ago(as_system, lead)
    assert trash.forget() == 1
    as_system.expire_all()
    assert (consent.client_id, consent.lead_id) == (client.id, None)


def test_what_stays_does_not_stand_before_what_goes(as_system):
    """Thrown away later than the others, so that it comes first, and of use to a deal for ever."""
    nobody, kept = Client(name="Никто", owner_id=who(as_system, "anna").id), started(as_system).client
    as_system.add(nobody)
    as_system.flush()
    trash.erase(nobody)
    for client, days in ((nobody, 2), (kept, 1)):
        client.deleted_at = utcnow() - trash.KEPT_FOR - dt.timedelta(days=days)
    as_system.flush()
    assert [trash.forget(limit=1), trash.forget(limit=1)] == [1, 0]
