"""The one command: database, queue, set-up, then pages, worker and scheduler, until somebody stops it.

It imports neither Flask nor the application: what needs those runs in processes of its own.
"""

from __future__ import annotations

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))
# The package's own __init__ is the factory and imports Flask; its folder alone is enough here.
sys.modules["app"] = ModuleType("app")
sys.modules["app"].__path__ = [str(ROOT / "app")]

from app.embedded import Postgres, Redis, Server  # noqa: E402
from app.processes import Failed, clear, environment, hold, kill, spawn, supervised  # noqa: E402
from app.supervisor import Child, Stopped, Supervisor  # noqa: E402
from config import BadSetting, Config, secret, socket_dir  # noqa: E402

SERVERS = {"db", "queue"}
SET_UP = "set-up"
# Redis says so at every start and stop, at the level of warnings.
CHATTER = (
    "Reading config", "Redis is starting", "Redis version", "Configuration loaded", "Server initialized",
    "overcommit", "signal-handler", "User requested shutdown", "ready to exit",
)  # fmt: skip
FLASK = (sys.executable, "-m", "flask", "--app", "app", "crm")
# Name, command, and the signal that ends it should we be killed.
PROGRAMS = (
    ("web", (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"), signal.SIGQUIT),
    ("worker", (*FLASK, "worker"), signal.SIGTERM),
    ("scheduler", (*FLASK, "scheduler"), signal.SIGTERM),
)


class Voronka(Supervisor):
    """The product's own processes over one VAR, and VAR/run.json, by which commands find them."""

    def __init__(self, config: Config) -> None:
        super().__init__(self.note, config.LOG_FORMAT)
        self.config = config
        self.environment = environment(config.VAR, config.to_env())
        self.facts: dict[str, Any] = {}

    def run(self) -> None:
        """Everything in order, until somebody stops us. Raises Failed when the start fails."""
        try:
            for name, server in self.servers():
                self.serve(name, server)
            self.set_up()
            for name, command, death in PROGRAMS:
                self.start(Child(name, self.program(command, death)))
            self.wait(self.is_up, 90, "The pages do not answer; the lines above say why.")
            self.say(*welcome(self.config, self.facts))
            self.watch()
        except Stopped:
            self.say("stopping")
        finally:
            self.stop()

    def servers(self) -> Iterator[tuple[str, Server]]:
        """Those that the operator did not give us."""
        var, sockets = self.config.VAR, socket_dir(self.config.VAR)
        if not os.environ.get("DATABASE_URL", "").strip():
            yield "db", Postgres(var / "pg", sockets)
        if not os.environ.get("REDIS_URL", "").strip():
            yield "queue", Redis(var / "redis", sockets, secret(var, "redis"))

    def serve(self, name: str, server: Server) -> None:
        """Start a server and wait until it answers. Raises Failed."""
        if self.begins(name, server):
            return
        if isinstance(server, Redis):
            aside = server.set_aside()
            self.say(f"the queue's files cannot be read; they are kept in {aside}, and an empty queue is started")
            if self.begins(name, server):
                return
        raise Failed(f"{server.name} over {server.data} does not start; its own words are above.")

    def begins(self, name: str, server: Server) -> bool:
        """Whether a server answers after a start; one that ends by itself is forgotten."""

        def begin(**streams: Any) -> subprocess.Popen[bytes]:
            server.prepare()
            return server.spawn(**streams)

        child = Child(name, begin, server.stop_signal)
        self.start(child)
        sorry = f"{server.name} over {server.data} does not answer; its own words are above."
        self.wait(lambda: not child.is_running() or server.answers(), 120, sorry)
        if not child.is_running():
            self.forget(child)
        return child.is_running()

    def program(self, command: tuple[str, ...], death: signal.Signals) -> Callable[..., Any]:
        """How a Python process of ours is started."""
        return partial(spawn, command, death, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL)

    def set_up(self) -> None:
        """Migrate, install, load the demo company, in a process of its own. Raises Failed."""
        self.say("getting the base ready")
        child = Child(SET_UP, self.program((*FLASK, "prepare"), signal.SIGKILL))
        self.start(child)
        self.wait(lambda: not child.is_running(), 600, "The set-up takes more than ten minutes.")
        self.forget(child)
        if child.code:
            raise Failed("The set-up failed; the lines above say why.")

    def hear(self, child: Child, line: str) -> None:
        """What the set-up found out to tell is kept; any other line that tells something is shown."""
        if child.name == SET_UP and line.startswith("{"):
            self.facts = json.loads(line)
        elif child.name != "queue" or not any(words in line for words in CHATTER):
            super().hear(child, line)

    def note(self, children: list[Child]) -> None:
        """Write VAR/run.json: settings and process numbers, for this user alone."""
        pids = {child.name: child.process.pid for child in children if child.process}
        noted = {"settings": self.config.to_env(), "pids": {"supervisor": os.getpid(), **pids}}
        draft = self.config.VAR / "run.json.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(noted, file, indent=1)
        draft.replace(self.config.VAR / "run.json")

    def is_up(self) -> bool:
        """Whether GET /health is answered; meanwhile whoever died is started again."""
        self.tend()
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.config.HOST, self.config.HOST)  # noqa: S104
        asked = http.client.HTTPConnection(host.strip("[]"), self.config.PORT, timeout=5)
        try:
            asked.request("GET", "/health", headers={"Host": "localhost"})
            return asked.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def stop(self) -> None:
        """Programs first, then the servers they use; whoever does not go in time is killed."""
        self.end([child for child in self.children if child.name not in SERVERS], 12)
        for pid in supervised(self.config.VAR):
            kill(pid, signal.SIGKILL)
        self.end([child for child in self.children if child.name in SERVERS], 6)
        (self.config.VAR / "run.json").unlink(missing_ok=True)


def welcome(config: Config, facts: dict[str, Any]) -> Iterator[str]:
    """What the person at the terminal needs to know."""
    yield f"ready: {config.BASE_URL}"
    if facts.get("invitation"):
        yield f"the first administrator sets a password here, within 24 hours: {facts['invitation']}"
    if facts.get("people"):
        yield f"log in as {', '.join(facts['people'])}; the password is demo"
    if facts.get("hook"):
        yield f"leads are taken at {facts['hook']}"
    yield f"data are kept in {config.VAR}; Ctrl-C stops everything"


def check_port(config: Config) -> None:
    """Make sure that the address is free to listen on. Raises Failed."""
    where = f"Port {config.PORT} of {config.HOST}"
    try:
        found = socket.getaddrinfo(config.HOST.strip("[]"), config.PORT, type=socket.SOCK_STREAM)
        kind, *_, address = found[0]
        with socket.socket(kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Failed(f"{where} is taken by another program. Stop that one, or set PORT.") from error
        raise Failed(f"{where} cannot be used: {error.strerror}. Set HOST and PORT.") from error


def main() -> int:
    """Run until stopped; the exit code of the process."""
    try:
        var = Config.from_env().VAR
        with hold(var):
            # Only now is it known that a run.json in there is of somebody who was killed.
            (var / "run.json").unlink(missing_ok=True)
            clear(lambda: supervised(var), 8)
            config = Config.from_env()
            check_port(config)
            voronka = Voronka(config)
            for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(sign, lambda *_: setattr(voronka, "is_stopping", True))
            voronka.run()
    except (BadSetting, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
