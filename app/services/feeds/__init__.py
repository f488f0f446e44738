"""Verbs of a person's calendar address: renew, revoke, whose it is. Only the hash of its token is kept."""

import datetime as dt
import hashlib
import secrets

from sqlalchemy import select

from models.ground.base import db, utcnow
from models.ground.history import record
from models.staff import FeedLink, Person

# Calendars ask every few minutes; when they last did is written down no more often than that.
NOTED_EVERY = dt.timedelta(hours=1)


def link_of(person: Person) -> FeedLink | None:
    """The address that is alive, if there is one."""
    alive = select(FeedLink).where(FeedLink.person_id == person.id, FeedLink.ended_at.is_(None))
    return db.session.execute(alive).scalar_one_or_none()


def renew(person: Person) -> str:
    """A new secret; the address before it is dead at once. Told only here and now."""
    revoke(person)
    token = secrets.token_urlsafe(32)
    link = FeedLink(person_id=person.id, token_hash=_hashed(token))
    db.session.add(link)
    db.session.flush()
    record("feed.renewed", link)
    return token


def revoke(person: Person) -> None:
    """Nobody reads this person's calendar by address any more."""
    link = link_of(person)
    if link is not None:
        link.ended_at = utcnow()
        db.session.flush()
        record("feed.revoked", link)


def whose(token: str) -> Person | None:
    """Whose calendar this secret opens; nobody's when it is wrong, ended, or theirs who have left. As the system."""
    alive = select(FeedLink).where(FeedLink.token_hash == _hashed(token), FeedLink.ended_at.is_(None))
    link = db.session.execute(alive).scalar_one_or_none()
    person = db.session.get(Person, link.person_id) if link is not None else None
    if link is None or person is None:
        return None
    if not person.active:
        revoke(person)
        return None
    if link.read_at is None or link.read_at < utcnow() - NOTED_EVERY:
        link.read_at = utcnow()
        db.session.flush()
    return person


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
