"""A delivery leaves: a notice to one of ours, or a message to a client; and what a bot says besides."""

import logging

from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, optional
from app.queue import HIGH, MAIL, job, outside
from app.sealed import Unreadable, opened
from app.services import conversations, notices
from models.channels import Channel
from models.ground.base import db
from models.notices import Delivery

log = logging.getLogger(__name__)


@job(queue=MAIL, timeout=150)
def deliver(delivery_id: int) -> None:
    """Send one."""
    # The column alone: the row itself is read when it is locked.
    of_message = select(Delivery.message_id).where(Delivery.id == delivery_id)
    if db.session.execute(of_message).scalar() is not None:
        conversations.carry(delivery_id)
    else:
        notices.deliver(delivery_id)


@job(queue=MAIL, timeout=30)
def settle(message_id: int) -> None:
    """A person has decided about a message: its earlier deliveries are no trouble any more."""
    conversations.settle(message_id)


@job(queue=HIGH, timeout=30, retries=0)
def reply(channel_id: int, chat: str, words: str) -> None:
    """A bot's own short answer in a chat; it may get lost, since nothing depends on it."""
    _spoken(channel_id, "alert", chat, words)


@job(queue=HIGH, timeout=30, retries=0)
def answer_press(channel_id: int, ref: str, words: str) -> None:
    """What is shown to whoever pressed a button."""
    _spoken(channel_id, "answer_press", ref, words)


def _spoken(channel_id: int, part: str, to: str, words: str) -> None:
    channel = db.session.get(Channel, channel_id)
    speak = optional(CHANNELS[channel.kind], part) if channel is not None and channel.active else None
    if channel is None or speak is None or not conversations.may_leave({to, f"{channel.kind}:{to}"}):
        return
    try:
        settings = opened(channel)
        with outside():
            speak(settings, to, words)
    except (ChannelError, Unreadable) as error:
        log.info("the bot of channel %s could not answer: %s", channel_id, error.words)
