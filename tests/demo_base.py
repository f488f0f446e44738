"""The application over a base of its own that holds the demo company: read by tests, changed by none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask
from flask_migrate import upgrade

from app import create_app, queue
from app.cli import install
from config import Config
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from tests import servers


@contextmanager
def base_of_its_own(settings: Config, name: str) -> Iterator[Flask]:
    """An installed base in which nobody works yet, dropped from memory at the end."""
    app = create_app(replace(settings, DATABASE_URL=servers.make_database(name), DEMO=True))
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade()
        install()
    yield app
    with app.app_context():
        db.engine.dispose()
        queue.queue_state().redis.close()


def load(app: Flask) -> None:
    """The demo company, as `flask crm demo` brings it."""
    from app.demo import company

    with app.app_context(), acting_as(SYSTEM) as session:
        company.load()
        session.commit()
