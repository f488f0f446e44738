"""Fills whole tables by COPY: indexes and foreign keys step aside, and come back built and checked at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from psycopg import sql

# Foreign keys of and to the tables. Those of partitions follow their parent's.
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conparentid = 0
      AND (conrelid = ANY(%(tables)s::regclass[]) OR confrelid = ANY(%(tables)s::regclass[]))
    ORDER BY conrelid::regclass::text, conname"""
UNIQUES = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'u' AND conrelid = ANY(%(tables)s::regclass[]) ORDER BY 1, 2"""
INDEXES = """
    SELECT indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index
    WHERE indrelid = ANY(%(tables)s::regclass[])
      AND indexrelid NOT IN (SELECT conindid FROM pg_constraint WHERE conindid <> 0)
    ORDER BY 1"""


@contextmanager
def bare(connection: Any, tables: Sequence[str]) -> Iterator[None]:
    """Inside, the tables have only their primary keys; at the end the database checks every row at once.

    The names and definitions are the database's own, so this knows nothing of the models.
    """
    asked = {"tables": list(tables)}
    constraints = [*connection.execute(FOREIGN_KEYS, asked), *connection.execute(UNIQUES, asked)]
    indexes = list(connection.execute(INDEXES, asked))
    for table, name, _definition in constraints:
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        connection.execute(definition)
    # Unique constraints stand before the foreign keys in need of them.
    for table, name, definition in reversed(constraints):
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


class Writer:
    """Sends lines to the tables on a thread of its own, so that the next ones are made meanwhile."""

    def __init__(self, connection: Any, columns: dict[str, str], *, is_new: bool = True) -> None:
        """`is_new` says that the tables were made empty in this very transaction."""
        self.connection = connection
        self.columns = columns
        self.is_new = is_new
        self.thread = ThreadPoolExecutor(1)
        self.under_way: Future[None] | None = None

    def write(self, lines: dict[str, list[str]]) -> None:
        """Send what was made, after what was sent before. Raises what that met."""
        self.wait()
        self.under_way = self.thread.submit(self._copy, lines)

    def wait(self) -> None:
        """Come back when all is sent."""
        if self.under_way:
            self.under_way.result()
            self.under_way = None

    def close(self) -> None:
        self.wait()
        self.thread.shutdown()

    def _copy(self, lines: dict[str, list[str]]) -> None:
        with self.connection.cursor() as cursor:
            for table in self.columns:
                names = sql.SQL(", ").join(map(sql.Identifier, self.columns[table].split()))
                # Rows that nobody can have missed are frozen: no vacuum has to come back to them.
                freeze = sql.SQL("(FREEZE)" if self.is_new and table != "change" else "")
                order = sql.SQL("COPY {} ({}) FROM STDIN {}").format(sql.Identifier(table), names, freeze)
                with cursor.copy(order) as copy:
                    copy.write("".join(lines.get(table, ())))


def truncate(connection: Any, tables: Sequence[str]) -> None:
    """Begin the empty tables anew inside this transaction, which is what lets COPY freeze and skip the log."""
    connection.execute(f"TRUNCATE {', '.join(tables)}")


def last_ids(connection: Any, tables: Sequence[str]) -> dict[str, int]:
    """The greatest id of each table, 0 of an empty one."""
    largest = sql.SQL("SELECT coalesce(max(id), 0) FROM {}")
    asked = {table: largest.format(sql.Identifier(table)) for table in tables}
    return {table: connection.execute(statement).fetchone()[0] for table, statement in asked.items()}


def restart(connection: Any, ids: dict[str, int]) -> None:
    """Let each table's sequence go on after the last id that was copied."""
    for table, last in ids.items():
        if table == "change":
            connection.execute("SELECT setval('change_id_seq', %s)", (max(last, 1),))
        else:
            connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, max(last, 1)))


def partition(connection: Any, months: Sequence[tuple[str, str, str]]) -> None:
    """Give months of history tables of their own: (suffix, first day, first day of the next).

    A month that has rows already stays where they lie.
    """
    for suffix, first, following in months:
        held = "SELECT 1 FROM change_rest WHERE at >= %s AND at < %s LIMIT 1"
        if connection.execute(held, (first, following)).fetchone():
            continue
        bounds = f"FROM ('{first}') TO ('{following}')"
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS change_{suffix} PARTITION OF change FOR VALUES {bounds}"
        )
