"""Moves of deals: every gate on the way, back, lost and opened again; two people at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.doors import committing
from app.services import deals, documents, tasks
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Change, StageVisit
from models.ground.refused import NotFound, Refused, Stale
from models.tasks import Task
from tests.deals import PLACE, agreed, open_titles, paid, shipped, stage, started, told, visits, who
from tests.money import acting


def test_a_move_is_refused_with_every_reason_and_nothing_is_changed(as_system):
    deal = started(as_system)
    as_system.commit()
    with pytest.raises(Refused) as refusal:
        deals.move(deal, stage(deal, "bill"))
    fields = [obstacle.field for obstacle in refusal.value.details]
    assert fields == ["address", "work_type", "payer", None, "production_on"]
    as_system.rollback()
    assert deal.stage.code == "intake"
    assert visits(as_system, deal) == [("intake", True)]


def test_what_is_missing_may_come_with_the_move_and_history_keeps_old_and_new(as_system):
    deal = started(as_system)
    deals.move(deal, stage(deal, "measure"), {"address": " ул.  Полевая, 14 "})
    assert deal.address == "ул. Полевая, 14"
    changed = select(Change).where(Change.table == "deal", Change.row_id == deal.id, Change.field != "")
    found = {change.field: (change.old, change.new) for change in as_system.execute(changed).scalars()}
    intake, measure = stage(deal, "intake"), stage(deal, "measure")
    assert found == {"address": ("", "ул. Полевая, 14"), "stage_id": (intake.id, measure.id)}
    assert visits(as_system, deal) == [("intake", False), ("measure", True)]


def test_values_of_a_refused_move_are_not_kept(as_system):
    deal = started(as_system)
    as_system.commit()
    with pytest.raises(Refused), committing():
        deals.move(deal, stage(deal, "estimate"), {"address": "ул. Полевая"})
    assert deal.address == ""


def test_skipping_stages_asks_the_gates_of_all_of_them_but_visits_only_the_last(as_system):
    deal = started(as_system, **PLACE)
    deals.move(deal, stage(deal, "estimate"))
    assert visits(as_system, deal) == [("intake", False), ("estimate", True)]
    assert "Провести замер" not in open_titles(as_system, deal)


def test_the_whole_way_to_won_and_each_gate_on_it(as_system):
    deal = agreed(as_system)
    deals.move(deal, stage(deal, "bill"))
    with pytest.raises(Refused, match="Счёт не выставлен"):
        deals.move(deal, stage(deal, "production"))
    documents.issue(deal, "invoice", 50, "key")
    paid(deal, 49_999)
    with pytest.raises(Refused, match="Оплачено 49"):
        deals.move(deal, stage(deal, "production"))
    paid(deal, 1)
    deals.move(deal, stage(deal, "production"))
    deals.move(deal, stage(deal, "shipping"))
    with pytest.raises(Refused, match="Отгрузка не записана"):
        deals.move(deal, stage(deal, "won"))
    shipped(deal)
    paid(deal, 50_000)
    deals.move(deal, stage(deal, "won"))
    assert deal.closed_at is not None
    assert told(as_system, deal)[-2:] == ["deal.moved", "deal.won"]


def test_back_asks_only_the_gate_of_the_stage_itself(as_system):
    deal = agreed(as_system)
    deals.move(deal, stage(deal, "bill"))
    deals.change(deal, {"address": ""})
    deals.move(deal, stage(deal, "estimate"))
    with pytest.raises(Refused, match="Адрес"):
        deals.move(deal, stage(deal, "measure"))


def test_a_detour_through_lost_does_not_walk_around_a_gate(as_system):
    deal = started(as_system, **PLACE)
    deals.lose(deal, "price")
    with pytest.raises(Refused, match="Плательщик"):
        deals.move(deal, stage(deal, "shipping"))


def test_a_stage_of_another_funnel_and_the_same_stage_are_refused(as_system):
    deal = started(as_system)
    with pytest.raises(Refused, match="уже на стадии"):
        deals.move(deal, deal.stage)


def test_losing_asks_for_a_reason_of_the_list_and_closes_the_open_tasks(as_system):
    deal = started(as_system)
    with pytest.raises(Refused) as refusal:
        deals.lose(deal, "")
    assert refusal.value.field == "lost_reason"
    with pytest.raises(Refused, match="нет в списке"):
        deals.lose(deal, "не знаю")
    deals.lose(deal, "price")
    assert (deal.stage.code, deal.lost_reason, deal.closed_at is None) == ("lost", "price", False)
    with pytest.raises(Refused, match="сохраняет причину"):
        deals.change(deal, {"lost_reason": ""})
    deals.change(deal, {"lost_reason": "competitor"})
    assert open_titles(as_system, deal) == []
    assert told(as_system, deal)[-2:] == ["deal.moved", "deal.lost"]


def test_an_opened_deal_stands_where_it_stood_and_has_no_reason_any_more(as_system):
    deal = started(as_system, **PLACE)
    deals.move(deal, stage(deal, "measure"))
    deals.lose(deal, "price")
    deals.reopen(deal)
    assert (deal.stage.code, deal.lost_reason, deal.closed_at) == ("measure", "", None)
    with pytest.raises(Refused, match="и так открыта"):
        deals.reopen(deal)


def test_the_second_of_two_who_saw_the_same_deal_is_told_both_values(app, system):
    with system() as session:
        deal = started(session, **PLACE)
        number, seen = deal.number, deal.version
    with acting(app, "anna") as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        deals.move(deal, stage(deal, "measure"), version=seen)
        session.commit()
    with acting(app, "marina") as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        with pytest.raises(Stale) as stale:
            deals.move(deal, stage(deal, "estimate"), version=seen)
        assert stale.value.by == "Анна Белова"
        (difference,) = stale.value.differences
        assert (difference.mine, difference.theirs) == (stage(deal, "estimate").id, stage(deal, "measure").id)


def test_one_of_many_moves_at_the_same_moment_wins(app, system):
    with system() as session:
        deal = started(session, **PLACE)
        number, seen = deal.number, deal.version

    def move(_n):
        try:
            with app.app_context(), acting_as(SYSTEM) as session, committing(session):
                deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
                deals.move(deal, stage(deal, "measure"), version=seen)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(move, range(6))) == 1
    with system() as session:
        assert session.execute(select(func.count(StageVisit.id))).scalar_one() == 2
        measuring = select(func.count(Task.id)).where(Task.title == "Провести замер")
        assert session.execute(measuring).scalar_one() == 1


def test_a_deal_reached_through_a_task_is_read_but_not_changed(app, system):
    with system() as session:
        deal = started(session)
        tasks.add({"title": "Замер", "assignee": who(session, "pavel")}, on=deal)
        number = deal.number
    with acting(app, "pavel") as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        with pytest.raises(NotFound):
            deals.change(deal, {"address": "Луна"})
