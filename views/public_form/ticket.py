"""The hidden ticket of a form that anybody may fill in: signed, with its moment and a number of its own."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

# A page left open for a week may still be sent.
LASTS = 7 * 24 * 3600


@dataclass(frozen=True)
class Ticket:
    """`number` makes a form that is sent twice one delivery; `at` in seconds since 1970."""

    number: str
    at: float

    @property
    def age(self) -> float:
        """Seconds since the page was given."""
        return time.time() - self.at


def give(channel_id: int, back_dated: float = 0.0) -> str:
    """A fresh one; `back_dated` seconds older for somebody who has filled the form in already."""
    return _signer(channel_id).dumps([secrets.token_urlsafe(12), round(time.time() - back_dated, 1)])


def read(channel_id: int, text: str) -> Ticket | None:
    """The ticket of this form; None when it is not ours, of another form, or too old."""
    try:
        number, at = _signer(channel_id).loads(text)
        ticket = Ticket(str(number), float(at))
    except (BadData, ValueError, TypeError):
        return None
    return ticket if -60 <= ticket.age <= LASTS else None


def _signer(channel_id: int) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"public form {channel_id}")
