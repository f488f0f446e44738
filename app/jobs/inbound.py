"""A raw body that was kept is read and becomes a lead, a message, a call; files that come apart are fetched."""

from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import Aside, ChannelError, Inbound, Raw
from app.doors import committing
from app.queue import DEFAULT, HIGH, STUBBORN, enqueue_after_commit, job
from app.rights import actor_of_person
from app.sealed import opened
from app.services import calls, conversations, leads, notices
from app.wording import kept, speaking, told
from models.channels import Channel
from models.ground.actor import acting_as
from models.ground.base import db
from models.ground.refused import Refused
from models.messages import RawBody, RawState

ANSWER = "app.jobs.outbound.answer_press"


@job(queue=HIGH, retries=STUBBORN)
def read(raw_id: int) -> None:
    """Read one body; what cannot be understood is kept for a person to read."""
    waiting = select(RawBody).where(RawBody.id == raw_id, RawBody.state == RawState.KEPT)
    raw = db.session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if raw is None:
        return
    channel = db.session.get_one(Channel, raw.channel_id)
    channel.last_at = raw.received_at
    make_out(channel, raw)


def make_out(channel: Channel, raw: RawBody, is_again: bool = False) -> None:
    """Understand a body and note what it became, or why nobody could."""
    try:
        with db.session.begin_nested():
            raw.words = understood(channel, raw, is_again)
            raw.state = RawState.READ
    except Aside as reason:
        raw.state, raw.words = RawState.READ, reason.words
    except (ChannelError, Refused) as refusal:
        raw.state, raw.words = RawState.FAILED, refusal.words


def understood(channel: Channel, raw: RawBody, is_again: bool = False) -> str:
    """What the body became, in words. Raises ChannelError, Refused."""
    inbound: Inbound = CHANNELS[channel.kind].parse(Raw(raw.body, raw.content_type), opened(channel))
    if inbound.is_test:
        return kept("A trial of the sender: no lead is made of it.")
    if inbound.call is not None:
        return calls.hear(inbound, inbound.call, channel, raw)
    if inbound.is_empty:
        raise ChannelError(kept("There is nothing in it."), permanent=True)
    if inbound.signal is not None and inbound.signal.kind == "press":
        if is_again:
            raise Aside(kept("A button was pressed here: what is read again is not pressed again."))
        return pressed(inbound, channel)
    known = leads.of_raw(raw)
    if known is not None:
        return leads.mend(known, inbound)
    return conversations.arrive(inbound, channel, raw).words


def pressed(inbound: Inbound, channel: Channel) -> str:
    """A button under an alert: whoever the chat belongs to does it in their own name and session."""
    person = notices.person_of_chat(inbound.conversation)
    signal = inbound.signal
    if person is None or signal is None:
        raise Aside(kept("Somebody whose chat is not linked pressed a button."))
    with speaking(person.language, person.zone):
        try:
            with acting_as(actor_of_person(person)) as session, committing(session):
                words = conversations.pressed(signal.data)
        except Refused as refusal:
            words = told(refusal.words)
    enqueue_after_commit(ANSWER, channel.id, signal.ref, words)
    return kept("%(name)s pressed a button: %(words)s", name=person.name, words=words)


@job(queue=DEFAULT, timeout=300)
def fetch(message_id: int) -> None:
    """Files of one message that the provider gives out apart."""
    conversations.fetch(message_id)
