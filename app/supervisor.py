"""Children of one parent: started, listened to, started again when they die, and stopped in order."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from app.processes import Failed, kill

COLOURS = {"db": 34, "queue": 35, "set-up": 33, "web": 32, "worker": 36, "scheduler": 33, "voronka": 1}


class Stopped(Exception):
    """Somebody asked us to stop, at whatever step we are."""


@dataclass
class Child:
    """A process, and what is to be known of it over several lives."""

    name: str
    spawn: Callable[..., subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    starts_again_at: float = 0
    pause: float = 0.2
    words: bytes = b""

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def code(self) -> int:
        """How the last life ended."""
        return self.process.returncode if self.process else 0


class Supervisor:
    """Holds the children and passes on what they say, line by line, each with its speaker before it."""

    def __init__(self, noted: Callable[[list[Child]], None], log_format: str = "text") -> None:
        """`noted` is told of the children whenever one has been started; logs are "text" or "json"."""
        self.children: list[Child] = []
        self.is_stopping = False
        self._noted = noted
        self._pipes = selectors.DefaultSelector()
        self._is_json = log_format == "json"
        self._has_colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def start(self, child: Child) -> None:
        """Start a child and listen to it. Raises Failed."""
        child.process = child.spawn(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        child.started_at = time.monotonic()
        child.starts_again_at = 0
        assert child.process.stdout  # noqa: S101 — a pipe was asked for
        self._pipes.register(child.process.stdout, selectors.EVENT_READ, child)
        if child not in self.children:
            self.children.append(child)
        self._noted(self.children)

    def forget(self, child: Child) -> None:
        """A child that has done its work is not started again."""
        while self._pipes.get_map() and self.pump(0):
            pass
        self.children.remove(child)

    def watch(self) -> None:
        """Until stopped: pass on words, and start again whoever died. Raises Stopped."""
        while True:
            self.pump(0.5)
            self.tend()

    def tend(self) -> None:
        """Start again whoever has died, when its turn has come."""
        for child in self.children:
            if not child.is_running():
                self._revive(child)

    def _revive(self, child: Child) -> None:
        """Start it again: at once, and ever later when it dies again and again."""
        now = time.monotonic()
        if not child.starts_again_at:
            lived = now - child.started_at
            child.pause = 0.2 if lived > 30 else min(child.pause * 2, 10)
            child.starts_again_at = now + child.pause
            ended = f"code {child.code}" if child.code >= 0 else signal.Signals(-child.code).name
            self.say(f"{child.name} ended by itself ({ended}), it is started again")
        elif now >= child.starts_again_at:
            self._start_again(child)

    def _start_again(self, child: Child) -> None:
        try:
            self.start(child)
        except Failed as error:
            self.say(str(error))
            child.started_at, child.starts_again_at = time.monotonic(), 0

    def wait(self, done: Callable[[], object], seconds: float, sorry: str) -> None:
        """Pass on words until it is done. Raises Failed with these words when time is up, Stopped."""
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise Failed(sorry)
            self.pump(0.05)

    def pump(self, seconds: float) -> bool:
        """Pass on what the children say within this time; whether there was anything. Raises Stopped."""
        ready = self._pipes.select(seconds)
        for key, _ in ready:
            piece = os.read(key.fd, 65536)
            child: Child = key.data
            *lines, child.words = (child.words + piece).split(b"\n")
            for line in lines:
                self.hear(child, line.decode("utf-8", "replace"))
            if not piece:
                self._pipes.unregister(key.fileobj).fileobj.close()  # type: ignore[union-attr]
        if self.is_stopping:
            raise Stopped
        return bool(ready)

    def hear(self, child: Child, line: str) -> None:
        """One line of a child's."""
        self.show(child.name, line)

    def say(self, *lines: str) -> None:
        """Words of our own."""
        for line in lines:
            self.show("voronka", line)

    def show(self, name: str, line: str) -> None:
        """A line with its speaker before it, coloured for a person at a terminal."""
        if self._is_json:
            shown = as_json(name, line)
        elif self._has_colours:
            shown = f"\033[{COLOURS.get(name, 0)}m{name} |\033[0m {line}"
        else:
            shown = f"{name} | {line}"
        try:
            print(shown, flush=True)  # noqa: T201 — this is where the log goes
        except BrokenPipeError:
            # Whoever read our words has gone; that is no reason to stop serving.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123

    def end(self, children: list[Child], seconds: float) -> None:
        """Ask them all at once, wait, kill those that do not go. Asked a second time to stop, do not wait."""
        self.is_stopping = False
        for child in children:
            if child.process and child.is_running():
                kill(child.process.pid, child.stop_signal)
        with suppress(Failed, Stopped):
            self.wait(lambda: not any(child.is_running() for child in children), seconds, "")
        for child in children:
            if child.process and child.is_running():
                self.say(f"{child.name} does not stop and is killed")
                kill(child.process.pid, signal.SIGKILL)
                child.process.wait()


def as_json(name: str, line: str) -> str:
    """A line for machines: the speaker's own object with its name, or its words in an object of ours."""
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    fields = said if isinstance(said, dict) else {"event": line}
    return json.dumps({"process": name} | fields, ensure_ascii=False)
