"""Open deals without a next step: a visible fault, counted and listed."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from models.deals import Deal
from models.ground.base import db
from reports.deals.asked import without_a_step

SHOWN = 100
ENOUGH = 1000


def without_next_step() -> list[ColumnElement[bool]]:
    """Open, not on hold, and with no live task: a planned visit has one. The board counts by the same condition."""
    return [Deal.closed_at.is_(None), without_a_step()]


def count() -> int:
    """How many of those in reach; counting stops where the number says no more."""
    some = select(Deal.id).where(*without_next_step()).limit(ENOUGH).subquery()
    return int(db.session.execute(select(func.count()).select_from(some)).scalar_one())


def deals(skip: int = 0) -> list[Deal]:
    """Those that stand longest in front."""
    rows = select(Deal).where(*without_next_step()).order_by(Deal.stage_since, Deal.id)
    loaded = rows.options(joinedload(Deal.owner), joinedload(Deal.stage)).offset(skip).limit(SHOWN)
    return list(db.session.execute(loaded).scalars())
