"""What is wrong with a channel now, since when, and whom it was told to."""

import datetime as dt

from models.channels import Channel
from models.ground.base import db, utcnow
from models.ground.history import record

# A provider that is away for a moment is nobody's business; one that stays away is the administrator's.
PATIENCE = dt.timedelta(minutes=10)
TOLD = "troubled_at"


def trouble(channel: Channel, words: str, *, at_once: bool = False) -> None:
    """Note what is wrong, in a kept sentence; people hear of it when it lasts, or at once when it will not pass."""
    now = utcnow()
    channel.trouble = words
    channel.trouble_at = channel.trouble_at or now
    lasts = at_once or now - channel.trouble_at >= PATIENCE
    if lasts and channel.active and not channel.cursor.get(TOLD):
        channel.cursor = {**channel.cursor, TOLD: now.isoformat()}
        record("channel.troubled", channel, words=words)
    db.session.flush()


def clear_trouble(channel: Channel) -> None:
    """It works again."""
    if channel.trouble or TOLD in channel.cursor:
        channel.trouble, channel.trouble_at = "", None
        channel.cursor = {name: value for name, value in channel.cursor.items() if name != TOLD}
        db.session.flush()
