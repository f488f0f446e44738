"""HTML of a paper becomes a PDF: pressed in a process of its own, with limits of time and memory."""

import subprocess
import sys
from pathlib import Path

PRESS = Path(__file__).with_name("press.py")
FONTS = Path(__file__).resolve().parent.parent / "app" / "static" / "vendor" / "fonts"
SECONDS = 60


class Unprintable(Exception):
    """The paper could not be pressed; the message says why, for the log and for whoever issued it."""


def pdf(html: str, seconds: float = SECONDS) -> bytes:
    """The bytes of a PDF. Raises Unprintable, after `seconds` at the latest.

    A process of its own, since xhtml2pdf holds a lock, keeps its memory and cannot be stopped from outside.
    """
    command = [sys.executable, "-I", "-X", "utf8", str(PRESS), str(FONTS), str(int(seconds) + 1)]
    # None of our settings is handed down: a paper needs no secrets.
    environment = {"LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, input=html.encode(), capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unprintable(f"the paper took longer than {seconds:g} seconds") from None
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        raise Unprintable(_last_words(done.stderr) or f"the press ended with {done.returncode}")
    return done.stdout


def _last_words(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
