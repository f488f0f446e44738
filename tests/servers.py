"""One PostgreSQL and one Redis for a whole run of tests, a database for each worker, and a quick way back.

The first process of a run starts the servers and stops them at its end; if it is killed, they die with it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from urllib.parse import quote

import psycopg
from psycopg import sql

from app.embedded import Postgres, Redis, Server

# How the workers of xdist learn where the servers of their run are.
WHERE = "VORONKA_TEST_SERVERS"
PASSWORD = "known to tests only".replace(" ", "-")


@dataclass
class Servers:
    """The two servers of one run, in a folder that goes away with them."""

    folder: Path
    running: list[tuple[Server, Popen[bytes]]] = field(default_factory=list)

    @classmethod
    def started(cls) -> Servers:
        """Start both and tell the workers."""
        servers = cls(Path(tempfile.mkdtemp(prefix="voronka-test-")))
        sockets = servers.folder / "s"
        postgres = Postgres(servers.folder / "pg", sockets, durable=False)
        redis = Redis(servers.folder / "redis", sockets, PASSWORD)
        with (servers.folder / "servers.log").open("wb") as words:
            for server in (postgres, redis):
                servers.running.append((server, server.start(stdout=words, stderr=words)))
        os.environ[WHERE] = str(servers.folder)
        return servers

    def stop(self) -> None:
        """Stop both and leave nothing."""
        os.environ.pop(WHERE, None)
        for server, process in reversed(self.running):
            server.stop(process, seconds=5)
        shutil.rmtree(self.folder, ignore_errors=True)


def database_url(name: str) -> str:
    """Address of a database of this run."""
    sockets = quote(os.environ[WHERE] + "/s", safe="/")
    return f"postgresql://postgres@/{name}?host={sockets}&port=5432"


def folder() -> Path:
    """What the processes of this run share; it goes away with its servers."""
    return Path(os.environ[WHERE])


def redis_url(number: int) -> str:
    """Address of a numbered database of this run's Redis."""
    return f"unix://:{PASSWORD}@{os.environ[WHERE]}/s/redis.sock?db={number}"


def make_database(name: str, template: str = "template1") -> str:
    """Make a database of this name anew, as the template is, and return its address."""
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template))))
    return database_url(name)


def make_template(name: str, fill: Callable[[str], None]) -> None:
    """The first process of a run that asks makes a database and has it filled; the others wait for it."""
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            making = f"{name}_in_the_making"
            fill(making)
            names = map(sql.Identifier, (making, name))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


# Remembers every table and sequence as they are, and puts back those that changed: a few milliseconds, where
# truncating a hundred tables takes a hundred. `xmin` tells which rows are still the remembered ones. Foreign
# keys rest meanwhile (session_replication_role).
REMEMBER = """
CREATE SCHEMA IF NOT EXISTS remembered;
CREATE TABLE remembered.tables (name text PRIMARY KEY, rows bigint, newest bigint);
CREATE TABLE remembered.sequences (name text PRIMARY KEY, last bigint, called boolean);

CREATE FUNCTION remembered.keep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t text; n bigint; x bigint; b boolean;
BEGIN
  FOR t IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
           WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
    EXECUTE format('SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM %s', t) INTO n, x;
    INSERT INTO remembered.tables VALUES (t, n, x);
    IF n > 0 THEN
      EXECUTE format('CREATE TABLE remembered.%I AS SELECT * FROM %s', 'rows of ' || t, t);
    END IF;
  END LOOP;
  FOR t IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
           WHERE s.nspname = 'public' AND c.relkind = 'S' LOOP
    EXECUTE format('SELECT last_value, is_called FROM %s', t) INTO n, b;
    INSERT INTO remembered.sequences VALUES (t, n, b);
  END LOOP;
END $$;

CREATE FUNCTION remembered.put_back() RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; n bigint; x bigint; b boolean; columns text; changed int := 0;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR r IN SELECT * FROM remembered.tables LOOP
    IF r.rows = 0 THEN
      EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT 1) one', r.name) INTO n;
      CONTINUE WHEN n = 0;
      EXECUTE format('DELETE FROM %s', r.name);
    ELSE
      EXECUTE format('SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM %s', r.name) INTO n, x;
      CONTINUE WHEN n = r.rows AND x = r.newest;
      SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = r.name::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
      EXECUTE format('DELETE FROM %s', r.name);
      EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM remembered.%I',
                     r.name, columns, columns, 'rows of ' || r.name);
      EXECUTE format('SELECT max(xmin::text::bigint) FROM %s', r.name) INTO x;
      UPDATE remembered.tables SET newest = x WHERE name = r.name;
    END IF;
    changed := changed + 1;
  END LOOP;
  FOR r IN SELECT * FROM remembered.sequences LOOP
    EXECUTE format('SELECT last_value, is_called FROM %s', r.name) INTO n, b;
    IF (n, b) IS DISTINCT FROM (r.last, r.called) THEN
      PERFORM setval(r.name::regclass, r.last, r.called);
    END IF;
  END LOOP;
  RETURN changed;
END $$;

SELECT remembered.keep();
"""


def remember(url: str) -> None:
    """From now on `put_back` returns to how the database is at this moment."""
    with psycopg.connect(url) as connection:
        connection.execute(REMEMBER)


def put_back(connection: psycopg.Connection) -> None:
    """Undo everything that was committed since `remember`. Fails when somebody still holds a row."""
    connection.execute("SET lock_timeout = '5s'")
    connection.execute("SELECT remembered.put_back()")
    connection.commit()
