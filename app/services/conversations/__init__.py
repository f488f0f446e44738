"""Verbs of a conversation: what came in arrives, somebody of ours says something, messages leave at most once."""

from app.services.conversations.arrivals import Arrived, arrive
from app.services.conversations.fetching import fetch
from app.services.conversations.presses import pressed
from app.services.conversations.saying import Way, did_arrive, no_answer_needed, say, send_again, settle, ways
from app.services.conversations.sending import carry, held_reason, may_leave

__all__ = [
    "Arrived", "Way", "arrive", "carry", "did_arrive", "fetch", "held_reason", "may_leave", "no_answer_needed",
    "pressed", "say", "send_again", "settle", "ways",
]  # fmt: skip
