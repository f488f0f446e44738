"""A bot that is called, the worker behind it, and Anna, whose lead just wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.leads import Lead, LeadState
from models.staff import Person
from tests.bot_api import HEADER, WORD, BotApi, bot_api, bot_channel, update
from tests.talks import HOOK, System

__all__ = ["bot_api"]


@pytest.fixture
def channel(system: System, bot_api: BotApi) -> int:
    with system() as session:
        return bot_channel(session, bot_api).id


@pytest.fixture
def tell(channel: int, client: FlaskClient, worker: Callable[[], None]) -> Callable[..., None]:
    """Telegram calls us with these updates, in this order; then the worker does what there is."""

    def send(*updates: dict[str, Any]) -> None:
        for body in updates:
            assert client.post(HOOK, json=body, headers={HEADER: WORD}).status_code == 200
        worker()

    return send


@pytest.fixture
def anna(tell: Any, login: Any, system: System) -> FlaskClient:
    """Anna, whose lead just wrote."""
    tell(update(1, "Сколько стоит окно?"))
    with system() as session:
        lead = session.execute(select(Lead)).scalar_one()
        lead.owner_id = session.execute(select(Person.id).where(Person.username == "anna")).scalar_one()
        lead.state = LeadState.TAKEN
    browser: FlaskClient = login("anna")
    return browser
