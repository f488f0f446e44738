"""The trash: what may be thrown away, and what goes with it when its days are over."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import leads, trash
from models.ground.base import utcnow
from models.ground.refused import Refused
from models.leads import Lead
from models.messages import Message


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
