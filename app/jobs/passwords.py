"""Passwords that somebody forgot, log-ins that nobody uses."""

from sqlalchemy import select

from app import sessions
from app.queue import MAIL, job
from app.services import staff
from models.ground.base import db, utcnow
from models.staff import LinkKind, OneTimeLink


@job(queue=MAIL)
def answer(asked_id: int) -> None:
    """Send the link that was asked for, if there is such a person."""
    staff.answer_forgotten(asked_id)


@job()
def unanswered() -> None:
    """Those that the queue lost."""
    waiting = select(OneTimeLink.id).where(
        OneTimeLink.kind == LinkKind.ASKED, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > utcnow()
    )
    for asked_id in db.session.execute(waiting.limit(50)).scalars().all():
        staff.answer_forgotten(asked_id)


@job()
def forget_sign_ins() -> None:
    """Log-ins that ended or were left long ago."""
    sessions.forget_old(db.session())
