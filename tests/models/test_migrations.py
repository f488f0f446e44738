"""The migrations make exactly the tables that the models describe, and can be undone."""

from __future__ import annotations

from dataclasses import replace

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app import create_app
from config import Config
from models.ground.base import Model, db
from tests import servers


def is_ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Partitions of `change` are made by a job, not by the models."""
    return not (kind == "table" and (name or "").startswith(("change_", "alembic_")))


def test_nothing_differs_between_migrations_and_models(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Model.metadata) == []


def test_they_go_down_and_up_again(settings: Config) -> None:
    name = f"down_{settings.DATABASE_URL.partition('worker_')[2][0]}"
    app = create_app(replace(settings, DATABASE_URL=servers.make_database(name)))
    with app.app_context():
        upgrade()
        made = set(inspect(db.engine).get_table_names())
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        upgrade()
        assert set(inspect(db.engine).get_table_names()) == made
        db.engine.dispose()
