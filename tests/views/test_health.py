"""GET /health: 503 when nothing can be kept, "degraded" when only what runs later is held up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, queue
from config import Config
from models.ground.base import db

NOWHERE = "/nonexistent"


@pytest.fixture
def elsewhere(settings: Config) -> Iterator[Callable[..., FlaskClient]]:
    """The same application with a server that is not there."""
    made: list[Flask] = []

    def client(**changed: Any) -> FlaskClient:
        made.append(create_app(replace(settings, **changed)))
        return made[-1].test_client()

    yield client
    for app in made:
        with app.app_context():
            db.engine.dispose()
            queue.queue_state().redis.close()


def test_without_workers_and_scheduler_it_is_degraded(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json
    assert (answer.json["status"], answer.json["database"], answer.json["queue"]) == ("degraded", "ok", "ok")
    assert (answer.json["workers"], answer.json["scheduler"]) == (0, "away")


def test_nobody_has_to_sign_in_to_ask(client: FlaskClient) -> None:
    assert client.get("/health").content_type == "application/json"


def test_without_redis_it_is_degraded(elsewhere: Callable[..., FlaskClient], app: Flask) -> None:
    answer = elsewhere(REDIS_URL=f"unix://{NOWHERE}/redis.sock").get("/health")
    assert answer.status_code == 200
    assert answer.json
    assert (answer.json["status"], answer.json["queue"], answer.json["workers"]) == ("degraded", "away", 0)


def test_without_the_database_it_is_down(elsewhere: Callable[..., FlaskClient]) -> None:
    answer = elsewhere(DATABASE_URL=f"postgresql://postgres@/voronka?host={NOWHERE}").get("/health")
    assert answer.status_code == 503
    assert answer.json
    assert (answer.json["status"], answer.json["database"]) == ("down", "away")


def test_with_a_migration_missing_it_is_down(client: FlaskClient, broom: psycopg.Connection) -> None:
    broom.execute("UPDATE alembic_version SET version_num = 'older'")
    broom.commit()
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json
    assert answer.json["database"] == "migrations missing"
