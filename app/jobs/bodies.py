"""Bodies that nobody understood are read again, in the background."""

from sqlalchemy import select

from app.jobs import inbound
from app.queue import PAPERS, job
from app.services import works
from models.channels import Channel
from models.ground.base import db
from models.ground.refused import Refused
from models.messages import RawBody, RawState


@job(queue=PAPERS, timeout=600)
def read_all_again(work_id: int) -> None:
    """The bodies of a work, one after another; what is still not understood is told with its reason."""
    work = works.claim(work_id)
    if work is None:
        return
    keys = list(work.params.get("again") or work.params["keys"])
    if works.go_through(work, keys, _again, label=lambda key: f"№ {key}"):
        works.finish(work)


def _again(raw_id: int) -> str:
    waiting = select(RawBody).where(RawBody.id == raw_id, RawBody.state == RawState.FAILED)
    raw = db.session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if raw is None:
        return "skipped"
    inbound.make_out(db.session.get_one(Channel, raw.channel_id), raw, is_again=True)
    if raw.state == RawState.FAILED:
        raise Refused(raw.words)
    return "read"
