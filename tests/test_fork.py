"""Forked workers: none inherits a connection of the factory's, so none reads the rows of another's query."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from app import create_app
from config import Config
from models.ground.base import db

SCRIPT = """
import json, os, sys
from sqlalchemy import text
from app import create_app
from config import Config
from models.ground.base import db

app = create_app(Config.from_env())

def backend():
    with app.app_context():
        pids = {db.session.execute(text("SELECT pg_backend_pid()")).scalar() for _turn in range(20)}
    return sorted(pids)

if sys.argv[1] == "used":
    backend()
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    if sys.argv[1] == "used":
        with app.app_context():
            db.engine.dispose(close=False)
    os.write(writing, json.dumps(backend()).encode())
    os._exit(0)
mine = backend()
os.waitpid(child, 0)
print(json.dumps({"mine": mine, "its": json.loads(os.read(reading, 1000))}))
"""


def test_the_factory_leaves_no_connection_open(settings: Config, application: Flask) -> None:
    app = create_app(settings)
    with app.app_context():
        assert db.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
        assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", ["fresh", "used"])
def test_parent_and_child_have_connections_of_their_own(
    settings: Config, application: Flask, here: Path, state: str
) -> None:
    environ = {**os.environ, **settings.to_env()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, state], cwd=here, env=environ, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert set(found["mine"]).isdisjoint(found["its"])


def test_gunicorn_drops_them_after_every_fork(
    settings: Config, application: Flask, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("gunicorn_conf", here / "gunicorn.conf.py")
    assert spec
    assert spec.loader
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)
    app = create_app(settings)
    with app.app_context():
        with db.engine.connect() as connection:
            left_to_the_parent = connection.connection.driver_connection
        assert db.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
    conf.post_fork(SimpleNamespace(app=SimpleNamespace(wsgi=lambda: app)), None)
    with app.app_context():
        assert db.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    assert left_to_the_parent
    left_to_the_parent.close()
    assert conf.preload_app
