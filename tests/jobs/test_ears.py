"""Channels that ask: threads beside the scheduler keep what came, outlive every fault, and end within a second."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.inbound import ChannelError, Pulled, Raw
from app.jobs import ears as module
from app.jobs.ears import Ears, listening
from app.sealed import seal
from app.services import channels as verbs
from app.services.channels import connecting
from models.channels import Channel
from models.ground.base import utcnow
from models.messages import RawBody
from tests.bot_api import BOT_TOKEN, BotApi, bot_api, bot_channel, update

__all__ = ["bot_api"]
System = Callable[[], Any]


@pytest.fixture
def channel(system: System, bot_api: BotApi) -> int:
    with system() as session:
        return bot_channel(session, bot_api, settings={"mode": "polling"}).id


@pytest.fixture
def ears(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    monkeypatch.setattr(module, "ROUND", 0.05)
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    with app.app_context():
        own = Ears()
        own.start()
    yield own
    own.stop()


def eventually(what: Callable[[], Any], seconds: float = 10) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def numbers(system: System) -> list[str | None]:
    with system() as session:
        return list(session.execute(select(RawBody.external_id).order_by(RawBody.id)).scalars())


def now(system: System, key: int) -> Channel:
    with system() as session:
        row: Channel = session.get_one(Channel, key)
        session.expunge_all()
        return row


def test_what_waits_for_the_bot_is_kept_once_and_becomes_a_lead(
    channel: int, ears: Ears, system: System, bot_api: BotApi
) -> None:
    bot_api.push(update(10), update(11, "Ещё"))
    eventually(lambda: len(numbers(system)) == 2)
    bot_api.push(update(12, "И ещё"))
    eventually(lambda: len(numbers(system)) == 3)
    assert numbers(system) == ["10/444555666/10", "11/444555666/11", "12/444555666/12"]
    cursor = now(system, channel).cursor
    assert (cursor["offset"], cursor["offset_of"]) == (13, "777000111")
    assert cursor[module.HEARD]


def test_it_ends_within_a_second_in_the_middle_of_a_long_question(
    channel: int, app: Flask, bot_api: BotApi
) -> None:
    with app.app_context():
        own = Ears()
        own.start()
    eventually(lambda: bot_api.of("getUpdates"))
    began = time.monotonic()
    own.stop()
    assert time.monotonic() - began < 1
    eventually(lambda: not [one for one in threading.enumerate() if one.name.startswith("ear")], 2)


def test_a_fault_of_the_provider_is_said_and_goes_away_by_itself(
    channel: int, ears: Ears, system: System, bot_api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = CHANNELS["telegram"].pull, threading.Event()  # type: ignore[attr-defined]
    broken.set()

    def pull(settings: Any, cursor: Any, wait: Any) -> Pulled:
        if broken.is_set():
            raise ChannelError("Telegram is away.")
        return real(settings, cursor, wait)

    monkeypatch.setattr(CHANNELS["telegram"], "pull", pull)
    eventually(lambda: now(system, channel).trouble == "Telegram is away.")
    assert now(system, channel).trouble_at is not None
    broken.clear()
    bot_api.push(update(10))
    eventually(lambda: numbers(system))
    assert now(system, channel).trouble == ""


def test_even_a_mistake_in_a_provider_ends_no_thread(
    channel: int, ears: Ears, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def pull(_settings: Any, _cursor: Any, _wait: Any) -> Pulled:
        calls.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(CHANNELS["telegram"], "pull", pull)
    eventually(lambda: len(calls) > 2)
    assert "ZeroDivisionError" in now(system, channel).trouble


def test_what_is_asked_for_twice_is_kept_once(channel: int, ears: Ears, system: System, monkeypatch: Any) -> None:
    body = Raw(b'{"update_id": 5, "message": {"message_id": 7, "chat": {"id": 1}}}', "application/json")
    times = []

    def pull(_settings: Any, _cursor: Any, _wait: Any) -> Pulled:
        times.append(1)
        time.sleep(0.02)
        return Pulled((body, body), {"offset": 6})

    monkeypatch.setattr(CHANNELS["telegram"], "pull", pull)
    eventually(lambda: len(times) > 5)
    assert numbers(system) == ["5/1/7"]


def test_of_two_schedulers_one_listens_and_the_other_takes_over(
    channel: int, ears: Ears, app: Flask, system: System, bot_api: BotApi
) -> None:
    eventually(lambda: ears.ears)
    with app.app_context():
        second = Ears()
        second.start()
    time.sleep(0.3)
    assert second.ears == {}
    ears.stop()
    bot_api.push(update(10))
    eventually(lambda: numbers(system))
    second.stop()


def test_a_channel_switched_off_or_changed_is_heard_of_at_once(
    channel: int, ears: Ears, app: Flask, system: System, bot_api: BotApi
) -> None:
    eventually(lambda: ears.ears)
    first = ears.ears[channel]
    with system() as session:
        session.get_one(Channel, channel).secrets = seal({"token": BOT_TOKEN, "hook_secret": "another"})
    eventually(lambda: channel in ears.ears and ears.ears[channel] is not first)
    with system() as session:
        session.get_one(Channel, channel).active = False
    eventually(lambda: not ears.ears)


def test_channels_that_are_called_or_whose_secret_is_lost_are_not_asked(system: System, app: Flask, bot_api: BotApi) -> None:
    with system() as session:
        bot_channel(session, bot_api, token="called")
        lost = bot_channel(session, bot_api, token="lost", settings={"mode": "polling"})
        lost.secrets = "gAAAA" + lost.secrets[5:20]
        key = lost.id
    with app.app_context():
        assert listening() == {}
    assert "SECRET_KEY" in now(system, key).trouble


class TestConnecting:
    def test_a_saved_token_is_told_to_telegram_and_the_state_is_kept(
        self, system: System, worker: Callable[[], None], bot_api: BotApi
    ) -> None:
        with system():
            given = {"settings": {"token": BOT_TOKEN, "api": bot_api.url, "mode": "polling"}}
            key = verbs.create("telegram", "Бот", given).id
        worker()
        state = now(system, key).cursor["state"]
        assert (state["bot"], state["mode"]) == ("okna_crm_bot", "polling")
        with system() as session:
            verbs.change(session.get_one(Channel, key), {"settings": {"mode": "webhook"}})
        worker()
        assert bot_api.webhook["url"].endswith(f"/hooks/telegram/{now(system, key).token}")
        assert now(system, key).cursor["state"]["mode"] == "webhook"
        with system() as session:
            assert "hook_secret" in verbs.given_secrets(session.get_one(Channel, key))

    def test_a_wrong_token_is_a_trouble_in_words(self, system: System, worker: Callable[[], None], bot_api: BotApi) -> None:
        with system():
            given = {"settings": {"token": "1234567:" + "A" * 30, "api": bot_api.url}}
            key = verbs.create("telegram", "Бот", given).id
        worker()
        assert "token" in now(system, key).trouble

    def test_what_could_not_be_told_is_told_later(
        self, system: System, app: Flask, worker: Callable[[], None], bot_api: BotApi
    ) -> None:
        with system() as session:
            away = bot_channel(session, None)
            key = away.id
        with app.app_context():
            from app.jobs import channels as jobs

            jobs.connect_all()
        worker()
        assert now(system, key).cursor.get("state") is None
        assert "Telegram" in now(system, key).trouble
        with system() as session:
            row = session.get_one(Channel, key)
            row.settings = {**row.settings, "api": bot_api.url}
        with app.app_context():
            jobs.connect_all()
        worker()
        assert now(system, key).cursor["state"]["mode"] == "webhook"
        assert now(system, key).trouble == ""

    def test_asking_how_it_is_answers_on_the_screen(self, system: System, worker: Callable[[], None], bot_api: BotApi) -> None:
        with system() as session:
            key = bot_channel(session, bot_api).id
        with system() as session:
            connecting.ask_check(session.get_one(Channel, key))
        worker()
        cursor = now(system, key).cursor
        assert cursor[connecting.CHECKED] >= cursor[connecting.ASKED]
        assert cursor["state"]["bot"] == "okna_crm_bot"
        assert dt.datetime.fromisoformat(cursor[connecting.CHECKED]) <= utcnow()
