"""The Bot API of the tests."""

from tests.bot_api import bot_api

__all__ = ["bot_api"]
