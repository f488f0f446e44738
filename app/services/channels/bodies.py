"""Bodies that were kept are read again, after a map of fields was mended: what is one lead stays one."""


from flask_babel import gettext as _
from sqlalchemy import select

from app.queue import enqueue_after_commit
from models.channels import Channel
from models.ground.base import db
from models.ground.refused import Refused
from models.messages import RawBody, RawState

AGAIN = (RawState.FAILED, RawState.READ)
MOST = 10_000


def read_again(raw: RawBody) -> RawBody:
    """Try once more to understand a body. What it has become already is completed, not made anew."""
    if raw.state not in AGAIN:
        raise Refused(_("This body waits to be read, or was refused: there is nothing to read again."))
    raw.state, raw.words = RawState.KEPT, ""
    db.session.flush()
    enqueue_after_commit("app.jobs.inbound.read", raw.id)
    return raw


def failed_of(channel: Channel) -> list[int]:
    """The bodies of a channel that nobody understood, the oldest first."""
    rows = select(RawBody.id).where(RawBody.channel_id == channel.id, RawBody.state == RawState.FAILED)
    return list(db.session.execute(rows.order_by(RawBody.id).limit(MOST)).scalars())
