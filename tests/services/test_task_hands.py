"""A task in other hands: handed over with a reason; the plan of a stage, its script, and what is left behind."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.services import deals, playbooks, tasks, worktime
from app.services.tasks import reminding
from app.services.tasks.next_steps import suggestions
from app.services.tasks.plan import script_of
from app.services.worktime import setting
from models.ground.base import clock_at, utcnow
from models.ground.history import Event
from models.ground.refused import NotFound, Refused
from models.lowcode.funnels import Playbook
from models.tasks import Task, TaskAlert
from tests.deals import PLACE, stage, started, who
from tests.money import acting

FRIDAY = dt.datetime(2026, 3, 6, 14, tzinfo=dt.UTC)  # 17:00 in Moscow
WEEK = dict.fromkeys(range(5), "9:00–18:00")


@pytest.fixture
def given(system):
    """Pavel's task on Anna's deal."""
    with system() as session:
        deal = started(session)
        return tasks.add({"title": "Замер", "assignee": who(session, "pavel")}, on=deal).id


def test_whoever_has_a_task_hands_it_over_with_a_reason_and_not_by_the_way(app, system, given):
    with acting(app, "pavel") as session:
        task = session.get_one(Task, given)
        sergey = who(session, "sergey")
        with pytest.raises(Refused, match="с причиной") as refusal:
            tasks.change(task, {"assignee": sergey})
        assert refusal.value.field == "assignee"
        with pytest.raises(Refused) as refusal:
            tasks.transfer(task, sergey, "  ")
        assert refusal.value.field == "reason"
        tasks.transfer(task, sergey, "Заболел")
        session.commit()
    with system() as session:
        task = session.get_one(Task, given)
        fact = session.execute(select(Event).where(Event.name == "task.transferred")).scalar_one()
        assert task.assignee.username == "sergey"
        assert (fact.data["reason"], fact.actor_name) == ("Заболел", "Павел Гришин")


def test_nobody_takes_a_task_that_is_not_theirs(app, given):
    for username in ("oleg", "stranger", "sergey"):
        with acting(app, username) as session:
            assert session.get(Task, given) is None


def test_a_task_is_not_handed_to_whoever_has_it_or_has_left(as_system, given):
    task = as_system.get_one(Task, given)
    with pytest.raises(Refused, match="и так задача"):
        tasks.transfer(task, who(as_system, "pavel"), "x")
    sergey = who(as_system, "sergey")
    sergey.active = False
    with pytest.raises(Refused, match="Такого сотрудника нет"):
        tasks.transfer(task, sergey, "x")


def test_a_plan_counts_working_time(as_system):
    setting.set_hours("Europe/Moscow", WEEK)
    with clock_at(FRIDAY):
        deal = started(as_system)
        call = as_system.execute(select(Task).where(Task.deal_id == deal.id).order_by(Task.id)).scalars().first()
        assert call.due_at == worktime.after(FRIDAY, 4 * 60)
    # One hour is left of Friday, three are of Monday from nine.
    assert call.due_at == dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC)
    assert [point["words"] for point in call.checklist][:1] == ["Что делаем и сколько проёмов"]


def test_leaving_a_stage_closes_what_its_plan_says_and_keeps_the_rest(as_system):
    deal = started(as_system, **PLACE)
    kept = tasks.add({"title": "Своя задача"}, on=deal)
    deals.move(deal, stage(deal, "measure"))
    left = (
        as_system.execute(select(Task).where(Task.deal_id == deal.id, Task.stage_id != deal.stage_id)).scalars().all()
    )
    closed = {task.title: task.result for task in left if task.done_at}
    assert set(closed) == {"Уточнить задачу клиента", "Договориться о замере"}
    assert "ушла со стадии «Оформление»" in closed["Договориться о замере"]
    assert kept.done_at is None


def test_the_script_is_read_out_with_facts_and_without_what_is_hidden(app, system):
    with system() as session:
        deal = started(session, amount="120000")
        step = deal.stage.playbook[0]
        step.script = {"ru": "{client}, это {me}: {amount}, {phone}, {visit}, { number }, {nonsense}"}
        for username in ("pavel", "anna"):
            tasks.add({"title": username, "assignee": who(session, username)}, on=deal, playbook=step)
    said = {}
    for username in ("pavel", "anna"):
        with acting(app, username) as session:
            task = session.execute(select(Task).where(Task.title == username)).scalar_one()
            said[username] = script_of(task, task.deal).replace("\u00a0", " ")
    assert said["anna"] == "Ирина Соколова, это Анна Белова: 120 000 ₽, +7 900 000-12-34, …, 1001, …"
    assert said["pavel"] == "Ирина Соколова, это Павел Гришин: …, …, …, 1001, …"


def test_the_plan_suggests_what_comes_next(as_system):
    deal = started(as_system, **PLACE)
    first = as_system.execute(select(Task).where(Task.deal_id == deal.id).order_by(Task.id)).scalars().first()
    offers = suggestions(first)
    assert (offers[0].title, offers[0].kind) == ("Провести замер", "measure")
    assert offers[0].assignee_id == who(as_system, "pavel").id
    assert suggestions(tasks.add({"title": "Сама по себе"})) == []
    deals.lose(deal, "no_answer")
    assert suggestions(first) == []


STEP = {"name_ru": "Позвонить", "due": "2", "unit": "work_days"}


def test_a_step_is_added_changed_ordered_and_taken_out_with_history(as_system):
    funnel_stage = started(as_system).stage
    step = playbooks.add(
        funnel_stage, STEP | {"checklist_ru": "Раз\nДва", "checklist_en": "One", "script_ru": "{client}!"}
    )
    assert (step.names, step.minutes, step.working_hours) == ({"ru": "Позвонить", "en": "Позвонить"}, 2 * 9 * 60, True)
    assert step.checklist == [{"ru": "Раз", "en": "One"}, {"ru": "Два", "en": "Два"}]
    playbooks.change(
        step, STEP | {"name_en": "Call", "due": "30", "unit": "minutes", "working_hours": "", "on_leave": "close"}
    )
    assert (step.label("en"), step.minutes, step.working_hours, step.on_leave) == ("Call", 30, False, "close")
    ids = [one.id for one in funnel_stage.playbook]
    playbooks.order(funnel_stage, ids[::-1])
    assert [one.id for one in funnel_stage.playbook] == ids[::-1]
    playbooks.switch(step, False)
    assert "Позвонить" not in {task.title for task in _of(as_system, started(as_system))}
    names = select(Event.name).where(Event.table == "playbook").order_by(Event.id)
    assert list(as_system.execute(names).scalars()) == ["playbook.added", "playbook.changed", "playbook.removed"]


def _of(session, deal):
    return session.execute(select(Task).where(Task.deal_id == deal.id)).scalars().all()


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name_ru": " "}, "name_ru"), ({"kind": "танец"}, "kind"), ({"role": "king"}, "role"), ({"due": "-1"}, "due"),
     ({"due": "10" * 30}, "due"), ({"unit": "years"}, "unit"), ({"due": "9999", "unit": "days"}, "due"),
     ({"on_leave": "burn"}, "on_leave"), ({"script_ru": "{__class__}"}, "script_ru"),
     ({"script_en": "{amount.real}"}, "script_en"), ({"checklist_ru": "x\n" * 40}, "checklist_ru"),
     ({"name_en": "\x00"}, "name_en")],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_at_its_field(as_system, values, field):
    with pytest.raises(Refused) as refusal:
        playbooks.add(started(as_system).stage, STEP | values)
    assert refusal.value.field == field


def test_a_step_of_another_stage_is_not_ordered(as_system):
    deal = started(as_system)
    other = as_system.execute(select(Playbook).where(Playbook.stage_id != deal.stage_id)).scalars().first()
    with pytest.raises(NotFound):
        playbooks.order(deal.stage, [other.id])


def test_nobody_is_reminded_twice_of_one_term(as_system):
    anna, at = who(as_system, "anna"), utcnow() + dt.timedelta(minutes=10)
    soon = tasks.add({"title": "Скоро", "due_at": at, "assignee": anna})
    tasks.add({"title": "Без напоминания", "due_at": at, "remind_minutes": "", "assignee": anna})
    tasks.add({"title": "Не скоро", "due_at": at + dt.timedelta(hours=10), "assignee": anna})
    tasks.add({"title": "Ничья", "due_at": at, "assignee": ""})
    held = tasks.add({"title": "Сделка на паузе", "due_at": at, "assignee": anna}, on=started(as_system))
    held.deal.held_until = utcnow().date() + dt.timedelta(days=5)
    as_system.flush()
    told = select(Task.title).join(TaskAlert, TaskAlert.task_id == Task.id)
    assert (reminding.tell_due(), reminding.tell_due()) == (1, 0), as_system.execute(told).all()
    tasks.change(soon, {"due_at": utcnow() + dt.timedelta(minutes=12)})
    assert reminding.tell_due() == 1
