"""How the pages are served: few processes that share the memory of one factory, threads in each."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from app import logs
from config import Config
from models.ground.base import db

_config = Config.from_env()
_host = f"[{_config.HOST}]" if ":" in _config.HOST.strip("[]") else _config.HOST

bind = f"{_host.replace('[[', '[').replace(']]', ']')}:{_config.PORT}"
worker_class = "gthread"
workers = _config.WEB_WORKERS
threads = _config.WEB_THREADS
# The application is made once and forked: its memory is counted once.
preload_app = True
# A thread that hangs is no reason to kill the others early; a page that takes a minute is.
timeout = 60
graceful_timeout = 10
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# Heartbeats are written to a file: not to a disk that may be slow.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 — gunicorn makes its own names there
# What a proxy says is weighed in the application (BEHIND_PROXY), and believed by default from nobody.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
control_socket_disable = True
loglevel = "warning"
errorlog = "-"
accesslog = None
proc_name = "voronka web"


def on_starting(server: Any) -> None:
    """From the first line on, logs are in the chosen form."""
    logs.begin(_config.LOG_FORMAT)


def when_ready(server: Any) -> None:
    """Put what the factory made out of the collector's sight: looking at it would copy its pages."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A socket of the factory's, shared by two processes, would hand one the rows of the other."""
    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)
