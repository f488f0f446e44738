"""How the connection of a bot is, on its channel's card: asked for, waited for, told in words; for the administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.bot_api import BotApi, bot_api, bot_channel

__all__ = ["bot_api"]


@pytest.fixture
def channel(system: Callable[[], Any], bot_api: BotApi) -> int:
    with system() as session:
        return bot_channel(session, bot_api).id


def test_it_waits_for_the_answer_and_then_says_it(
    channel: int, login: Callable[..., FlaskClient], worker: Callable[[], None], bot_api: BotApi
) -> None:
    admin = login("admin")
    assert "okna_crm_bot" not in admin.get(f"/channels/{channel}/state").get_data(as_text=True)
    admin.post(f"/channels/{channel}/check")
    assert 'hx-trigger="every 2s"' in admin.get(f"/channels/{channel}/state").get_data(as_text=True)
    worker()
    shown = admin.get(f"/channels/{channel}/state").get_data(as_text=True)
    assert "@okna_crm_bot" in shown
    assert "hx-trigger" not in shown


def test_a_no_of_telegram_is_told_in_words_and_never_with_the_token(
    channel: int, login: Callable[..., FlaskClient], worker: Callable[[], None], bot_api: BotApi
) -> None:
    bot_api.refuse(401, "Unauthorized")
    admin = login("admin")
    admin.post(f"/channels/{channel}/check")
    worker()
    card = admin.get(f"/channels/{channel}").get_data(as_text=True)
    assert "BotFather" in card
    assert "AAtests" not in card
    assert "AAtests" not in admin.get("/channels/").get_data(as_text=True)


def test_nobody_else_sees_or_asks(channel: int, login: Callable[..., FlaskClient]) -> None:
    for who in ("anna", "director", "nina"):
        assert login(who).get(f"/channels/{channel}/state").status_code == 403
        assert login(who).post(f"/channels/{channel}/check").status_code == 403
    assert login("admin").get("/channels/99999999999/state").status_code == 404
