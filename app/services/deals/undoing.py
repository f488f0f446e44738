"""Undo of a move and of a hand-over: the deal goes back, and so does what was done to its tasks and visits with it."""

from collections.abc import Sequence

from sqlalchemy import select

from app.services import deals, tasks
from app.services import visits as calls
from app.services.versions import locked
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import Change, Event
from models.ground.refused import Refused
from models.lowcode.funnels import Playbook, Stage
from models.staff import Person
from models.tasks import Task
from models.visits import Visit, VisitState


def back(deal: Deal, stage: Stage) -> Deal:
    """To the stage that the deal was moved from: what the move gave goes, what it ended is open again.

    What somebody has begun with stays. A visit comes back where its hour is still free. Raises Refused as a move does.
    """
    deal = locked(deal)
    # All that a move ends is ended at its own moment.
    ended, called_off = _ended(deal), _called_off(deal)
    for task in _given(deal):
        task.deleted_at, task.deleted_by_id = utcnow(), current_actor().person_id
    go = deals.move if stage.funnel_id == deal.funnel_id else deals.transfer
    deal = go(deal, stage)
    for visit in called_off:
        _plan_again(visit)
    for task in ended:
        if task.done_at is not None:
            tasks.reopen(task)
    return deal


def give_back(deal: Deal, person: Person) -> Deal:
    """To whom the deal was before, with the tasks that came with it; what its present owner had on it stays theirs."""
    deal = locked(deal)
    came = _came_with(deal)
    mine = select(Task.id).where(Task.deal_id == deal.id, Task.done_at.is_(None), Task.assignee_id == deal.owner_id)
    staying = [] if came is None else [key for key in db.session.execute(mine).scalars() if key not in came]
    return deals.assign(deal, person, staying=staying)


def _came_with(deal: Deal) -> set[int] | None:
    """The tasks that became the present owner's when the deal did; None where that is not known."""
    told = select(Event.at).where(Event.deal_id == deal.id, Event.name == "deal.assigned")
    at = db.session.execute(told.order_by(Event.id.desc()).limit(1)).scalar()
    if at is None:
        return None
    given = (Change.table == Task.__tablename__, Change.field == "assignee_id", Change.at >= at)
    rows = db.session.execute(select(Change.row_id, Change.new).where(Change.deal_id == deal.id, *given))
    return {row.row_id for row in rows if row.new == deal.owner_id}


def _ended(deal: Deal) -> Sequence[Task]:
    rows = select(Task).where(Task.deal_id == deal.id, Task.done_at == deal.stage_since)
    return db.session.execute(rows.order_by(Task.id)).scalars().all()


def _called_off(deal: Deal) -> Sequence[Visit]:
    ended = (Visit.state == VisitState.CANCELLED, Visit.ended_at == deal.stage_since)
    rows = select(Visit).where(Visit.deal_id == deal.id, *ended)
    return db.session.execute(rows.order_by(Visit.id)).scalars().all()


def _given(deal: Deal) -> Sequence[Task]:
    """The tasks of the stage's plan that came with the deal, as they came."""
    plan = select(Playbook.id).where(Playbook.stage_id == deal.stage_id)
    fresh = (Task.done_at.is_(None), Task.version == 1, Task.created_at >= deal.stage_since)
    rows = select(Task).where(Task.deal_id == deal.id, Task.playbook_id.in_(plan), *fresh)
    return db.session.execute(rows.order_by(Task.id)).scalars().all()


def _plan_again(visit: Visit) -> None:
    try:
        with db.session.begin_nested():
            calls.take_back(visit)
    except Refused:
        # The hour is taken or over: whoever leads the deal sees it cancelled.
        return
