"""Processes that we start: they die with whoever started them, may give up root, and leave nothing behind."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from config import noted

# In the environment of everything a supervisor starts: the folder it runs over.
MARK = "VORONKA_SUPERVISED"
SERVERS = {"postgres", "redis-server", "valkey-server"}
PROC = Path("/proc")

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
libc = ctypes.CDLL(None, use_errno=True)


class Failed(RuntimeError):
    """Something could not be started; the message is for the person at the terminal."""


@contextmanager
def hold(var: Path) -> Iterator[None]:
    """Own the folder VAR until the block ends: nobody else may run servers over it. Raises Failed."""
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(var / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        words = f"The data folder {var} cannot be used: {error.strerror}. Set VAR to a folder of yours."
        raise Failed(words) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        where = noted(var).get("BASE_URL")
        raise Failed(
            f"Voronka already runs over {var}" + (f", at {where}." if where else ".")
            + " Nothing was started. Stop the other one first, or set VAR and PORT to others."
        ) from error  # fmt: skip
    try:
        yield
    finally:
        os.close(lock)


def spawn(
    command: Sequence[str | Path], on_death: signal.Signals, user: int | None = None, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a program that gets the signal when its parent dies, however it dies.

    It has a process group of its own, so that Ctrl-C reaches the parent alone, which then stops the others in
    order. `user`: become this user, keeping the right to pass through folders (see `_give_up_root`).
    """
    parent = os.getpid()

    def prepare() -> None:
        if user is not None:
            _give_up_root(user)
        # After the change of user: that change clears it.
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, int(on_death))
            if os.getppid() != parent:
                os._exit(1)

    try:
        # The supervisor has no threads, and tests start servers before they have any.
        return subprocess.Popen(command, preexec_fn=prepare, process_group=0, **options)  # noqa: PLW1509
    except subprocess.SubprocessError as error:
        raise Failed(
            "PostgreSQL refuses to run as root, and here it may not become another user either. "
            "Start as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours."
        ) from error


def _give_up_root(user: int) -> None:
    """Become `user`, keeping one right of root's: to reach files whatever their mode (CAP_DAC_OVERRIDE).

    So a server under a private folder of root's needs no permission of that folder to be changed.
    """
    _check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(pwd.getpwuid(user).pw_gid)
    os.setuid(user)
    kept = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Two sets of 32 capabilities: effective, permitted, inheritable.
    _check(libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)))
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _check(result: int) -> None:
    """Raise what libc refused."""
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def end(process: subprocess.Popen[bytes], how: signal.Signals, seconds: float) -> None:
    """Ask a process to stop, and kill its group when it does not in time."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until(done: Callable[[], object], seconds: float, pause: float = 0.05) -> bool:
    """Look again and again until it is done; False when time is up."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def clear(find: Callable[[], list[int]], seconds: float) -> None:
    """Wait until no such process is left, and kill those that do not go by themselves.

    Call while holding VAR: then whoever still works over it is an orphan of a killed supervisor.
    """
    if not wait_until(lambda: not find(), seconds):
        for pid in find():
            kill(pid, signal.SIGKILL)
        wait_until(lambda: not find(), 5)


def working_in(folder: Path) -> list[int]:
    """Servers over this folder; they paint their titles over their environment, so they are known by it."""
    return [int(process.name) for process in _processes() if _serves_in(process, folder)]


def supervised(var: Path) -> list[int]:
    """Processes of ours, other than servers, that a supervisor over this folder started, however deep."""
    mark = f"{MARK}={var}".encode()
    return [int(process.name) for process in _processes() if mark in _told(process)]


def _processes() -> Iterator[Path]:
    """All other processes, where the system shows them as files; elsewhere none."""
    entries = PROC.iterdir() if PROC.exists() else ()
    return (entry for entry in entries if entry.name.isdigit() and int(entry.name) != os.getpid())


def _serves_in(process: Path, folder: Path) -> bool:
    """Whether it is a server whose working directory is this folder."""
    try:
        return (process / "comm").read_text().strip() in SERVERS and (process / "cwd").readlink() == folder
    except OSError:
        return False


def _told(process: Path) -> list[bytes]:
    """The environment it was started with."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def kill(pid: int, how: signal.Signals) -> None:
    """Send a signal to a process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, how)


def environment(var: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What a Python process of ours is started with."""
    return {**os.environ, **settings, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", MARK: str(var)}
