"""flask crm …: what an operator does at a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app.database import check_database
from app.processes import Failed, working_in
from config import Config
from tests import servers
from tests.servers import WHERE

MANAGER = ("--role", "manager")


@pytest.fixture
def made_with(settings: Config) -> Callable[[str], Config]:
    """Our settings, with a database made by such a statement."""

    def made(options: str) -> Config:
        name = f"foreign_{os.getpid()}"
        with psycopg.connect(servers.database_url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
        return replace(settings, DATABASE_URL=servers.database_url(name))

    return made


def test_our_own_database_is_fit(settings: Config) -> None:
    check_database(settings)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'", "SQL_ASCII"),
        ("ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'", "Russian letters"),
    ],
)
def test_a_database_without_our_letters_is_refused(
    made_with: Callable[[str], Config], options: str, words: str
) -> None:
    with pytest.raises(Failed, match=words):
        check_database(made_with(options))


def test_a_database_that_does_not_answer_is_named(settings: Config) -> None:
    with pytest.raises(Failed, match="does not answer"):
        check_database(replace(settings, DATABASE_URL="postgresql://postgres@/x?host=/nonexistent"))


def crm(app: Flask, *arguments: str) -> str:
    done = app.test_cli_runner().invoke(args=["crm", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the servers of the tests and start none."""
    monkeypatch.setenv("DATABASE_URL", "given")


def test_install_may_be_repeated(app: Flask, supervised: None, broom: psycopg.Connection) -> None:
    tables = ("ab_role", "ab_permission_view_role", "stage", "rule", "product")
    counted = " UNION ALL ".join(f"SELECT count(*) FROM {table}" for table in tables)
    before = broom.execute(counted).fetchall()
    crm(app, "install")
    crm(app, "install")
    assert broom.execute(counted).fetchall() == before
    broom.rollback()


def test_a_person_is_invited_by_a_link(app: Flask, supervised: None) -> None:
    link = crm(app, "person", "vera", "--name", "Вера Новая", "--email", "vera@parus.test", *MANAGER)
    assert link.startswith("http://localhost/")
    path = link.strip().removeprefix("http://localhost")
    assert app.test_client().get(path).status_code == 200


def test_a_refused_person_is_told_in_words(app: Flask, supervised: None) -> None:
    arguments = ("person", "anna", "--name", "Анна Вторая", "--email", "anna@parus.test", *MANAGER)
    done = app.test_cli_runner().invoke(args=["crm", *arguments])
    assert done.exit_code == 1
    assert "Error: " in done.output
    assert "Traceback" not in done.output


def test_facts_are_one_line_for_the_supervisor(app: Flask, supervised: None) -> None:
    facts = json.loads(crm(app, "facts"))
    assert set(facts) == {"people", "hook", "invitation"}


def alone(here: Path, var: Path, *arguments: str, **said: str) -> subprocess.CompletedProcess[str]:
    """A command where nothing runs."""
    clean = {name: value for name, value in os.environ.items() if name != WHERE}
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "crm", *arguments],
        cwd=here,
        env=clean | {"VAR": str(var), "DEMO": "0", **said},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_starts_the_database_for_its_own_time(here: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    early = alone(here, var, "facts")
    assert early.returncode == 1
    assert early.stderr.splitlines()[-1].startswith("Error: The tables are missing")
    assert "Traceback" not in early.stderr
    done = alone(here, var, "prepare")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["people"] == []
    assert facts["invitation"].startswith("http://127.0.0.1:8080/")
    assert working_in(var / "pg") == []


def test_a_folder_that_takes_no_files_stops_the_start(here: Path, tmp_path: Path) -> None:
    done = alone(here, tmp_path / "var", "prepare", FILES_URL="file:///proc/nowhere")
    assert done.returncode == 1
    assert "Error: Files cannot be kept in /proc/nowhere" in done.stderr
