"""The large base: as many deals as asked for, whole in every constraint, and work goes on after it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from app.demo import bulk
from app.services import deals
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Change, StageVisit
from models.ground.refused import Refused
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.payments import Payment
from models.shipments import Shipment, ShipmentLine
from models.staff import Person
from tests.conftest import sign_in, worker_number
from tests.demo_base import base_of_its_own

DEALS = 3_000


@pytest.fixture(scope="module")
def large(settings):
    with base_of_its_own(settings, f"bulk_{worker_number()}") as app:
        with app.app_context(), acting_as(SYSTEM) as session:
            before = shape(session)
            bulk.load(deals=DEALS)
            session.commit()
            app.config["BEFORE"] = before
        yield app


@pytest.fixture
def base(large):
    with large.app_context(), acting_as(SYSTEM) as session:
        yield session


def shape(session):
    """Indexes and constraints by name, with their definitions."""
    constraints = "SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint"
    indexes = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
    ours = "WHERE {}::regclass::text NOT LIKE 'change_%' AND {}::regclass::text NOT LIKE 'pg_%'"
    return {
        tuple(row)
        for query, column in ((constraints, "conrelid"), (indexes, "indrelid"))
        for row in session.execute(text(f"{query} {ours.format(column, column)}"))
    }


def count(base, entity, *conditions):
    return base.execute(select(func.count()).select_from(entity).where(*conditions)).scalar_one()


def test_it_holds_what_was_asked_for(base):
    assert count(base, Deal) == DEALS
    assert count(base, Person) == 50
    assert 4.5 < count(base, StageVisit) / DEALS < 6
    assert 0.4 < count(base, Shipment) / DEALS < 0.6
    assert count(base, Lead) > DEALS
    assert count(base, Client) > DEALS / 3
    assert count(base, ContactPoint) >= count(base, Client)
    assert 0.005 < count(base, Deal, Deal.closed_at.is_(None)) / DEALS < 0.1


def test_indexes_and_constraints_are_those_from_before(base, large):
    assert shape(base) == large.config["BEFORE"]
    unproved = text("SELECT count(*) FROM pg_constraint WHERE NOT convalidated")
    assert base.execute(unproved).scalar_one() == 0


def test_each_life_holds_together(base):
    open_visits = select(StageVisit.deal_id, func.count()).where(StageVisit.left_at.is_(None)).group_by(StageVisit.deal_id)
    assert {number for _deal, number in base.execute(open_visits)} == {1}
    astray = (
        select(func.count(Deal.id))
        .join(StageVisit, StageVisit.deal_id == Deal.id)
        .where(StageVisit.left_at.is_(None), (StageVisit.stage_id != Deal.stage_id) | (StageVisit.entered_at != Deal.stage_since))
    )
    assert base.execute(astray).scalar_one() == 0
    won = select(Deal.id).join(Stage, Stage.id == Deal.stage_id).where(Stage.kind == "won")
    assert count(base, Shipment, Shipment.deal_id.not_in(won)) == 0
    assert count(base, Deal, Deal.id.in_(won)) == count(base, Shipment)
    lines = select(ShipmentLine.shipment_id, func.sum(ShipmentLine.amount).label("sum")).group_by(ShipmentLine.shipment_id)
    sums = lines.subquery()
    wrong = select(func.count(Shipment.id)).join(sums, sums.c.shipment_id == Shipment.id).where(sums.c.sum != Shipment.amount)
    assert base.execute(wrong).scalar_one() == 0
    paid = select(func.sum(Payment.amount)).where(Payment.deal_id.in_(won))
    assert base.execute(paid).scalar() == base.execute(select(func.sum(Shipment.amount))).scalar()
    moves = count(base, Change, Change.table == "deal", Change.field == "stage_id")
    assert moves == count(base, StageVisit) - DEALS


def test_work_goes_on_after_it(base):
    number = deals.start(None, {"title": "После большой базы"}).number
    base.rollback()
    assert number == 1000 + DEALS + 1


def test_it_is_loaded_into_an_empty_base_only(base):
    with pytest.raises(Refused):
        bulk.load(deals=10)


def test_its_people_work_in_it(large):
    for username in ("seller01", "director"):
        client = large.test_client()
        sign_in(large, client, username)
        assert client.get("/dashboard/").status_code == 200
