"""The bell of one person: what is new, and what was."""

from __future__ import annotations

from sqlalchemy import select

from models.ground.actor import current_actor
from models.ground.base import db
from models.notices import Notice

IN_THE_BELL, ON_A_PAGE = 8, 50


def latest(limit: int, skip: int = 0, *, unread: bool = False) -> list[Notice]:
    """The actor's own, the latest first; one more than asked for tells that there are more."""
    rows = select(Notice).where(Notice.person_id == (current_actor().person_id or 0))
    if unread:
        rows = rows.where(Notice.read_at.is_(None))
    page = rows.order_by(Notice.at.desc(), Notice.id.desc()).offset(skip).limit(limit + 1)
    return list(db.session.execute(page).scalars())
