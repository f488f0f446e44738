"""The database that a command works on: whose servers it stands on, and whether it is one we can live in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from app.embedded import Postgres, Redis
from app.processes import MARK, Failed, hold
from config import Config, secret, socket_dir


@contextmanager
def servers(config: Config) -> Iterator[None]:
    """Those of the running system or the operator's; with neither, our own for as long as a command runs."""
    with ExitStack() as stack:
        if MARK not in os.environ and not os.environ.get("DATABASE_URL", "").strip():
            try:
                stack.enter_context(hold(config.VAR))
            except Failed:
                pass  # somebody runs over this VAR, and his servers serve us too
            else:
                begin(config, stack)
        yield


def begin(config: Config, stack: ExitStack) -> None:
    """Start our own servers; they are stopped when the stack unwinds."""
    sockets = socket_dir(config.VAR)
    postgres = Postgres(config.VAR / "pg", sockets)
    queue = Redis(config.VAR / "redis", sockets, secret(config.VAR, "redis"))
    for server in (postgres, queue):
        # Beside what the command prints, not among it.
        stack.callback(server.stop, server.start(stdout=2))


def check_database(config: Config) -> None:
    """Whether the database at DATABASE_URL is one that we can live in. Raises Failed."""
    try:
        with psycopg.connect(config.libpq_url, connect_timeout=10) as connection:
            trouble = unfit(connection)
    except psycopg.Error as error:
        raise Failed(f"The database of DATABASE_URL does not answer: {error}") from error
    if trouble:
        raise Failed(f"The database of DATABASE_URL {trouble}")


def unfit(connection: psycopg.Connection) -> str | None:
    """What is wrong with a database, and what to do."""
    version = connection.info.server_version // 10000
    if version < 15:
        return f"is PostgreSQL {version}; version 15 or newer is needed."
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        return f"is in {encoding}; create one with ENCODING 'UTF8' TEMPLATE template0."
    (lowered,) = connection.execute("SELECT lower('Ё')").fetchone() or ("",)
    if lowered != "ё":
        return (
            "does not know Russian letters, lower('Ё') is not 'ё'; "
            "create one with LOCALE 'C.UTF-8' or 'ru_RU.UTF-8' TEMPLATE template0."
        )
    return None
