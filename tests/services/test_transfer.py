"""A deal goes to another funnel: it keeps its history, the gates of the new one hold."""

import pytest
from sqlalchemy import select

from app.services import deals
from models.ground.refused import Refused
from models.lowcode.funnels import Funnel, Gate, Stage
from tests.deals import stage, started, told


def service(session):
    """Another funnel, whose second stage asks for an address."""
    funnel = Funnel(code="service", names={"ru": "Сервис", "en": "Service"}, position=5)
    for at, (code, kind) in enumerate((("call", "open"), ("visit", "open"), ("done", "won"), ("refused", "lost"))):
        made = Stage(code=code, kind=kind, position=at, names={"ru": code.title()}, hue="teal")
        funnel.stages.append(made)
    funnel.stages[1].gates.append(Gate(kind="field", params={"field": "address"}))
    session.add(funnel)
    session.flush()
    return funnel


def test_it_keeps_its_visits_and_meets_the_gates_up_to_the_stage(as_system):
    deal, funnel = started(as_system), service(as_system)
    with pytest.raises(Refused) as refusal:
        deals.transfer(deal, funnel.stages[2])
    assert [missing.field for missing in refusal.value.details] == ["address"]
    as_system.rollback()
    deal, funnel = started(as_system), service(as_system)
    deals.transfer(deal, funnel.stages[1], {"address": "ул. Полевая, 14"})
    assert (deal.funnel.code, deal.stage.code) == ("service", "visit")
    assert told(as_system, deal)[-1] == "deal.moved"
    rows = [(stage_id.code, lasts) for stage_id, lasts in _visits(as_system, deal)]
    assert rows == [("intake", False), ("visit", True)]


def _visits(session, deal):
    from models.ground.history import StageVisit

    rows = select(Stage, StageVisit.left_at.is_(None)).join(StageVisit, StageVisit.stage_id == Stage.id)
    return session.execute(rows.where(StageVisit.deal_id == deal.id).order_by(StageVisit.id)).all()


def test_not_into_its_own_funnel_nor_into_one_out_of_use(as_system):
    deal, funnel = started(as_system), service(as_system)
    with pytest.raises(Refused):
        deals.transfer(deal, stage(deal, "measure"))
    funnel.active = False
    as_system.flush()
    with pytest.raises(Refused):
        deals.transfer(deal, funnel.stages[0])


def test_a_lost_deal_of_another_funnel_is_opened_where_it_is_now(as_system):
    deal, funnel = started(as_system), service(as_system)
    deals.transfer(deal, funnel.stages[0])
    deals.lose(deal, "price")
    assert deals.reopen(deal).stage.code == "call"


def test_it_goes_back_by_the_same_verb(as_system):
    deal, funnel = started(as_system), service(as_system)
    home = deal.stage
    deals.transfer(deal, funnel.stages[0])
    deals.transfer(deal, home)
    assert deal.stage.code == "intake"
