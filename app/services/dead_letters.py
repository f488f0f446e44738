"""Jobs that died: replay one, or put it away."""

from flask_babel import gettext as _

from app.queue import enqueue_after_commit, jobs
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.notices import DeadLetter


def replay(letter: DeadLetter) -> None:
    """Run the job anew after the commit. Refuses one that is replayed already or is not ours."""
    if letter.replayed_at is not None:
        raise Refused(_("This job is on its way already."))
    if letter.job not in jobs():
        raise Refused(_("This is not a job of ours, so it is not run. You can put it away."))
    letter.replayed_at = utcnow()
    db.session.flush()
    enqueue_after_commit(letter.job, *letter.args)


def put_away(letter: DeadLetter) -> None:
    """It is not needed any more: out of the list, and nothing is run."""
    db.session.delete(letter)
    db.session.flush()
