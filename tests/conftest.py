"""What every test may ask for: an application with real servers, the cast, clients, letters, a worker."""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app, queue, rights, sessions
from app.install import install
from app.security import hash_password
from app.worker import work
from config import Config
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.staff import Person
from tests import servers
from tests.cast import PASSWORD, enter

KEY = pytest.StashKey[servers.Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run starts the servers; its workers find them by the environment."""
    if servers.WHERE not in os.environ and not config.option.collectonly:
        config.stash[KEY] = servers.Servers.started()


def pytest_unconfigure(config: pytest.Config) -> None:
    if KEY in config.stash:
        config.stash[KEY].stop()


def worker_number() -> int:
    """0 when alone, else the number of the xdist worker, from 1."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Settings of the tests: a database and a Redis of this worker's own, nothing sent anywhere."""
    var = tmp_path_factory.mktemp("var")
    number = worker_number()
    return Config(
        VAR=var,
        DEMO=False,
        DATABASE_URL=servers.make_database(f"worker_{number}"),
        REDIS_URL=servers.redis_url(number),
        # One key for all: what is sealed in a database is read in a copy of it.
        SECRET_KEY=hashlib.sha256(os.environ[servers.WHERE].encode()).hexdigest(),
        BASE_URL="http://localhost",
        FILES_URL=(var / "files").as_uri(),
    )


@pytest.fixture(scope="session")
def application(settings: Config) -> Iterator[Flask]:
    """The application, migrated and installed, with the cast in it. Made once; tests ask for `app`."""
    app = create_app(settings)
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade()
        install()
        with acting_as(SYSTEM) as session:
            enter(session, hash_password(PASSWORD))
            session.commit()
    servers.remember(settings.DATABASE_URL)
    yield app
    with app.app_context():
        db.engine.dispose()
        queue.queue_state().redis.close()


@pytest.fixture(scope="session")
def broom(settings: Config, application: Flask) -> Iterator[psycopg.Connection]:
    """The connection that puts everything back between tests."""
    with psycopg.connect(settings.DATABASE_URL) as connection:
        yield connection


@pytest.fixture
def app(application: Flask, broom: psycopg.Connection) -> Iterator[Flask]:
    """The application over a base in which nothing has happened yet: only what is installed, and the cast.

    No application context is open: Flask would reuse it, and one request's person would leak into the next.
    """
    forget(application)
    yield application
    servers.put_back(broom)


def forget(app: Flask) -> None:
    """Empty the queue and what the process remembers of a base that is no more."""
    with app.app_context():
        state = queue.queue_state()
        state.redis.flushdb()
        state.silent_until = 0.0
        rights._remembered.clear()
        app.extensions["limits"].memory.reset()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in; `login(client, "anna")` signs in."""
    return app.test_client()


@pytest.fixture
def login(app: Flask) -> Callable[..., FlaskClient]:
    """`login(client, "anna")`, or `login("anna")` for a browser of her own. Quick: no password is hashed."""

    def enter_as(*who: Any) -> FlaskClient:
        username = who[-1]
        client = who[0] if len(who) == 2 else app.test_client()
        sign_in(app, client, username)
        return client

    return enter_as


def sign_in(app: Flask, client: FlaskClient, username: str) -> None:
    """What the log-in page does after it has checked a password."""
    with app.test_request_context(), acting_as(SYSTEM) as session:
        person = session.execute(select(Person).where(Person.username == username)).scalar_one()
        key = sessions.begin(person)
        session.commit()
        person_id = person.id
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update({sessions.KEY: key, "_user_id": str(person_id), "_fresh": True})
        cookie.permanent = True


@pytest.fixture
def as_system(app: Flask) -> Iterator[Any]:
    """A session that sees and may do everything, open during the whole test: for verbs and rows, not for doors.

    A request would take it for its own; a test that goes through a door lays out its scene by `system`.
    """
    with app.app_context(), acting_as(SYSTEM) as session:
        yield session


@pytest.fixture
def system(app: Flask) -> Callable[[], AbstractContextManager[Any]]:
    """`with system() as session:` the same, closed again before the next request; what was done in it is kept."""

    @contextmanager
    def opened() -> Iterator[Any]:
        with app.app_context(), acting_as(SYSTEM) as session:
            yield session
            session.commit()

    return opened


@pytest.fixture
def csrf(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms ask for their token, as they do outside tests."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`configure(SMTP_URL="…")`: other settings until the end of the test."""

    def change(**settings: Any) -> None:
        monkeypatch.setitem(app.config, "CRM", replace(app.config["CRM"], **settings))
        for name, value in settings.items():
            monkeypatch.setitem(app.config, name, value)

    return change


@pytest.fixture
def worker(app: Flask) -> Callable[[], None]:
    """Do all that waits in the queue, in this process, and come back."""
    def drain() -> None:
        with app.app_context():
            work(burst=True)

    return drain


@dataclass
class Letters:
    """A mail server on loopback, and what it was sent."""

    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)
    refuses: str = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        self.envelopes.append(envelope)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """Those that this address was to get."""
        return [
            letter
            for letter, envelope in zip(self.received, self.envelopes, strict=True)
            if address in envelope.rcpt_tos
        ]


@pytest.fixture
def smtp(configure: Callable[..., None]) -> Iterator[Letters]:
    """A real mail server; the application sends to it."""
    letters = Letters()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    configure(SMTP_URL=f"smtp://127.0.0.1:{port}")
    yield letters
    controller.stop()


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Nothing but this machine can be reached."""
    real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo

    def is_here(host: object) -> bool:
        return host in {None, "", "localhost", "::1", b"localhost"} or str(host).startswith("127.")

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_here(address[0]):
            raise OSError(f"tests reach nobody outside this machine, and this one asked for {address}")
        real_connect(self, address)

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_here(host):
            raise socket.gaierror(f"tests ask no name server, and this one asked for {host}")
        return real_lookup(host, *args, **kwargs)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect)
    patch.setattr(socket, "getaddrinfo", lookup)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def here() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parent.parent
