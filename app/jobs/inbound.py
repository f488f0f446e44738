"""A raw body that was kept is read and becomes a lead."""

from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Inbound, Raw
from app.queue import HIGH, job
from app.sealed import opened
from app.services import calls, leads
from app.wording import kept
from models.channels import Channel
from models.ground.base import db
from models.ground.refused import Refused
from models.messages import RawBody, RawState


@job(queue=HIGH)
def read(raw_id: int) -> None:
    """Read one body; what cannot be understood is kept for a person to read."""
    waiting = select(RawBody).where(RawBody.id == raw_id, RawBody.state == RawState.KEPT)
    raw = db.session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if raw is None:
        return
    channel = db.session.get_one(Channel, raw.channel_id)
    channel.last_at = raw.received_at
    try:
        with db.session.begin_nested():
            raw.words = understood(channel, raw)
            raw.state = RawState.READ
    except (ChannelError, Refused) as refusal:
        raw.state, raw.words = RawState.FAILED, refusal.words


def understood(channel: Channel, raw: RawBody) -> str:
    """What the body became, in words. Raises ChannelError, Refused."""
    inbound: Inbound = CHANNELS[channel.kind].parse(Raw(raw.body, raw.content_type), opened(channel))
    if inbound.is_test:
        return kept("A trial of the sender: no lead is made of it.")
    if inbound.call is not None:
        return calls.hear(inbound, inbound.call, channel, raw)
    if inbound.is_empty:
        raise ChannelError(kept("There is nothing in it."), permanent=True)
    known = leads.of_raw(raw)
    if known is not None:
        return leads.mend(known, inbound)
    lead = leads.receive(inbound, channel, raw)
    return kept("Lead № %(number)s.", number=lead.id)
