"""The demo company as it is loaded: its people, its board, its bills, and that it adds up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import func, select

from app.demo import company
from app.demo.bulk.words import person_name
from models.channels import Channel
from models.deals import Deal
from models.documents import Document
from models.estimates import Estimate
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.ground.history import Change, Event
from models.ground.refused import Refused
from models.imports import LeadImport
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.notices import Delivery
from models.payments import Payment
from models.shipments import Shipment
from models.staff import Person
from models.tasks import Task
from tests.conftest import worker_number
from tests.demo_base import base_of_its_own, load

BOARD = [("intake", 6, 950_000), ("measure", 5, 940_300), ("estimate", 5, 1_475_200), ("bill", 4, 1_322_300),
         ("production", 5, 1_213_900), ("shipping", 3, 356_300)]  # fmt: skip


@pytest.fixture(scope="module")
def demo(settings):
    with base_of_its_own(settings, f"company_{worker_number()}") as app:
        load(app)
        yield app


@pytest.fixture
def base(demo):
    with demo.app_context(), acting_as(SYSTEM) as session:
        yield session


def test_it_is_loaded_only_where_nobody_works_yet(base):
    with pytest.raises(Refused, match="Здесь уже есть сотрудники|already"):
        company.load()


def test_nobody_drawn_by_chance_is_called_as_a_colleague_or_as_who_stands_first(base):
    told_of = {person.name for person in base.execute(select(Person)).scalars()} | {"Ирина Соколова", "Дарья Котова"}
    random = Random(7)
    assert told_of.isdisjoint(person_name(random) for _number in range(100_000))


def test_the_people_of_the_product_are_there(base):
    people = base.execute(select(Person).order_by(Person.id)).scalars().all()
    names = "admin director marina anna oleg pavel sergey nina".split()
    assert [person.username for person in people] == names
    assert all(person.demo for person in people)
    marina = next(person for person in people if person.username == "marina")
    assert marina.team.head_id == marina.id


@pytest.mark.parametrize("name", "admin director marina anna oleg pavel sergey nina".split())
def test_everybody_signs_in_with_the_password_of_the_demo(demo, name):
    answer = demo.test_client().post("/login/", data={"username": name, "password": "demo"})
    assert answer.status_code in {302, 303}


def test_the_board_is_that_of_the_mock(base):
    rows = base.execute(
        select(Stage.code, func.count(Deal.id), func.sum(Deal.amount))
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.closed_at.is_(None))
        .group_by(Stage.code, Stage.position)
        .order_by(Stage.position)
    ).all()
    assert [tuple(row) for row in rows] == BOARD


def test_deal_1042_adds_up(base):
    deal = base.execute(select(Deal).where(Deal.number == 1042)).scalar_one()
    assert (deal.client.name, deal.owner.username, deal.stage.code) == ("Ирина Соколова", "marina", "estimate")
    versions = base.execute(select(Estimate).where(Estimate.deal_id == deal.id).order_by(Estimate.revision)).scalars()
    first, second, third = versions
    assert [first.total, second.total, third.total] == [206_150, 198_300, 184_500]
    assert [first.state, second.state, third.state] == ["sent", "sent", "draft"]
    assert (third.discount, third.cost, third.margin, third.margin_percent) == (5_925, 128_300, 56_200, Decimal("30.5"))
    goods = sum(line.sum for line in third.lines if line.section == "goods")
    works = sum(line.sum for line in third.lines if line.section == "work")
    assert (goods, works, deal.amount) == (123_425, 61_075, 184_500)
    assert third.number == "1042-3"


def test_nothing_of_its_past_lies_ahead(base):
    now = utcnow() + dt.timedelta(seconds=5)
    for column in (Deal.created_at, Deal.stage_since, Lead.received_at, Lead.answered_at, Event.at, Change.at, Task.done_at):
        assert base.execute(select(func.max(column))).scalar() <= now, column
    today = now.astimezone(dt.timezone(dt.timedelta(hours=3))).date()
    for column in (Shipment.shipped_on, Payment.paid_on, Document.issued_on):
        assert base.execute(select(func.max(column))).scalar() <= today, column


def test_every_number_is_given_once_and_the_next_deal_follows(base):
    numbers = base.execute(select(Deal.number)).scalars().all()
    assert len(set(numbers)) == len(numbers)
    opened = sorted(base.execute(select(Deal.number).where(Deal.closed_at.is_(None))).scalars())
    assert opened == list(range(opened[0], opened[0] + 28))
    assert 1042 in opened
    assert max(numbers) == opened[-1]
    bills = base.execute(select(Document.number).where(Document.kind == "invoice").order_by(Document.id)).scalars().all()
    assert [int(number) for number in bills] == list(range(1027, 1027 + len(bills)))


def test_history_names_who_did_it(base):
    deal = base.execute(select(Deal).where(Deal.number == 1042)).scalar_one()
    events = base.execute(select(Event).where(Event.deal_id == deal.id).order_by(Event.id)).scalars().all()
    assert {"deal.started", "deal.moved", "estimate.saved", "document.issued"} <= {event.name for event in events}
    assert {event.actor_name for event in events} >= {"Марина Ковалёва", "Павел Гришин"}


def test_rules_do_not_run_over_the_past_and_no_letter_leaves(base):
    assert base.execute(select(func.count(Event.id)).where(Event.handled_at.is_(None))).scalar_one() == 0
    assert base.execute(select(func.count(Delivery.id)).where(Delivery.way == "email")).scalar_one() == 0


def test_requests_are_as_the_list_shows_them(base):
    rows = base.execute(select(Lead.name, Lead.klass, Lead.state).order_by(Lead.id.desc()).limit(12)).all()
    found = {name: (klass, state) for name, klass, state in rows}
    assert found["Наталья Громова"] == ("repeat", "waiting")
    assert found["Константин Юрьев"] == ("duplicate", "attached")
    assert found["ООО «Северный двор»"] == ("partner", "waiting")
    assert found["Алексей"] == ("new", "waiting")


def test_a_site_channel_waits_for_requests(base, demo):
    channel = base.execute(select(Channel).where(Channel.kind == "site")).scalar_one()
    assert (channel.name, channel.active) == ("Сайт", True)
    assert len(channel.token) >= 32


def test_a_file_with_leads_is_checked_and_another_waits_for_its_columns(base, demo):
    jobs = base.execute(select(LeadImport).order_by(LeadImport.id)).scalars().all()
    assert [(job.state, job.total) for job in jobs] == [("mapping", 2), ("checked", 7)]
    assert jobs[1].counts == {"create": 3, "duplicate": 1, "error": 2, "skip": 1}
