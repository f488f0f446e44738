"""Rules: when an event happens, if the conditions hold, then the actions run; once, and each run says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from app.automations.actions import ACTIONS
from app.channels.inbound import Inbound
from app.jobs import JOBS, reminders
from app.lowcode.conditions import unmet
from app.services import deals, leads
from models.ground.base import utcnow
from models.ground.history import Event, HandlerRun, record
from models.leads import Lead
from models.lowcode.rules import Rule, RuleRun
from models.notices import DeadLetter, Notice
from models.staff import Person
from models.tasks import Task


@pytest.fixture
def lead(as_system: Any) -> Lead:
    """A lead whose event nobody has followed, in a base without rules."""
    as_system.execute(delete(RuleRun))
    for rule in as_system.execute(select(Rule)).scalars():
        rule.active = False
    made = leads.receive(Inbound(name="Иван", phone="89261230010", words="Два окна"))
    as_system.commit()
    return made


@pytest.fixture
def rule(as_system: Any) -> Any:
    """Write a rule."""

    def write(*actions: dict[str, Any], event: str = "lead.received", conditions: Any = ()) -> Rule:
        number = as_system.execute(select(func.count(Rule.id))).scalar_one()
        made = Rule(code=f"r{number}", names={"ru": "Правило"}, event=event, actions=list(actions))
        made.conditions = list(conditions)
        as_system.add(made)
        as_system.commit()
        return made

    return write


def follow(session: Any, name: str = "lead.received") -> None:
    """Do what the job does with the events of this name."""
    for key in session.execute(select(Event.id).where(Event.name == name)).scalars().all():
        JOBS["app.jobs.events.handle"](key)
    session.rollback()


def runs(session: Any) -> list[tuple[str, str]]:
    found = session.execute(select(RuleRun.outcome, RuleRun.words).order_by(RuleRun.id)).all()
    return [(outcome, (words or "").split("\x1f")[0]) for outcome, words in found]


def test_a_rule_runs_once_however_often_the_job_does(as_system, lead, rule):
    rule({"do": "add_task", "names": {"ru": "Позвонить"}, "kind": "call", "due_minutes": 15})
    follow(as_system)
    follow(as_system)
    (task,) = as_system.execute(select(Task)).scalars()
    assert (task.title, task.assignee_id, task.lead_id) == ("Позвонить", lead.owner_id, lead.id)
    assert runs(as_system) == [("done", "Task: %(title)s.")]


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ([], True),
        ([{"field": "klass", "is": "new"}], True),
        ([{"field": "klass", "in": ["repeat", "partner"]}], False),
        ([{"field": "source", "is_not": "site"}], True),
        ([{"field": "owner", "empty": False}], True),
        ([{"field": "email", "empty": True}, {"field": "phone", "empty": True}], False),
        ([{"field": "nothing", "is": "x"}], False),
        ([{"field": "klass", "smells": "new"}], False),
    ],
)
def test_conditions_decide_and_say_why(as_system, lead, rule, conditions, holds):
    rule({"do": "start_response_timer", "minutes": 5}, conditions=conditions)
    follow(as_system)
    ((outcome, words),) = runs(as_system)
    assert outcome == ("done" if holds else "skipped")
    assert words
    as_system.refresh(lead)
    assert (lead.respond_by - lead.received_at).total_seconds() == (300 if holds else 900)


@pytest.mark.parametrize(
    ("test", "value", "wanted", "holds"),
    [
        ("more", "100.5", 100, True), ("more", 99, 100, False), ("less", None, 5, False), ("less", "5", "10", True),
        ("empty", [], True, True), ("empty", 0, True, False), ("not_in", "a", ["b"], True), ("is", 5, "5", True),
    ],
)  # fmt: skip
def test_conditions_compare_as_people_mean(test, value, wanted, holds):
    assert (unmet([{"field": "f", test: wanted}], {"f": value}) is None) is holds


def test_a_refused_action_undoes_itself_alone(as_system, lead, rule):
    rule(
        {"do": "notify", "to": "owner", "ways": ["bell"], "names": {"ru": "Новый лид"}},
        {"do": "move_stage", "stage": "bill"},
    )
    follow(as_system)
    assert as_system.execute(select(Notice.title)).scalars().all() == ["Новый лид: Иван"]
    ((outcome, words),) = runs(as_system)
    assert outcome == "refused"
    assert "Told" in words


def test_a_rule_with_a_mistake_is_buried_and_runs_again_without_repeating(as_system, lead, rule, monkeypatch):
    def stumble(*_args: Any) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(ACTIONS, "stumble", stumble)
    made = rule({"do": "add_task", "names": {"ru": "Раз"}}, {"do": "stumble"}, {"do": "add_task", "names": {"ru": "Два"}})
    follow(as_system)
    assert runs(as_system)[0][0] == "failed"
    (letter,) = as_system.execute(select(DeadLetter)).scalars()
    event = as_system.execute(select(Event.id).where(Event.name == "lead.received")).scalar_one()
    assert (letter.job, letter.args) == ("app.jobs.events.again", [event, made.id])
    monkeypatch.setitem(ACTIONS, "stumble", lambda *_args: "ок")
    JOBS[letter.job](*letter.args)
    as_system.rollback()
    assert sorted(as_system.execute(select(Task.title)).scalars()) == ["Два", "Раз"]
    assert runs(as_system)[1][0] == "done"


def test_an_unknown_action_is_a_failure_in_words(as_system, lead, rule):
    rule({"do": "fly"})
    follow(as_system)
    assert runs(as_system) == [("failed", "There is no action “%(name)s”.")]


def test_events_that_cause_one_another_are_stopped_at_five(as_system, lead, rule, worker, monkeypatch):
    monkeypatch.setitem(ACTIONS, "echo", lambda subject, *_args: record("lead.received", subject.lead).name)
    rule({"do": "echo"})
    follow(as_system)
    worker()
    depths = as_system.execute(select(Event.depth).where(Event.name == "lead.received").order_by(Event.id)).scalars()
    assert list(depths) == [0, 1, 2, 3, 4, 5]
    outcomes = [outcome for outcome, _words in runs(as_system)]
    assert outcomes == ["done"] * 5 + ["stopped"]


def test_whoever_did_it_is_not_told(as_system, lead, rule):
    rule({"do": "notify", "to": "owner", "ways": ["bell"]}, event="lead.taken")
    event = record("lead.taken", lead)
    event.actor_id = lead.owner_id
    as_system.commit()
    follow(as_system, "lead.taken")
    assert as_system.execute(select(Notice)).scalars().all() == []


@pytest.mark.parametrize(("to", "told"), [("heads", {"marina"}), ("role:director", {"director"}), ("oleg", {"oleg"})])
def test_people_are_found_by_what_they_are(as_system, lead, rule, to, told):
    rule({"do": "notify", "to": to, "ways": ["bell"]})
    follow(as_system)
    found = select(Person.username).join(Notice, Notice.person_id == Person.id)
    assert set(as_system.execute(found).scalars()) == told


def test_a_deal_is_won_by_a_rule_only_when_nothing_is_missing(as_system, lead, rule):
    rule({"do": "win_deal"}, event="payment.recorded")
    deal = deals.start(None)
    record("payment.recorded", deal)
    as_system.commit()
    follow(as_system, "payment.recorded")
    as_system.refresh(deal)
    assert deal.closed_at is None
    assert runs(as_system)[0] == ("done", "Not yet: %(words)s")


def test_taking_a_lead_takes_its_tasks(as_system, lead, worker):
    task = Task(title="Позвонить", lead_id=lead.id, assignee_id=lead.owner_id)
    as_system.add(task)
    stranger = as_system.execute(select(Person).where(Person.username == "stranger")).scalar_one()
    leads.assign(lead, stranger)
    as_system.commit()
    worker()
    as_system.refresh(task)
    assert task.assignee_id == stranger.id


def test_a_lead_that_nobody_answered_is_told_of_once(as_system, lead):
    lead.respond_by = utcnow() - dt.timedelta(minutes=1)
    as_system.commit()
    reminders.overdue_leads()
    reminders.overdue_leads()
    as_system.rollback()
    assert as_system.execute(select(func.count(Event.id)).where(Event.name == "lead.overdue")).scalar_one() == 1
    assert as_system.execute(select(func.count(HandlerRun.id))).scalar_one() == 0
