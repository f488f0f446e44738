"""Who takes part in a deal: clients and colleagues, each once, with words; whoever reaches the deal sees them."""

import pytest
from sqlalchemy import select

from app.services.deals import people
from models.clients import Client
from models.deals import Deal
from models.ground.refused import Refused
from models.participants import Participant
from tests.deals import started, told, who
from tests.money import acting


def another(session, name="Антон Соколов", owner="oleg"):
    client = Client(name=name, owner_id=who(session, owner).id)
    session.add(client)
    session.flush()
    return client


def test_a_client_and_a_colleague_take_part_once_each(as_system):
    deal, anton = started(as_system), another(as_system)
    part = people.invite(deal, anton, " решает ")
    people.invite(deal, who(as_system, "pavel"), "замерщик")
    assert (part.words, people.name_of(part)) == ("решает", "Антон Соколов")
    for again in (anton, who(as_system, "pavel"), deal.client, deal.owner):
        with pytest.raises(Refused):
            people.invite(deal, again)
    people.describe(part, "платит")
    people.dismiss(part)
    assert told(as_system, deal)[-1] == "deal.participant_removed"
    assert [one.person.username for one in as_system.execute(select(Participant)).scalars()] == ["pavel"]


@pytest.mark.parametrize("words", ["x" * 61, "a\x00"])
def test_bad_words_are_refused(as_system, words):
    with pytest.raises(Refused):
        people.invite(started(as_system), another(as_system), words)


def test_one_who_left_is_not_invited(as_system):
    gone = who(as_system, "pavel")
    gone.active = False
    as_system.flush()
    with pytest.raises(Refused):
        people.invite(started(as_system), gone)


def test_the_owner_of_the_deal_reaches_a_rivals_client_who_takes_part_and_nobody_else_does(app, system):
    with system() as session:
        deal = started(session)
        part = people.invite(deal, another(session), "решает")
        key, client_key, part_key = deal.id, part.client_id, part.id
    with acting(app, "anna") as session:
        assert session.get(Client, client_key).name == "Антон Соколов"
        assert session.get(Participant, part_key)
        assert session.get(Deal, key)
    with acting(app, "oleg") as session:
        assert session.get(Deal, key) is None
        assert session.execute(select(Participant)).first() is None
