"""Alembic's environment: our metadata, the application's engine, partitions left alone."""

from typing import Any

from alembic import context
from flask import current_app

from models.ground.base import Model, db


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Partitions of `change` are made by a job, not by the models."""
    return not (kind == "table" and name is not None and name.startswith("change_"))


def run() -> None:
    """Migrate over one connection of the application's own engine."""
    with current_app.app_context(), db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            include_name=include_name,
            compare_type=True,
            # Expand and contract under load: never wait long for a lock (trust.md, 3.3).
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
