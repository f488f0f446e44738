"""Verbs of a task: add, finish, reopen, change, hand over, tick; the plan of a stage; whose the work is."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import worktime
from app.services.tasks.hands import hands_of
from app.services.tasks.plan import close, ends_with, leave, term, unfinished, values_of, wanted
from app.services.tasks.reminding import spare
from app.services.tasks.repeats import come_again, take_back
from app.services.tasks.values import clean_moment, fill, person_of
from app.services.versions import check_version, locked
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.leads import Lead
from models.lowcode.funnels import Playbook, Stage, StageKind
from models.staff import Person, RoleReach
from models.tasks import REMIND_MINUTES, Task, TaskKind

__all__ = [
    "Coming", "add", "change", "clean_moment", "close", "coming", "finish", "going", "hand_over", "hands_of",
    "is_only_given", "leave", "reopen", "start_playbook", "tick", "transfer", "whoever",
]  # fmt: skip


def add(values: Mapping[str, Any], *, on: Deal | Lead | None = None, playbook: Playbook | None = None) -> Task:
    """A task from title, kind, due_at (aware) and assignee (a Person, an id; without one it is the actor's).

    Besides: repeats, remind_minutes, minutes, is_important, checklist (lines), script, address. `on` is the deal or
    lead it is about. Refuses an empty title, an unknown kind, a person who has left.
    """
    actor = current_actor()
    task = Task(created_by_id=actor.person_id, playbook_id=playbook.id if playbook else None)
    usual = {"assignee": actor.person_id, "kind": TaskKind.OTHER, "due_at": None, "remind_minutes": REMIND_MINUTES}
    fill(task, usual | dict(values))
    if isinstance(on, Deal):
        task.deal_id, task.client_id, task.stage_id = on.id, on.client_id, on.stage_id
    elif on is not None:
        task.lead_id, task.client_id = on.id, on.client_id
    db.session.add(task)
    db.session.flush()
    record("task.added", task, assignee_id=task.assignee_id, title=task.title)
    if actor.person_id is not None:
        # Whoever wrote it knows, whoever was given it is told of that.
        spare(task)
    return task


def finish(task: Task, result: str = "", then: Mapping[str, Any] | None = None) -> Task | None:
    """Tick a task off with a word on how it went; `then` is the next task on the same deal or lead.

    One that repeats comes again by itself. Refuses a task that is already done. Returns the next task, if one was
    asked for.
    """
    task = locked(task)
    # Read before the tick: a deal that was given by this very task is out of reach after it.
    place = task.place
    if task.done_at is not None:
        raise Refused(_("This task is already done."))
    task.result = clean_text(result, "result")
    come_again(task)
    task.done_at, task.done_by_id = utcnow(), current_actor().person_id
    record("task.finished", task, title=task.title, result=task.result)
    db.session.flush()
    return add({"assignee": hands_of(task.assignee_id)} | dict(then), on=place) if then else None


def reopen(task: Task) -> None:
    """Undo of finish. Refuses a task that is not done."""
    task = locked(task)
    if task.done_at is None:
        raise Refused(_("This task is not done yet."))
    task.done_at = task.done_by_id = None
    take_back(task)
    db.session.flush()


def change(task: Task, values: Mapping[str, Any], version: int | None = None) -> Task:
    """Save what was typed of a task. Raises Stale when somebody saved it meanwhile.

    Whoever was given it by somebody else hands it over with a reason (`transfer`), not by the way.
    """
    task = locked(task)
    check_version(task, version, {key: value for key, value in values.items() if key != "assignee"})
    if "assignee" in values and is_only_given(task) and person_of(values["assignee"], "assignee") != task.assignee_id:
        words = _("You were given this task: hand it over with a reason, so that whoever asked for it knows.")
        raise Refused(words, "assignee")
    fill(task, values)
    db.session.flush()
    return task


def is_only_given(task: Task) -> bool:
    """Whether the actor has it from somebody else, and neither made it nor leads its deal."""
    actor = current_actor()
    mine = actor.own_ids | {actor.person_id}
    leads_deal = task.deal is not None and task.deal.owner_id in mine
    return not actor.everything and task.created_by_id not in mine and not leads_deal


def transfer(task: Task, person: Person, reason: str) -> Task:
    """Hand a task over to a colleague; the reason stays in the history and is told to both sides.

    Refuses without a reason, a done task, somebody who has left.
    """
    task = locked(task)
    words = clean_line(reason, "reason")
    if not words:
        raise Refused(_("Say why: whoever gets the task and whoever gave it will read it."), "reason")
    if task.done_at is not None:
        raise Refused(_("This task is already done."))
    now_id = person_of(person, "assignee")
    if now_id == task.assignee_id:
        raise Refused(_("It is their task already. Choose somebody else."), "assignee")
    was = task.assignee_id
    record("task.transferred", task, was=was, now=now_id, reason=words, author_id=task.created_by_id, title=task.title)
    task.assignee_id = now_id
    db.session.flush()
    return task


def tick(task: Task, number: int, is_done: bool) -> Task:
    """Tick a point of the checklist, or take the tick back. Refuses a point that is not there."""
    task = locked(task)
    if not 0 <= number < len(task.checklist):
        raise Refused(_("The checklist has been changed. Open the task again."))
    # JSON is replaced, not mutated: history and the flush see only what is new.
    task.checklist = [
        point | {"done": is_done} if place == number else point for place, point in enumerate(task.checklist)
    ]
    db.session.flush()
    return task


@dataclass(frozen=True)
class Coming:
    """A task that entering a stage makes: the step of its plan, when it is due, whose it is."""

    step: Playbook
    due_at: dt.datetime
    assignee_id: int | None


def coming(deal: Deal, stage: Stage) -> list[Coming]:
    """What entering a stage gives now; what the deal was given before is not repeated."""
    return [Coming(step, term(step.minutes, step.working_hours), _whose(step, deal)) for step in wanted(deal, stage)]


def going(deal: Deal, stage: Stage) -> list[Task]:
    """What moving to a stage ticks off: with a lost deal everything, else what the plan of the stage left says."""
    conditions = () if stage.kind == StageKind.LOST else (ends_with(deal.stage_id),)
    return list(db.session.execute(unfinished(deal, *conditions)).scalars())


def start_playbook(deal: Deal) -> None:
    """Add the tasks of the stage that the deal has just entered; those given before are not repeated."""
    for step in wanted(deal, deal.stage):
        add(values_of(step, deal) | {"assignee": _whose(step, deal)}, on=deal, playbook=step)


def _whose(step: Playbook, deal: Deal) -> int | None:
    return whoever(step.role) if step.role else hands_of(deal.owner_id)


def hand_over(deal: Deal, was: int | None, now: Person, staying: Collection[int] = ()) -> None:
    """The open tasks of a deal that were its old owner's become the new owner's, but for some."""
    theirs = select(Task).where(Task.deal_id == deal.id, Task.done_at.is_(None), Task.assignee_id == was)
    theirs = theirs.where(Task.id.not_in(staying)) if staying else theirs
    for task in db.session.execute(theirs).scalars():
        task.assignee_id = now.id
    db.session.flush()


def whoever(role: str) -> int | None:
    """The person of a role with the fewest live tasks, of those who are not away; nobody if nobody holds it.

    Counted over the table itself: whom the work goes to does not depend on whose tasks the actor may read.
    """
    task = Task.__table__
    live = (
        select(func.count(task.c.id))
        .where(task.c.assignee_id == Person.id, task.c.done_at.is_(None), task.c.deleted_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    away = list(worktime.away_on(worktime.today_of(utcnow())))
    holders = (
        select(Person.id)
        .join(Person.roles)
        .join(RoleReach, RoleReach.role_id == Role.id)
        .where(RoleReach.code == role, Person.active.is_(True))
        .order_by(Person.id.in_(away), live, Person.id)
        .limit(1)
    )
    return db.session.execute(holders).scalar_one_or_none()
