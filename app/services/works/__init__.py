"""Verbs of a work in the background: begin, stop, do again what failed; running.py does it piece by piece."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.queue import enqueue_after_commit
from app.services.works.kinds import KINDS
from app.services.works.running import advance, claim, fail, finish, go_on, go_through
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.works import Work, WorkState

__all__ = [
    "KINDS", "advance", "again", "begin", "claim", "enqueue", "fail", "finish", "go_on", "go_through", "live", "stop",
]  # fmt: skip

LIVE = (WorkState.WAITING, WorkState.RUNNING)


def begin(kind: str, title: str, params: Mapping[str, Any] | None = None, total: int = 0, url: str = "") -> Work:
    """A work of the actor's that starts after the commit. `title` is kept words; `url` is what it is about."""
    work = Work(kind=kind, title=title, person_id=current_actor().person_id, params=dict(params or {}), total=total)
    work.url = url
    db.session.add(work)
    db.session.flush()
    enqueue(work)
    return work


def enqueue(work: Work) -> None:
    """Let it be begun, or gone on with, after the commit."""
    enqueue_after_commit(KINDS[work.kind].job, work.id)


def live(kind: str) -> Work | None:
    """The actor's own work of this kind that waits or runs."""
    mine = select(Work).where(Work.kind == kind, Work.state.in_(LIVE), Work.person_id == current_actor().person_id)
    return db.session.execute(mine.order_by(Work.id.desc()).limit(1)).scalar_one_or_none()


def stop(work: Work) -> Work:
    """Ask it to stop: what is done stays done, the rest is left. Refuses one that has ended."""
    if not work.is_live:
        raise Refused(_("This work has ended already."))
    work.stop_asked_at = work.stop_asked_at or utcnow()
    db.session.flush()
    enqueue(work)
    return work


def again(work: Work) -> Work:
    """A new work that tries what failed in this one; `params["again"]` are the data of the errors.

    Refuses one that is not over, has no errors, or whose errors say nothing to try.
    """
    if work.is_live:
        raise Refused(_("This work is still running. Wait for its end, or stop it."))
    rest = retriable(work.errors)
    if not rest:
        raise Refused(_("There is nothing to try again here."))
    params = {**work.params, "again": rest, "again_of": work.id}
    return begin(work.kind, work.title, params, total=len(rest), url=work.url)


def retriable(errors: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What a second try needs of each error that can be tried again."""
    return [error["data"] for error in errors if error.get("data") is not None]
