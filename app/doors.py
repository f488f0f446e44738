"""The one way in which a door ends its transaction: all of it is kept, or nothing and the words are said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.ground.base import CrmSession, db


@contextmanager
def committing(session: CrmSession | None = None) -> Iterator[CrmSession]:
    """Commit at the end of the block; whatever is raised in it rolls back and goes on to its handler.

    Without a session it is the one of this request, job or command.
    """
    own = session if session is not None else db.session()
    try:
        yield own
        own.commit()
    except BaseException:
        own.rollback()
        raise
