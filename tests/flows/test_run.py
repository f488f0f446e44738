"""`python run.py`: one command that starts all of it, survives what is killed, and stops without a trace."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.processes import PROC, supervised, working_in
from tests.servers import WHERE

# One supervisor for all of them: they stay with one worker and in this order, since files are not split (Makefile).
pytestmark = [pytest.mark.slow]

READY_AFTER_A_CLEAN_STOP, READY_AFTER_A_KILL, STOPPED = 10, 30, 20
MEMORY_MB = 700


def in_turn(seconds: float) -> float:
    """The promised time where others wait for the same processors: it is promised for a machine of its own."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    return seconds * max(busy, 1.5 if "PYTEST_XDIST_WORKER" in os.environ else 1.0)


class Command:
    """`python run.py` over one VAR, as somebody at a terminal sees it."""

    def __init__(self, root: Path, var: Path, port: int, user: int | None = None, **settings: str) -> None:
        self.var, self.port = var, port
        self.log = var.parent / f"{port}.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.started_at = time.monotonic()
        with self.log.open("ab") as words:
            self.process = subprocess.Popen(
                [settings.pop("python", sys.executable), str(root / "run.py")],
                cwd="/",
                env=kept | {"VAR": str(var), "PORT": str(port)} | settings,
                stdout=words,
                stderr=words,
                user=user,
                group=pwd.getpwuid(user).pw_gid if user is not None else None,
                extra_groups=[] if user is not None else None,
                start_new_session=True,
            )

    @property
    def words(self) -> str:
        return self.log.read_text("utf-8")

    def health(self) -> dict[str, Any]:
        """What GET /health says; nothing when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return json.load(answer)  # type: ignore[no-any-return]
        except urllib.error.HTTPError as answer:
            with answer:
                return json.load(answer)  # type: ignore[no-any-return]
        except OSError:
            return {}

    def ready(self, seconds: float) -> float:
        """Wait until pages, queue, workers and scheduler are all there; how long it took since the start."""
        while self.health().get("status") != "ok":
            assert self.process.poll() is None, self.words
            assert time.monotonic() - self.started_at < in_turn(seconds), f"{self.health()}\n{self.words}"
            time.sleep(0.1)
        return time.monotonic() - self.started_at

    def pids(self) -> dict[str, int]:
        return json.loads((self.var / "run.json").read_text())["pids"]  # type: ignore[no-any-return]

    def everybody(self) -> list[int]:
        """All processes of this supervisor, without itself."""
        return supervised(self.var) + working_in(self.var / "pg") + working_in(self.var / "redis")

    def stop(self, sign: signal.Signals = signal.SIGINT) -> float:
        """Ask it to stop; how long it took."""
        began = time.monotonic()
        self.process.send_signal(sign)
        assert self.process.wait(in_turn(STOPPED) + 5) == 0, self.words
        return time.monotonic() - began


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def memory_mb(pids: list[int]) -> float:
    """Their memory with what they share counted once (PSS)."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+)", (PROC / str(pid) / "smaps_rollup").read_text(), re.MULTILINE)
            total += int(found.group(1)) if found else 0
    return total / 1024


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's private folder with a space and Cyrillic letters in its name."""
    folder = tmp_path_factory.mktemp("home") / "Мои документы"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="module")
def command(private: Path) -> Iterator[Command]:
    """The demo company, running."""
    assert WHERE in os.environ
    root = Path(__file__).resolve().parents[2]
    running = [Command(root, private / "данные", free_port())]
    yield running[0]
    for pid in [running[0].process.pid, *running[0].everybody()]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running[0].process.wait()


def test_one_command_brings_up_the_demo_company(command: Command, private: Path) -> None:
    command.ready(60)
    while "Ctrl-C" not in command.words:
        time.sleep(0.1)
    said = command.words
    assert f"voronka | ready: http://127.0.0.1:{command.port}\n" in said
    assert "log in as admin, director, marina, anna, oleg, pavel, sergey, nina; the password is demo" in said
    assert re.search(rf"leads are taken at http://127\.0\.0\.1:{command.port}/hooks/site/\S+", said)
    assert "\033[" not in said
    assert "Traceback" not in said
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((command.var / "run.json").stat().st_mode) == 0o600


def test_health_tells_of_every_part(command: Command) -> None:
    health = command.health()
    assert set(health) == {
        "status", "database", "queue", "workers", "scheduler", "disk_free_mb", "oldest_event_s", "version",
    }  # fmt: skip
    assert (health["status"], health["database"], health["queue"], health["scheduler"]) == ("ok",) * 4
    assert health["workers"] >= 1
    assert health["disk_free_mb"] > 0
    assert health["oldest_event_s"] < 60
    assert health["version"]


