"""The funnel as it was walked: how many came to each step, how long they stayed, who stays too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models.deals import Deal
from models.ground.base import db
from models.ground.history import StageVisit
from models.lowcode.funnels import Funnel, Stage, StageKind
from reports.questions import SEEING_ERASED, Lens, begun, both, entered, late, left

DAY = dt.timedelta(days=1)


def stages(lens: Lens) -> Sequence[Stage]:
    """The open stages in the company's order: of the funnel looked at, else of all in use."""
    found = select(Stage).join(Funnel, Funnel.id == Stage.funnel_id).where(Stage.kind == StageKind.OPEN)
    mine = Funnel.id == lens.funnel_id if lens.funnel_id else Funnel.active.is_(True)
    return db.session.execute(found.where(mine).order_by(Funnel.position, Funnel.id, Stage.position)).scalars().all()


def began(lens: Lens) -> tuple[int, int]:
    """How many deals were started in the month, and in what it is compared with."""
    now = func.count(Deal.id).filter(Deal.created_at >= lens.span.begin)
    before = func.count(Deal.id).filter(Deal.created_at < lens.before.end)
    counted = db.session.execute(select(now, before).where(*begun(lens, both(lens)))).one()
    return counted[0], counted[1]


def came(lens: Lens) -> dict[int, int]:
    """How many deals came to each stage in the month; a deal that came twice is one."""
    each = select(StageVisit.stage_id, func.count(StageVisit.deal_id.distinct())).where(*entered(lens, lens.span))
    return dict(db.session.execute(each.group_by(StageVisit.stage_id), execution_options=SEEING_ERASED).all())


def stayed(lens: Lens) -> dict[int, float]:
    """Days on a stage, the average of the stays that ended in the month."""
    stay = func.avg(StageVisit.left_at - StageVisit.entered_at)
    each = select(StageVisit.stage_id, stay).where(*left(lens, lens.span)).group_by(StageVisit.stage_id)
    return {stage: length / DAY for stage, length in db.session.execute(each, execution_options=SEEING_ERASED)}


def late_count(lens: Lens, known: Sequence[Stage]) -> int:
    """How many open deals stay longer than the norm of their stage; `known` are the stages looked at."""
    return db.session.execute(select(func.count(Deal.id)).where(*late(lens, known))).scalar_one()


def latest(lens: Lens, known: Sequence[Stage], count: int = 5) -> Sequence[Deal]:
    """The dearest of them."""
    found = select(Deal).where(*late(lens, known)).options(joinedload(Deal.stage))
    # By a sum and not by the column: else the planner may walk the amounts of all deals that ever were.
    dearest = (Deal.amount + 0).desc()
    return db.session.execute(found.order_by(dearest, Deal.id.desc()).limit(count)).scalars().all()
