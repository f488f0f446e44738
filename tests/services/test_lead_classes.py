"""What a request is told to be: the labelled requests in order, partners, an INN in the words, a deal that was lost."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import clients, deals, leads
from models.clients import Client
from models.deals import Deal
from models.ground.base import clock_at, utcnow
from models.ground.refused import Refused
from models.leads import Lead, LeadClass, LeadState
from models.lowcode.funnels import Stage, StageKind
from models.staff import Person

FILE = Path(__file__).parent.parent / "vectors" / "lead_classification.json"
VECTORS = json.loads(FILE.read_text("utf-8"))


def person(session: Any, username: str) -> Person:
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def ask(name: str = "Иван", phone: str = "8 926 123-00-10", words: str = "Два окна", **more: Any) -> Lead:
    return leads.receive(Inbound(name=name, phone=phone, words=words, **more))


def won_deal(session: Any, client: Client, owner: Person) -> None:
    deal = deals.start(client, owner=owner)
    deal.stage = next(stage for stage in deal.funnel.stages if stage.kind == StageKind.WON)
    deal.closed_at = utcnow()
    session.flush()


def lose(session: Any, lead: Lead) -> None:
    deal = session.get(Deal, lead.deal_id)
    deal.stage = session.execute(select(Stage).where(Stage.kind == StageKind.LOST)).scalars().first()
    deal.closed_at = utcnow()
    session.flush()


def bring_the_known(session: Any) -> None:
    """The clients and partners of the vectors."""
    anna = person(session, "anna")
    for known in VECTORS["known"]:
        values = {"inn": known.get("inn", "")}
        if "partner" in known:
            values |= {"kind": "partner", "promo": known["promo"]}
        name = known.get("client") or known["partner"]
        client = clients.create(name, phones=[known["phone"]], emails=[known["email"]], owner=anna, values=values)
        if known.get("won_deals"):
            won_deal(session, client, anna)


def came(said: dict[str, Any]) -> Lead:
    """A request of the vectors, at its moment."""
    words = {"name": said["name"], "words": said["text"], "source": said["source"]}
    contacts = {"phone": said.get("phone", ""), "email": said.get("email", "")}
    with clock_at(dt.datetime.fromisoformat(said["at"])):
        return leads.receive(Inbound(**words, **contacts))


def test_the_vectors_in_order(as_system):
    bring_the_known(as_system)
    made: dict[int, Lead] = {}
    for said in VECTORS["leads"]:
        if said["n"] == 10:
            leads.qualify(made[1])
        if said["n"] == 11:
            lose(as_system, made[1])
        lead = made[said["n"]] = came(said)
        assert (lead.klass, bool(lead.klass_reason)) == (said["expect"], True), said
        # A suggestion and no more: nobody but spam, mistakes and duplicates leaves the list by himself.
        assert lead.is_live == (said["expect"] not in ("spam", "mistake", "duplicate")), said
    assert made[2].duplicate_of_id == made[1].id
    assert made[10].deal_id == made[1].deal_id
    assert made[11].client_id == made[1].client_id
    assert (made[3].client.name, made[4].client.name) == ("Смирнова Ольга", "ООО «Ромашка»")
    assert made[5].partner.name == "Дизайн-студия «Линия»"


def test_an_inn_in_the_words_names_the_client(as_system):
    anna = person(as_system, "anna")
    client = clients.create("ООО «Ромашка»", owner=anna, values={"inn": "7799010028", "kind": "company"})
    lead = ask(name="Новый закупщик", phone="", email="new@romashka.example", words="Счёт на двери, ИНН: 7799010028")
    assert (lead.client_id, lead.klass) == (client.id, LeadClass.NEW)
    assert ask(phone="", email="b@b.example", words="ИНН 7799010029").client_id is None
    assert ask(phone="", email="c@c.example", words="Перезвоните на 7799010028").client_id is None


class TestPartners:
    @pytest.fixture
    def studio(self, as_system):
        values = {"kind": "partner", "promo": "linia", "partner_percent": "7,5", "partner_terms": "Раз в месяц"}
        anna = person(as_system, "anna")
        return clients.create("Студия", phones=["89161230003"], owner=anna, values=values)

    def test_a_code_in_an_advertisement_is_theirs(self, studio):
        lead = ask(utm={"source": "Linia"})
        assert (lead.klass, lead.partner_id, lead.client_id) == (LeadClass.PARTNER, studio.id, None)

    def test_their_own_phone_brings_many_clients(self, as_system, studio):
        deals.start(studio, owner=person(as_system, "anna"))
        first = ask(name="Кухня для Петровых", phone="89161230003", words="Кухня")
        second = ask(name="Шкаф для Сидоровых", phone="89161230003", words="Шкаф")
        assert {first.klass, second.klass} == {LeadClass.PARTNER}
        assert first.is_live
        assert second.is_live
        assert ask(name="Шкаф", phone="89161230003", words="шкаф").duplicate_of_id == second.id
        deal = leads.qualify(second)
        assert (deal.partner_id, deal.category, deal.client.phone) == (studio.id, "partner", None)
        assert deal.partner_name == "Студия"

    def test_a_name_as_long_as_the_law_allows_loses_no_request(self, as_system, studio):
        clients.change(studio, {"name": "Общество с ограниченной ответственностью ".ljust(250, "Ж")})
        lead = ask(phone="89161230003")
        assert (lead.klass, lead.partner_id) == (LeadClass.PARTNER, studio.id)

    def test_a_client_of_theirs_with_an_open_deal_writes_into_the_deal(self, studio):
        deal = leads.qualify(ask(words="Промокод LINIA, окна"))
        again = ask(words="Промокод LINIA, а когда замер?")
        assert (again.klass, again.deal_id) == (LeadClass.DUPLICATE, deal.id)

    @pytest.mark.parametrize("values", [
        {"promo": "LINIA"}, {"promo": "ab"}, {"promo": "два слова"}, {"promo": "123"}, {"partner_percent": "101"},
        {"partner_percent": "-1"}, {"partner_percent": "много"}, {"partner_percent": "1e30"}, {"promo": "x" * 50},
    ])  # fmt: skip
    def test_terms_without_sense_are_refused(self, as_system, studio, values):
        with pytest.raises(Refused):
            clients.create("Другая студия", owner=person(as_system, "anna"), values={"kind": "partner"} | values)

    def test_whoever_is_no_partner_has_no_terms(self, as_system, studio):
        clients.change(studio, {"kind": "company"})
        assert (studio.promo, studio.partner_percent, studio.partner_terms) == ("", None, "")
        assert ask(words="Промокод LINIA").klass == LeadClass.NEW


def test_the_same_words_after_a_deal_was_lost_are_left_to_a_person(as_system):
    first = ask()
    leads.qualify(first)
    lose(as_system, first)
    again = ask()
    assert (again.klass, again.state, again.duplicate_of_id) == (LeadClass.DUPLICATE, LeadState.WAITING, first.id)
    assert again.owner_id is not None
