"""The plan of a stage: tasks that entering it makes, what becomes of them when it is left."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.lowcode.scripts import read_out
from app.services import worktime
from app.services.tasks.facts import facts_of
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.lowcode.funnels import OnLeave, Playbook, Stage
from models.tasks import Task


def term(minutes: int, is_working: bool) -> dt.datetime:
    """That many minutes from now, in working time or by the clock on the wall; up to the next five minutes."""
    due = worktime.after(utcnow(), minutes) if is_working else utcnow() + dt.timedelta(minutes=minutes)
    whole = due.replace(second=0, microsecond=0)
    return whole if whole == due and due.minute % 5 == 0 else whole + dt.timedelta(minutes=5 - whole.minute % 5)


def wanted(deal: Deal, stage: Stage) -> list[Playbook]:
    """The steps of a stage's plan that the deal was not given yet, in order."""
    given = select(Task.playbook_id).where(Task.deal_id == deal.id, Task.playbook_id.is_not(None))
    known = set(db.session.execute(given).scalars())
    return [step for step in stage.playbook if step.active and step.id not in known]


def values_of(step: Playbook, deal: Deal) -> dict[str, Any]:
    """The task that a step makes on a deal; its script is read out with what is known of the deal."""
    language = current_actor().language
    return {
        "title": step.label(language),
        "kind": step.kind,
        "due_at": term(step.minutes, step.working_hours),
        "checklist": [str(point.get(language) or next(iter(point.values()), "")) for point in step.checklist],
    }


def script_of(task: Task, deal: Deal | None) -> str:
    """The words to say of a task: its own, or those of its step, with plain facts in the places left for them."""
    said = task.script
    step = db.session.get(Playbook, task.playbook_id) if task.playbook_id else None
    if not said and step is not None:
        language = current_actor().language
        said = str(step.script.get(language) or next(iter(step.script.values()), ""))
    return read_out(said, facts_of(deal, task)) if said else ""


def unfinished(deal: Deal, *conditions: ColumnElement[bool]) -> Select[Task]:
    """What is still to be done on a deal."""
    return select(Task).where(Task.deal_id == deal.id, Task.done_at.is_(None), *conditions).order_by(Task.id)


def ends_with(stage_id: int) -> ColumnElement[bool]:
    """Of a stage that is left: the tasks that its plan closes then; the others stay."""
    closing = select(Playbook.id).where(Playbook.stage_id == stage_id, Playbook.on_leave == OnLeave.CLOSE)
    return Task.playbook_id.in_(closing)


def leave(deal: Deal, stage_id: int, result: str) -> None:
    """The open tasks of the stage that was left: closed where the plan says so, else kept."""
    close(deal, result, ends_with(stage_id))


def close(deal: Deal, result: str, *conditions: ColumnElement[bool]) -> None:
    """Tick off what is still open on a deal that has just moved, all of it or what the conditions say.

    At the moment of the move, by which its undo knows them.
    """
    for task in db.session.execute(unfinished(deal, *conditions)).scalars():
        task.done_at, task.done_by_id, task.result = deal.stage_since, current_actor().person_id, result
    db.session.flush()
