"""Verbs of the bell: one notice has been seen, or all."""

from sqlalchemy import update

from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.notices import Notice


def mark_read(notice_id: int | None = None) -> None:
    """One notice of the actor's, or all of them, has been seen."""
    mine = update(Notice).where(Notice.person_id == current_actor().person_id, Notice.read_at.is_(None))
    if notice_id is not None:
        mine = mine.where(Notice.id == notice_id)
    db.session.execute(mine.values(read_at=utcnow()).execution_options(synchronize_session=False))
