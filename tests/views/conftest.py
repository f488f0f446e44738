"""What the tests of doors share: an application with probes among its views, and deals to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Config
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.base import db, utcnow
from models.lowcode.funnels import Stage
from tests.conftest import sign_in
from tests.scene import person
from tests.views import probes

System = Callable[[], Any]
FEW, MANY = 20, 130
CANARY = "canary@client.test"


@pytest.fixture(scope="session")
def probing(settings: Config, application: Flask) -> Iterator[Flask]:
    """The application with the probes among its views; made once."""
    made = probes.probing(settings)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def enter(app: Flask, probing: Flask) -> Callable[[str], FlaskClient]:
    """A browser at the probes in which one of the cast is signed in."""

    def enter_as(username: str) -> FlaskClient:
        client = probing.test_client()
        sign_in(probing, client, username)
        return client

    return enter_as


@pytest.fixture
def deals(app: Flask, system: System) -> dict[str, list[int]]:
    """A few deals of Anna and of Oleg in turn, each with a client and a phone; ids by their owner."""
    with system() as session:
        return lay_out(session, FEW)


@pytest.fixture
def many(app: Flask, system: System) -> dict[str, list[int]]:
    """More of them than fit on a page."""
    with system() as session:
        return lay_out(session, MANY)


def lay_out(session: Session, count: int) -> dict[str, list[int]]:
    stage = session.execute(select(Stage).order_by(Stage.id)).scalars().first()
    assert stage is not None
    owners = {name: person(session, name).id for name in ("anna", "oleg")}
    clients = [
        Client(
            name=f"Клиент {number:03}", owner_id=owners[("anna", "oleg")[number % 2]],
            contacts=[ContactPoint(kind="phone", value=f"+7999{number:07}")],
        )
        for number in range(count)
    ]  # fmt: skip
    session.add_all(clients)
    session.flush()
    made = [
        Deal(
            number=2000 + number, title=f"Сделка {('anna', 'oleg')[number % 2]} {number:03}", client_id=client.id,
            owner_id=client.owner_id, funnel_id=stage.funnel_id, stage_id=stage.id, stage_since=utcnow(),
            amount=number * 10,
        )
        for number, client in enumerate(clients)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return {name: [deal.id for deal in made if deal.owner_id == key] for name, key in owners.items()}
