"""Bodies that were kept are read again, after a map of fields was mended: what is one lead stays one."""


from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Raw
from app.queue import enqueue_after_commit
from app.sealed import opened
from app.services import works
from app.wording import kept
from models.channels import Channel
from models.ground.base import db
from models.ground.refused import Refused
from models.messages import RawBody, RawState
from models.works import Work

AGAIN = (RawState.FAILED, RawState.READ)
MOST = 10_000
KIND = "channels.read_again"
SEEN = ("name", "phone", "email", "handle", "words", "source", "page", "first_page", "referrer")


def read_again(raw: RawBody) -> RawBody:
    """Try once more to understand a body. What it has become already is completed, not made anew.

    Refuses a button that somebody pressed: it would be done again, in their name and long after.
    """
    if raw.state not in AGAIN:
        raise Refused(_("This body waits to be read, or was refused: there is nothing to read again."))
    if is_press(db.session.get_one(Channel, raw.channel_id), raw):
        raise Refused(_("This is a press of a button: it is acted on once and not read again."))
    raw.state, raw.words = RawState.KEPT, ""
    db.session.flush()
    enqueue_after_commit("app.jobs.inbound.read", raw.id)
    return raw


def is_press(channel: Channel, raw: RawBody) -> bool:
    """Whether the body is a press of a button under an alert."""
    provider = CHANNELS.get(channel.kind)
    if provider is None or raw.state == RawState.REFUSED:
        return False
    try:
        found = provider.parse(Raw(raw.body, raw.content_type, raw.external_id), opened(channel))
    except (ChannelError, Refused):
        return False
    return found.signal is not None and found.signal.kind == "press"


def failed_of(channel: Channel) -> list[int]:
    """The bodies of a channel that nobody understood, the oldest first."""
    rows = select(RawBody.id).where(RawBody.channel_id == channel.id, RawBody.state == RawState.FAILED)
    return list(db.session.execute(rows.order_by(RawBody.id).limit(MOST)).scalars())


def read_all_again(channel: Channel) -> Work:
    """All bodies that nobody understood, one after another in the background. Refuses when there is none."""
    keys = failed_of(channel)
    if not keys:
        raise Refused(_("All bodies of this channel were understood."))
    title = kept("Bodies of the channel “%(name)s” are read again", name=channel.name)
    return works.begin(KIND, title, {"keys": keys}, total=len(keys), url=f"/channels/{channel.id}/bodies/")


def seen_now(channel: Channel, raw: RawBody) -> list[tuple[str, str]]:
    """How a body is understood with the settings of now, without doing anything: names of fields with their values.

    What cannot be understood is one line without a name.
    """
    provider = CHANNELS.get(channel.kind)
    if provider is None or raw.state == RawState.REFUSED:
        return []
    try:
        found = provider.parse(Raw(raw.body, raw.content_type, raw.external_id), opened(channel))
    except (ChannelError, Refused) as trouble:
        return [("", trouble.words)]
    lines = [(field, str(getattr(found, field))) for field in SEEN if getattr(found, field)]
    marks = [(f"utm_{name}", value) for name, value in found.utm.items()]
    return [*lines, *marks, *found.extra.items()]
