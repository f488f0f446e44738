"""Housekeeping: partitions of the history ahead of time, the trash after its days, old marks of events."""

import datetime as dt

from sqlalchemy import delete, inspect, text

from app.queue import job
from app.services import trash
from models.ground.base import db, utcnow
from models.ground.history import HandlerRun
from models.lowcode.rules import RuleRun

MONTHS_AHEAD = 3
MARKS_KEPT, RUNS_KEPT = dt.timedelta(days=90), dt.timedelta(days=365)


@job()
def partitions() -> None:
    """The table of changes has a partition for this month and the next ones; each is made once."""
    month = utcnow().date().replace(day=1)
    for _ahead in range(MONTHS_AHEAD + 1):
        after = (month + dt.timedelta(days=32)).replace(day=1)
        _partition(month, after)
        month = after


def _partition(month: dt.date, after: dt.date) -> None:
    name = f"change_{month:%Y_%m}"
    connection = db.session.connection()
    if inspect(connection).has_table(name):
        return
    # Rows that came before their partition lie in the rest; PostgreSQL refuses a partition beside them.
    span = f"at >= '{month}' AND at < '{after}'"
    steps = (
        f"CREATE TABLE {name} (LIKE change INCLUDING ALL)",
        f"INSERT INTO {name} SELECT * FROM change_rest WHERE {span}",  # noqa: S608 (our own words)
        f"DELETE FROM change_rest WHERE {span}",  # noqa: S608
        f"ALTER TABLE change ATTACH PARTITION {name} FOR VALUES FROM ('{month}') TO ('{after}')",
    )
    for step in steps:
        connection.execute(text(step))


@job(timeout=600)
def empty_trash() -> None:
    """What has lain in the trash for its days is gone for good."""
    trash.forget()


@job(timeout=600)
def forget_marks() -> None:
    """Marks that a rule has seen an event are of use only while the event may be handled again."""
    now = utcnow()
    for old in (
        delete(HandlerRun).where(HandlerRun.at < now - MARKS_KEPT),
        delete(RuleRun).where(RuleRun.at < now - RUNS_KEPT),
    ):
        db.session.execute(old.execution_options(synchronize_session=False))
