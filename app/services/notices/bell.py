"""Verbs of the bell: one notice has been seen, or all."""

from sqlalchemy import and_, or_, select, update

from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.notices import Notice


def mark_read(notice_id: int | None = None) -> None:
    """One notice of the actor's has been seen, with what led to the same place before it; or all of them."""
    mine = update(Notice).where(Notice.person_id == current_actor().person_id, Notice.read_at.is_(None))
    if notice_id is not None:
        opened = select(Notice.url).where(Notice.id == notice_id).scalar_subquery()
        before = and_(Notice.url == opened, Notice.url != "", Notice.id < notice_id)
        mine = mine.where(or_(Notice.id == notice_id, before))
    db.session.execute(mine.values(read_at=utcnow()).execution_options(synchronize_session=False))
