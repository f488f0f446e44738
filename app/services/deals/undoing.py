"""Undo of a move: the deal goes back, and so does what the move did to its tasks and visits."""

from collections.abc import Sequence

from sqlalchemy import select

from app.services import deals, tasks
from app.services import visits as calls
from app.services.versions import locked
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.lowcode.funnels import Playbook, Stage
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
