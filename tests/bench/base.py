"""The base that is measured: loaded once, and again when it is another size or the tables have changed."""

from __future__ import annotations

import time

import psycopg
from flask import Flask
from flask_migrate import upgrade
from psycopg import sql
from sqlalchemy import func, select

from app import create_app
from app.cli import install
from app.demo import bulk
from config import ROOT, Config
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.settings import Setting

MARK = "bench"


def stamp() -> str:
    """What the base was made by: another one is made when the migration or the loader is another."""
    import hashlib

    files = [*(ROOT / "models/migrations/versions").glob("*.py"), *(ROOT / "app/demo/bulk").glob("*.py")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files))).hexdigest()[:16]


def prepared(config: Config, deals: int) -> Flask:
    """The application over a base of so many deals."""
    app = create_app(config)
    with app.app_context():
        if not _is_good(deals):
            _make(config, deals)
    return app


def _is_good(deals: int) -> bool:
    try:
        with acting_as(SYSTEM) as session:
            known = session.get(Setting, MARK)
            return known is not None and known.value == {"deals": deals, "stamp": stamp()}
    except Exception:  # noqa: BLE001 (an empty database, an old one, none at all: it is made anew)
        return False


def _make(config: Config, deals: int) -> None:
    db.session.remove()
    db.engine.dispose()
    _empty(config)
    upgrade()
    install()
    began = time.monotonic()
    with acting_as(SYSTEM) as session:
        bulk.load(deals=deals)
        seconds = time.monotonic() - began
        session.add(Setting(key=MARK, value={"deals": deals, "stamp": stamp()}))
        session.commit()
        count = session.execute(select(func.count(Deal.id))).scalar_one()
    print(f"{count:,} deals loaded in {seconds:.0f} s")


def _empty(config: Config) -> None:
    name = sql.Identifier("voronka")
    address = config.libpq_url.replace("/voronka?", "/postgres?")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
