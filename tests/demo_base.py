"""The application over a base of its own, and over one that holds the demo company."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask
from flask_migrate import upgrade

from app import create_app, queue
from app.cli import install
from app.worker import work
from config import Config
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from tests import servers


@contextmanager
def base_of_its_own(settings: Config, name: str) -> Iterator[Flask]:
    """An installed base in which nobody works yet, dropped from memory at the end."""
    with _over(settings, servers.make_database(name)) as app:
        with app.app_context():
            upgrade()
            install()
        yield app


@contextmanager
def demo_company(settings: Config, name: str) -> Iterator[Flask]:
    """The demo company in a base of its own: loaded once in a run, copied for whoever asks.

    Its timers are counted from the loading, so what stands a minute from its target is late in a copy. What waited
    in the queue is done, but for papers: twenty of them take longer than the rest of the company.
    """
    files = servers.folder() / "files"

    def fill(template: str) -> None:
        with base_of_its_own(replace(settings, FILES_URL=files.as_uri()), template) as app:
            load(app)
            with app.app_context():
                queue.queue_state().redis.delete(f"rq:queue:{queue.PAPERS}")
                work(burst=True)

    servers.make_template("company", fill)
    own = settings.VAR / "files"
    shutil.copytree(files, own, dirs_exist_ok=True)
    with _over(replace(settings, FILES_URL=own.as_uri()), servers.make_database(name, "company")) as app:
        yield app


@contextmanager
def _over(settings: Config, url: str) -> Iterator[Flask]:
    app = create_app(replace(settings, DATABASE_URL=url, DEMO=True))
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
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
