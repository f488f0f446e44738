"""A deal on hold: put off with a reason, out of the faults meanwhile, woken on the morning of its day."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.jobs.reminders import wake_deals
from app.services import deals
from app.services.deals import holding
from app.wording import today
from models.deals import Deal
from models.ground.base import clock_at, utcnow
from models.ground.history import Change, Event
from models.ground.refused import Refused, Stale
from models.notices import Notice
from models.tasks import Task
from tests.deals import open_titles, stage, started, told, who

MOSCOW = ZoneInfo("Europe/Moscow")


def on(days):
    return today() + dt.timedelta(days=days)


def morning(day, hour=8, minute=5):
    return dt.datetime.combine(day, dt.time(hour, minute), MOSCOW)


def test_a_deal_is_put_off_with_a_reason_and_history_knows(as_system):
    deal = started(as_system)
    holding.hold(deal, on(30), "  Ждёт  ключи от квартиры ")
    assert (deal.held_until, deal.held_reason, deal.is_held) == (on(30), "Ждёт ключи от квартиры", True)
    assert told(as_system, deal)[-1] == "deal.held"
    kept = select(Change.field).where(Change.table == "deal", Change.row_id == deal.id)
    assert {"held_until", "held_reason"} <= set(as_system.execute(kept).scalars())
    holding.resume(deal)
    assert (deal.held_until, deal.held_reason, deal.held_by_id) == (None, "", None)


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [
        (0, "Ждёт", "held_until"), (-1, "Ждёт", "held_until"), ("", "Ждёт", "held_until"), (9, " ", "held_reason"),
        ("31.12.9999", "Ждёт", "held_until"), ("01.01.0001", "Ждёт", "held_until"), ("<b>", "Ждёт", "held_until"),
        (9, "x" * 300, "held_reason"), (9, "a\x00b", "held_reason"),
    ],
)  # fmt: skip
def test_a_bad_day_or_reason_is_refused_by_its_field(as_system, until, reason, field):
    deal = started(as_system)
    with pytest.raises(Refused) as refusal:
        holding.hold(deal, on(until) if isinstance(until, int) else until, reason)
    assert refusal.value.field == field
    assert not deal.is_held


def test_a_closed_deal_is_not_put_off_and_a_deal_in_work_not_resumed(as_system):
    deal = started(as_system)
    with pytest.raises(Refused):
        holding.resume(deal)
    deals.lose(deal, "price")
    with pytest.raises(Refused):
        holding.hold(deal, on(5), "Ждёт")


def test_a_stale_version_is_refused(as_system):
    deal = started(as_system)
    seen = deal.version
    deals.change(deal, {"title": "Кухня"})
    with pytest.raises(Stale):
        holding.hold(deal, on(5), "Ждёт", seen)


def test_whoever_moves_a_deal_takes_it_up_again(as_system):
    deal = started(as_system, address="ул. Полевая, 14")
    holding.hold(deal, on(5), "Ждёт")
    deals.move(deal, stage(deal, "measure"))
    assert deal.held_until is None


def test_it_wakes_on_the_morning_of_its_day_once_with_a_task_and_an_event(as_system, app):
    deal = started(as_system)
    holding.hold(deal, on(5), "Ждёт ключи")
    as_system.commit()
    key = deal.id
    for at in (morning(on(4), 12), morning(on(5), 7, 55)):
        with clock_at(at):
            assert holding.wake_due() == 0
    with clock_at(morning(on(5))):
        assert holding.wake_due() == 1
        assert holding.wake_due() == 0
    assert as_system.get(Deal, key).held_until is None
    assert "Вернуться к сделке: Ждёт ключи" in open_titles(as_system, deal)
    task = as_system.execute(select(Task).where(Task.title.startswith("Вернуться"))).scalar_one()
    assert task.due_at.astimezone(MOSCOW) == morning(on(5), 10, 0)
    assert task.assignee_id == deal.owner_id
    assert told(as_system, deal).count("deal.woken") == 1


def test_those_whose_morning_has_not_come_hold_nobody_back(as_system):
    anna, marina, oleg = (who(as_system, name) for name in ("anna", "marina", "oleg"))
    # In the evening of Moscow it is morning nowhere west; in Vladivostok it is the next day, and morning soon.
    anna.zone, oleg.zone = "America/Los_Angeles", "Asia/Vladivostok"
    deal = started(as_system)
    for number in range(holding.AT_ONCE + 5):
        values = {"funnel_id": deal.funnel_id, "stage_id": deal.stage_id, "stage_since": utcnow(), "owner_id": anna.id}
        as_system.add(Deal(number=9000 + number, client_id=deal.client_id, held_until=on(5), held_reason="Ждёт", **values))
    mine, far, nobodys = (started(as_system, owner=name) for name in ("marina", "oleg", "marina"))
    nobodys.owner_id, marina.zone = None, ""
    for one, days in ((mine, 5), (far, 6), (nobodys, 5)):
        holding.hold(one, on(days), "Ждёт")
    as_system.flush()
    with clock_at(morning(on(5))):
        assert holding.wake_due() == 2
        assert [one.is_held for one in (mine, far, nobodys)] == [False, True, False]
    with clock_at(morning(on(6), 0, 55)):
        # 7:55 in Vladivostok, and 13:55 of the day before in Los Angeles: a hundred, and the rest a minute later.
        assert [holding.wake_due() for _again in range(3)] == [holding.AT_ONCE, 5, 0]
    with clock_at(morning(on(6), 1, 5)):
        assert holding.wake_due() == 1
    assert not far.is_held


def test_on_the_last_day_of_a_year_too(as_system):
    deal = started(as_system)
    last = dt.date(today().year, 12, 31)
    holding.hold(deal, max(last, on(1)), "До праздников")
    with clock_at(morning(deal.held_until, 9)):
        assert holding.wake_due() == 1


def test_what_was_closed_or_thrown_away_meanwhile_sleeps_on(as_system):
    lost, gone = started(as_system), started(as_system)
    for deal in (lost, gone):
        holding.hold(deal, on(5), "Ждёт")
    deals.lose(lost, "price")
    gone.deleted_at = dt.datetime.now(dt.UTC)
    as_system.flush()
    with clock_at(morning(on(6))):
        assert holding.wake_due() == 0


def test_the_job_tells_the_owner_through_the_rule_of_the_pack(app, system, worker):
    with system() as session:
        deal = started(session)
        holding.hold(deal, on(5), "Ждёт")
        key = deal.id
    with app.app_context(), clock_at(morning(on(5))):
        wake_deals()
    worker()
    with system() as session:
        names = set(session.execute(select(Event.name).where(Event.deal_id == key)).scalars())
        assert "deal.woken" in names
        told_of = select(Notice.title).where(Notice.event == "deal.woken", Notice.person_id == who(session, "anna").id)
        assert list(session.execute(told_of).scalars()) == ["Пора вернуться к сделке: № 1001"]
