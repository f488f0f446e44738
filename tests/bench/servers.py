"""The servers of a benchmark: a PostgreSQL and a Redis over a folder of its own, the CRM and the bare baseline."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded import Postgres, Redis
from app.processes import MARK, hold
from config import Config, secret, socket_dir

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Places:
    """Where the two programs answer."""

    crm: int
    bare: int


def settings(var: Path) -> Config:
    """The product's own defaults over a folder of the benchmark's; the demo's password holds."""
    return Config.from_env({"VAR": str(var), "PORT": str(free_port()), "DEMO": "1", "SMTP_URL": ""})


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def database_and_queue(var: Path) -> Iterator[None]:
    """As `make run` starts them, under the same lock."""
    with ExitStack() as stack:
        stack.enter_context(hold(var))
        sockets = socket_dir(var)
        for server in (Postgres(var / "pg", sockets), Redis(var / "redis", sockets, secret(var, "redis"))):
            process = server.start(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(server.stop, process)
        yield


@contextmanager
def programs(config: Config) -> Iterator[Places]:
    """Both programs under gunicorn, with as many workers and threads."""
    bare = free_port()
    with ExitStack() as stack:
        crm = {**config.to_env(), MARK: str(config.VAR)}
        stack.enter_context(_gunicorn(("-c", "gunicorn.conf.py", "app:create_app()"), crm, config.PORT))
        # Our gunicorn.conf.py lies in this folder and is not meant.
        size = ("-c", "python:tests.bench.bare.plain", "-k", "gthread", "-w", str(config.WEB_WORKERS), "--threads", str(config.WEB_THREADS))
        where = ("-b", f"127.0.0.1:{bare}", "--log-level", "warning", "tests.bench.bare:app")
        stack.enter_context(_gunicorn((*size, *where), {"BARE_DSN": config.libpq_url}, bare))
        yield Places(config.PORT, bare)


@contextmanager
def _gunicorn(arguments: tuple[str, ...], environ: dict[str, str], port: int) -> Iterator[None]:
    command = (sys.executable, "-m", "gunicorn", *arguments)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, process_group=0)
    try:
        _await(port, process)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("gunicorn does not start; its own words are above")
