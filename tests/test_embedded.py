"""Servers of our own: they start anywhere, keep what they promised, and nobody else is harmed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from app.embedded import Postgres, Redis
from app.processes import Failed, hold, wait_until, working_in
from config import socket_dir

SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A data folder with a space and Cyrillic letters under a private one."""
    private = tmp_path / "Мои документы"
    private.mkdir(mode=0o700)
    return private / "данные CRM"


@pytest.fixture
def sockets(place: Path) -> Iterator[Path]:
    folder = socket_dir(place)
    yield folder
    if folder.exists():
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def connect(sockets: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(sockets), port=5432, user="postgres", dbname="voronka", autocommit=True)


def test_postgres_starts_in_a_difficult_place_and_keeps_what_it_took(place: Path, sockets: Path) -> None:
    postgres = Postgres(place / "pg", sockets)
    process = postgres.start(**SILENT)
    with connect(sockets) as connection:
        found = connection.execute("SELECT lower('ЁЖ'), current_setting('server_encoding')").fetchone()
        assert found == ("ёж", "UTF8")
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    process.send_signal(signal.SIGKILL)
    process.wait()
    process = postgres.start(**SILENT)
    with connect(sockets) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    postgres.stop(process)
    assert process.returncode == 0
    assert working_in(place / "pg") == []
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


def test_postgres_listens_to_nobody_but_its_owner(place: Path, sockets: Path) -> None:
    postgres = Postgres(place / "pg", sockets, durable=False)
    process = postgres.start(**SILENT)
    try:
        with connect(sockets) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert (place / "pg").stat().st_uid != 0
    finally:
        postgres.stop(process)


def test_a_pid_file_of_a_killed_server_does_not_stop_the_next_one(place: Path, sockets: Path) -> None:
    postgres = Postgres(place / "pg", sockets, durable=False)
    postgres.stop(postgres.start(**SILENT))
    # Our own number: alive, and somebody else's.
    words = f"{os.getpid()}\n{place / 'pg'}\n1\n5432\n{sockets}\n\n 1 1\nready\n"
    (place / "pg" / "postmaster.pid").write_text(words)
    postgres.stop(postgres.start(**SILENT))


def test_redis_asks_for_its_password_and_remembers(place: Path, sockets: Path) -> None:
    server = Redis(place / "redis", sockets, "пароль-5f1c".encode().hex())
    process = server.start(**SILENT)
    door = str(sockets / "redis.sock")
    with pytest.raises(redis.AuthenticationError), redis.Redis(unix_socket_path=door) as stranger:
        stranger.ping()
    with redis.Redis(unix_socket_path=door, password=server.password) as friend:
        friend.set("kept", "yes")
    server.stop(process)
    process = server.start(**SILENT)
    with redis.Redis(unix_socket_path=door, password=server.password) as friend:
        assert friend.get("kept") == b"yes"
    assert server.password not in Path(f"/proc/{process.pid}/cmdline").read_text()
    server.stop(process)


def test_a_folder_of_sockets_that_is_somebody_elses_is_refused(tmp_path: Path, place: Path) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    with pytest.raises(Failed, match="belongs to somebody else"):
        Postgres(place / "pg", trap).prepare()


def test_a_data_folder_has_one_owner_at_a_time(place: Path) -> None:
    with hold(place), pytest.raises(Failed, match="already runs"), hold(place):
        pass
    with hold(place):
        pass


def test_servers_die_with_whoever_started_them(place: Path, sockets: Path, here: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from app.embedded import Postgres\n"
        "Postgres(Path(sys.argv[1]) / 'pg', Path(sys.argv[2]), durable=False).start()\n"
        "print('started', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(place), str(sockets)], cwd=here, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"started\n"
        assert working_in(place / "pg")
        parent.kill()
    assert wait_until(lambda: not working_in(place / "pg"), 10)