def test_idle_it_fits_into_a_small_machine(command: Command) -> None:
    assert memory_mb([command.process.pid, *command.everybody()]) < MEMORY_MB


def test_a_second_start_over_the_same_data_says_so_and_harms_nobody(command: Command, here: Path) -> None:
    before = command.pids()
    second = Command(here, command.var, free_port())
    assert second.process.wait(20) != 0
    assert f"already runs over {command.var}, at http://127.0.0.1:{command.port}" in second.words
    assert command.pids() == before
    assert command.health()["status"] == "ok"


def test_a_taken_port_is_named(command: Command, here: Path, private: Path) -> None:
    other = Command(here, private / "другие", command.port)
    assert other.process.wait(20) != 0
    assert f"Port {command.port} of 127.0.0.1 is taken" in other.words
    assert command.health()["status"] == "ok"


@pytest.mark.parametrize("name", ["db", "queue", "web", "worker", "scheduler"])
def test_what_is_killed_is_started_again(command: Command, name: str) -> None:
    killed = command.pids()[name]
    command.started_at = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    while command.pids()[name] == killed:
        assert time.monotonic() - command.started_at < in_turn(READY_AFTER_A_KILL)
        time.sleep(0.1)
    command.ready(READY_AFTER_A_KILL)
    assert f"{name} ended by itself (SIGKILL)" in command.words


def test_a_killed_supervisor_takes_all_with_it_and_the_data_stay(command: Command, here: Path) -> None:
    invitations = command.words.count("log in as")
    command.process.kill()
    command.process.wait()
    again = Command(here, command.var, command.port)
    command.process, command.started_at = again.process, again.started_at
    command.ready(READY_AFTER_A_KILL)
    while command.words.count("log in as") == invitations:
        time.sleep(0.1)


def test_ctrl_c_stops_everything_in_time(command: Command, here: Path) -> None:
    assert command.stop(signal.SIGINT) < in_turn(STOPPED)
    assert command.everybody() == []
    assert not (command.var / "run.json").exists()
    again = Command(here, command.var, command.port)
    command.process, command.started_at = again.process, again.started_at
    assert command.ready(60) < in_turn(READY_AFTER_A_CLEAN_STOP)
    assert command.stop(signal.SIGTERM) < in_turn(STOPPED)
    assert command.everybody() == []


def test_an_empty_base_invites_its_first_administrator(here: Path, tmp_path: Path) -> None:
    # And a queue that cannot be read, which holds nothing that is not in the database, is set aside.
    (tmp_path / "var" / "redis").mkdir(parents=True)
    (tmp_path / "var" / "redis" / "appendonly.aof").write_bytes(b"*1\r\nthis is no append-only file\r\n" * 9)
    empty = Command(here, tmp_path / "var", free_port(), DEMO="0")
    try:
        empty.ready(60)
        while "Ctrl-C" not in empty.words:
            time.sleep(0.1)
        link = re.search(r"first administrator sets a password here, within 24 hours: (\S+)", empty.words)
        assert link
        with urllib.request.urlopen(link.group(1), timeout=10) as page:
            assert page.status == 200
        assert "the password is demo" not in empty.words
        assert "an empty queue is started" in empty.words
    finally:
        empty.stop()


def python_for(user: int, root: Path) -> tuple[str, dict[str, str]] | None:
    """An interpreter of our version that this user may start, with our packages; None when there is none."""
    packages = {"PYTHONPATH": sysconfig.get_path("purelib")}
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    script = f"import sys; sys.path.insert(0, {str(root)!r}); import config, flask, psycopg, redis"
    for python, extra in ((sys.executable, {}), (system, packages)):
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(
                [python, "-c", script], user=user, env=extra, check=True, capture_output=True, cwd="/"
            )
            return python, extra
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_may_run_it_too(here: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    found = python_for(nobody, here)
    if found is None:
        pytest.skip("this Python or this folder is closed to others")
    python, extra = found
    # Not under pytest's own folder, which is closed to others.
    home = Path(f"/tmp/voronka дом {os.getpid()}")
    home.mkdir(mode=0o700)
    os.chown(home, nobody, -1)
    ordinary = Command(here, home / "var", free_port(), user=nobody, python=python, DEMO="0", **extra)
    try:
        ordinary.ready(60)
        assert (home / "var" / "pg").stat().st_uid == nobody
    finally:
        ordinary.stop()
        shutil.rmtree(home)
