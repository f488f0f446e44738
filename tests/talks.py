"""Conversations in tests: rows as they are now, what somebody says from a card, time that passes for deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.queue import enqueue_after_commit
from models.ground.base import utcnow
from models.messages import Conversation
from models.notices import Delivery, DeliveryState

HOOK = "/hooks/telegram/hook-of-the-bot"
System = Callable[[], Any]


def all_of(system: System, kind: Any) -> list[Any]:
    with system() as session:
        rows = list(session.execute(select(kind).order_by(kind.id)).scalars())
        session.expunge_all()
        return rows


def one(system: System, kind: Any) -> Any:
    (row,) = all_of(system, kind)
    return row


def say(browser: FlaskClient, place: str, words: str, **more: Any) -> Any:
    talk = more.pop("way", "")
    return browser.post(f"/conversations/{place}/say", data={"words": words, "way": talk, **more}, headers={"HX-Request": "true"})


def way(system: System) -> str:
    return f"c{one(system, Conversation).id}"


def hurry(system: System) -> None:
    """Let the time pass that deliveries wait for."""
    with system() as session:
        for delivery in session.execute(select(Delivery).where(Delivery.message_id.is_not(None))).scalars():
            delivery.next_try_at = utcnow() - dt.timedelta(seconds=1)
            delivery.lease_until = utcnow() - dt.timedelta(seconds=1) if delivery.lease_until else None


def deliver_all(system: System) -> None:
    """Ring for everything that has not ended, as the sweep does."""
    with system() as session:
        waits = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
        for key in session.execute(select(Delivery.id).where(waits).order_by(Delivery.id)).scalars():
            enqueue_after_commit("app.jobs.outbound.deliver", key)
        session.execute(select(func.now()))
