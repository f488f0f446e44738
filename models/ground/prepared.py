"""Plans that are kept: for a page about one row it takes longer to plan the statements than to run them."""

from contextlib import suppress

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from models.ground.base import db

TIMES = 5


def keep_plans() -> None:
    """From here to the end of the transaction, statements asked for the fifth time are prepared, and stay so.

    For pages that ask by keys. Where a statement asks for a stretch of time or a far page of a list, a plan that does
    not know which is many times slower than planning (measured over 1 000 000 deals): those are planned each time.
    """
    driver = db.session.connection().connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        driver.prepare_threshold = TIMES


@event.listens_for(Engine, "connect")
def _keep_none(driver: object, _record: object) -> None:
    if isinstance(driver, psycopg.Connection):
        driver.prepare_threshold = None


@event.listens_for(Engine, "before_cursor_execute")
def _note_writing(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
    if not statement.startswith("SELECT"):
        connection.info["wrote"] = True


@event.listens_for(Engine, "commit")
def _forget_writing(connection: Connection) -> None:
    connection.info.pop("wrote", None)
    _keep_no_more(connection)


@event.listens_for(Engine, "rollback")
def _end_reading(connection: Connection) -> None:
    """End by a commit what has only read: the same to the database, but at a rollback psycopg forgets its plans.

    Every page that only shows ends with a rollback. When the connection is broken, the one that follows says so.
    """
    wrote = connection.info.pop("wrote", False)
    kept = _keep_no_more(connection)
    if kept and not wrote:
        with suppress(psycopg.Error):
            kept.commit()


def _keep_no_more(connection: Connection) -> psycopg.Connection | None:
    """The driver's connection, when it was told to keep plans."""
    driver = None if connection.invalidated else connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection) or driver.prepare_threshold is None:
        return None
    driver.prepare_threshold = None
    return driver
