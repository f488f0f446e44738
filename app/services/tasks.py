"""Verbs of a task: add, finish, reopen, change."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services.versions import check_version, locked
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import FIRST_YEAR, LAST_YEAR, clean_line, clean_text
from models.ground.refused import Refused
from models.leads import Lead
from models.lowcode.funnels import Playbook
from models.staff import Person, RoleReach
from models.tasks import Task, TaskKind


def add(values: Mapping[str, Any], *, on: Deal | Lead | None = None, playbook: Playbook | None = None) -> Task:
    """A task from title, kind, due_at (aware) and assignee (a Person, an id; without one it is the actor's).

    `on` is the deal or lead it is about. Refuses an empty title, an unknown kind, a person who has left.
    """
    actor = current_actor()
    task = Task(created_by_id=actor.person_id, playbook_id=playbook.id if playbook else None)
    _fill(task, {"assignee": actor.person_id, "kind": TaskKind.OTHER, "due_at": None} | dict(values))
    if isinstance(on, Deal):
        task.deal_id, task.client_id, task.stage_id = on.id, on.client_id, on.stage_id
    elif on is not None:
        task.lead_id, task.client_id = on.id, on.client_id
    db.session.add(task)
    db.session.flush()
    record("task.added", task, assignee_id=task.assignee_id, title=task.title)
    return task


def finish(task: Task, result: str = "", then: Mapping[str, Any] | None = None) -> Task | None:
    """Tick a task off with a word on how it went; `then` is the next task on the same deal or lead.

    Refuses a task that is already done. Returns the next task, if one was asked for.
    """
    task = locked(task)
    # Read before the tick: a deal that was given by this very task is out of reach after it.
    place = task.place
    if task.done_at is not None:
        raise Refused(_("This task is already done."))
    task.result = clean_text(result, "result")
    task.done_at, task.done_by_id = utcnow(), current_actor().person_id
    record("task.finished", task, title=task.title, result=task.result)
    db.session.flush()
    return add({"assignee": task.assignee_id} | dict(then), on=place) if then else None


def reopen(task: Task) -> None:
    """Undo of finish. Refuses a task that is not done."""
    task = locked(task)
    if task.done_at is None:
        raise Refused(_("This task is not done yet."))
    task.done_at = task.done_by_id = None
    db.session.flush()


def change(task: Task, values: Mapping[str, Any], version: int | None = None) -> Task:
    """Save title, kind, due_at or assignee. Raises Stale when somebody saved it meanwhile."""
    task = locked(task)
    check_version(task, version, {key: value for key, value in values.items() if key != "assignee"})
    _fill(task, values)
    db.session.flush()
    return task


def start_playbook(deal: Deal) -> None:
    """Add the tasks of the stage that the deal has just entered; those given before are not repeated."""
    given = select(Task.playbook_id).where(Task.deal_id == deal.id, Task.playbook_id.is_not(None))
    known = set(db.session.execute(given).scalars())
    for step in deal.stage.playbook:
        if step.id not in known:
            due = utcnow() + dt.timedelta(hours=step.due_hours)
            words = step.label(current_actor().language)
            who = whoever(step.role) if step.role else deal.owner_id
            add({"title": words, "kind": step.kind, "due_at": due, "assignee": who}, on=deal, playbook=step)


def close_all(deal: Deal, result: str) -> None:
    """Tick off what is still open on a deal that is no longer worked on."""
    still_open = select(Task).where(Task.deal_id == deal.id, Task.done_at.is_(None))
    for task in db.session.execute(still_open).scalars():
        task.done_at, task.done_by_id, task.result = utcnow(), current_actor().person_id, result
    db.session.flush()


def hand_over(deal: Deal, was: int | None, now: Person) -> None:
    """The open tasks of a deal that were its old owner's become the new owner's."""
    theirs = select(Task).where(Task.deal_id == deal.id, Task.done_at.is_(None), Task.assignee_id == was)
    for task in db.session.execute(theirs).scalars():
        task.assignee_id = now.id
    db.session.flush()


def whoever(role: str) -> int | None:
    """The person of a role with the fewest live tasks, or nobody if nobody holds it.

    Counted over the table itself: whom the work goes to does not depend on whose tasks the actor may read.
    """
    task = Task.__table__
    live = (
        select(func.count(task.c.id))
        .where(task.c.assignee_id == Person.id, task.c.done_at.is_(None), task.c.deleted_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    holders = (
        select(Person.id)
        .join(Person.roles)
        .join(RoleReach, RoleReach.role_id == Role.id)
        .where(RoleReach.code == role, Person.active.is_(True))
        .order_by(live, Person.id)
        .limit(1)
    )
    return db.session.execute(holders).scalar_one_or_none()


def _fill(task: Task, values: Mapping[str, Any]) -> None:
    if "title" in values:
        task.title = clean_line(values["title"], "title")
        if not task.title:
            raise Refused(_("Say what is to be done."), "title")
    if "kind" in values:
        task.kind = _kind(values["kind"])
    if "due_at" in values:
        task.due_at = clean_moment(values["due_at"], "due_at")
    if "assignee" in values:
        task.assignee_id = _assignee(values["assignee"])


def _kind(value: Any) -> TaskKind:
    try:
        return TaskKind(str(value or TaskKind.OTHER))
    except ValueError:
        raise Refused(_("There is no such kind of task."), "kind") from None


def clean_moment(value: Any, field: str) -> dt.datetime | None:
    """An aware moment between 2000 and 2100, or None."""
    if value is None or value == "":
        return None
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise Refused(_("This is not a time. Type it as 31.12.2026 11:30."), field)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Refused(_("The year must be between 2000 and 2100."), field)
    return value


def _assignee(value: Any) -> int | None:
    if value is None or value == "":
        return None
    wanted = value.id if isinstance(value, Person) else value
    person = db.session.get(Person, int(wanted)) if str(wanted).isdigit() and len(str(wanted)) < 10 else None
    if person is None or not person.active:
        words = _("There is no such person, or they no longer work here. Choose another one.")
        raise Refused(words, "assignee")
    return int(person.id)
