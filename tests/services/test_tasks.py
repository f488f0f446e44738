"""Tasks: added, finished with what comes next, reopened; who may see and change them."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.services import tasks
from models.ground.base import utcnow
from models.ground.history import Change, Event
from models.ground.refused import NotFound, Refused, Stale
from models.tasks import Task
from tests.deals import started, who
from tests.money import acting

TOMORROW = {"due_at": utcnow() + dt.timedelta(days=1)}


@pytest.fixture
def task_id(system):
    """A task that the system gave to Pavel on Anna's deal."""
    with system() as session:
        deal = started(session)
        return tasks.add({"title": "Провести замер", "assignee": who(session, "pavel")} | TOMORROW, on=deal).id


def found(session, task_id):
    return session.execute(select(Task).where(Task.id == task_id)).scalar_one_or_none()


@pytest.mark.parametrize(
    ("username", "sees"),
    [("pavel", True), ("anna", True), ("marina", True), ("director", True), ("oleg", False), ("sergey", False),
     ("stranger", False)],
)  # fmt: skip
def test_a_task_is_seen_by_its_assignee_and_by_whoever_owns_the_deal(app, task_id, username, sees):
    with acting(app, username) as session:
        assert (found(session, task_id) is not None) is sees


@pytest.mark.parametrize(("username", "may"), [("pavel", True), ("anna", True), ("marina", True), ("director", False)])
def test_the_assignee_and_the_owner_of_the_deal_finish_a_task_and_others_do_not(app, task_id, username, may):
    with acting(app, username) as session:
        task = found(session, task_id)
        if not may:
            with pytest.raises(NotFound):
                tasks.finish(task)
            return
        tasks.finish(task, "Снято 3 проёма")
        session.commit()
        assert (task.done_by_id, task.result) == (who(session, username).id, "Снято 3 проёма")


def test_finishing_asks_for_the_next_one_and_both_are_told(app, task_id):
    with acting(app, "pavel") as session:
        then = tasks.finish(found(session, task_id), "Готово", {"title": "Отвезти образцы"} | TOMORROW)
        session.commit()
        assert (then.title, then.assignee.username, then.deal.number) == ("Отвезти образцы", "pavel", 1001)
        names = select(Event.name).where(Event.table == "task", Event.row_id.in_([task_id, then.id]))
        assert sorted(session.execute(names).scalars()) == ["task.added", "task.added", "task.finished"]


def test_a_done_task_is_not_done_twice_and_can_be_taken_back(as_system):
    task = tasks.add({"title": "Позвонить"})
    with pytest.raises(Refused, match="ещё не выполнена"):
        tasks.reopen(task)
    tasks.finish(task)
    with pytest.raises(Refused, match="уже выполнена"):
        tasks.finish(task)
    tasks.reopen(task)
    assert task.done_at is None


def test_a_refused_next_task_leaves_the_first_one_open(app, task_id):
    with acting(app, "pavel") as session:
        with pytest.raises(Refused) as refusal:
            tasks.finish(found(session, task_id), "Готово", {"title": " "})
        session.rollback()
        assert refusal.value.field == "title"
        assert found(session, task_id).done_at is None


BAD = [
    ({"title": ""}, "title", "что нужно сделать"),
    ({"title": "а" * 300}, "title", "слишком длинный|too long"),
    ({"title": "x", "kind": "танец"}, "kind", "Такого вида"),
    ({"title": "x", "due_at": "завтра"}, "due_at", "не время"),
    ({"title": "x", "due_at": dt.datetime(9999, 1, 1, tzinfo=dt.UTC)}, "due_at", "от 2000 до 2100"),
    ({"title": "x", "assignee": "999999"}, "assignee", "Такого сотрудника нет"),
    ({"title": "x", "assignee": "Анна"}, "assignee", "Такого сотрудника нет"),
]


@pytest.mark.parametrize(("values", "field", "words"), BAD)
def test_a_bad_task_is_refused_in_words_at_its_field(as_system, values, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        tasks.add(values)
    assert refusal.value.field == field


def test_a_change_is_kept_old_and_new_and_a_stale_one_is_refused(as_system):
    task = tasks.add({"title": "Позвонить", "assignee": who(as_system, "anna")})
    seen = task.version
    tasks.change(task, {"title": "Перезвонить"}, seen)
    with pytest.raises(Stale):
        tasks.change(task, {"title": "Написать"}, seen)
    change = as_system.execute(select(Change).where(Change.table == "task", Change.field == "title")).scalar_one()
    assert (change.old, change.new) == ("Позвонить", "Перезвонить")


def test_work_for_a_role_goes_to_whoever_has_least_of_it(as_system):
    second = who(as_system, "sergey")
    second.roles = [*second.roles, *who(as_system, "pavel").roles]
    as_system.flush()
    tasks.add({"title": "Замер", "assignee": who(as_system, "pavel")})
    assert tasks.whoever("surveyor") == second.id
    assert tasks.whoever("king") is None
