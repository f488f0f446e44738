"""What is said before a move is what the move does: its tasks with their terms, and those that it ticks off."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.services import deals
from app.services.deals.facts import gather
from app.services.deals.steps import set_off
from app.services.worktime import setting
from app.wording import moment
from models.ground.base import clock_at
from models.lowcode.funnels import Playbook
from models.staff import Person
from models.tasks import Task
from reports.deals.ahead import ahead
from tests.deals import PLACE, agreed, documents, paid, shipped, stage, started

MONDAY = dt.datetime(2026, 3, 2, 16, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture(autouse=True)
def office(as_system):
    """The firm works from 9 to 18 on working days; a step counts by the wall's clock; one stage closes its tasks."""
    setting.set_hours("Europe/Moscow", dict.fromkeys(range(5), "9–18"))
    step = as_system.execute(select(Playbook).order_by(Playbook.id)).scalars().first()
    step.working_hours = False
    as_system.flush()


def foretold(deal, code):
    """What the preview says: tasks with their term, tasks that will be closed."""
    goal = stage(deal, code)
    facts = gather(deal)
    said = ahead(deal, goal, deals.missing_for(deal, goal), facts, set_off(deal, goal, facts))
    return sorted((title, whose.split(", ", 1)[1]) for title, whose in said.tasks), sorted(said.closed)


def done(session, deal, since, is_open):
    """The same, as it has come to be: what was added after a task, what was ticked off of those that were open."""
    rows = session.execute(select(Task).where(Task.deal_id == deal.id)).scalars().all()
    added = sorted((task.title, moment(task.due_at)) for task in rows if task.id > since)
    return added, sorted(task.title for task in rows if task.id in is_open and task.done_at is not None)


def moved(session, deal, code, step):
    """Move; the preview and what came of it, at one and the same moment."""
    with clock_at(MONDAY + dt.timedelta(hours=step)):
        known = session.execute(select(Task).where(Task.deal_id == deal.id)).scalars().all()
        since, is_open = max((task.id for task in known), default=0), {one.id for one in known if one.done_at is None}
        said = foretold(deal, code)
        if code == "lost":
            deals.lose(deal, "price")
        else:
            deals.move(deal, stage(deal, code))
        return said, done(session, deal, since, is_open)


def test_there_and_back_and_lost_and_opened_again(as_system):
    with clock_at(MONDAY - dt.timedelta(hours=1)):
        deal = started(as_system, **PLACE)
    given = []
    for step, code in enumerate(("measure", "intake", "measure", "estimate", "measure", "estimate", "lost", "intake")):
        said, came = moved(as_system, deal, code, step)
        assert said == came, code
        given.append((len(said[0]), len(said[1])))
    counts = dict(enumerate(given))
    assert counts[0][0] > 0
    assert counts[2][0] == counts[1][0] == 0
    assert counts[4][1] > 0
    assert counts[6][1] > 0


def test_on_the_way_to_the_end(as_system):
    with clock_at(MONDAY - dt.timedelta(hours=1)):
        deal = agreed(as_system)
    before = {"production": lambda: (documents.issue(deal, "invoice", 50, "key"), paid(deal, 50_000))}
    before["won"] = lambda: (shipped(deal), paid(deal, 50_000))
    for step, code in enumerate(("bill", "production", "bill", "shipping", "won")):
        before.get(code, lambda: None)()
        said, came = moved(as_system, deal, code, step)
        assert said == came, code
        assert bool(said[0]) is (step not in {2, 4})


def test_working_hours_are_not_told_as_hours_of_the_clock(as_system):
    with clock_at(MONDAY):
        deal = started(as_system, **PLACE)
        given, _closed = foretold(deal, "production")
    # Ninety working hours from Monday, 16:00, are ten working days, and Monday 9 March is one.
    assert dict(given)["Изготовить изделия"].replace("\u00a0", " ") == "16 марта, 16:00"


def test_what_nobody_can_be_given_is_said_to_be_nobodys(as_system):
    for person in as_system.execute(select(Person)).scalars():
        person.active = person.username != "sergey"
    as_system.flush()
    deal = started(as_system, **PLACE)
    goal, facts = stage(deal, "production"), gather(deal)
    tasks = dict(ahead(deal, goal, [], facts, set_off(deal, goal, facts)).tasks)
    assert tasks["Изготовить изделия"].startswith("никто, ")
    assert tasks["Сообщить клиенту дату"].startswith("Анна, ")
