"""The Bot API of the tests, and their mailbox."""

from tests.bot_api import bot_api
from tests.letters import box, channel, post

__all__ = ["bot_api", "box", "channel", "post"]
