"""Where a page may send its reader on to: addresses of our own only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def safe_next(target: str) -> str:
    """The address, if it is a path of ours; else the way home. Backslashes and `//` lead out of some browsers."""
    parts = urlsplit(target[:2000])
    if parts.netloc or parts.scheme:
        is_here = parts.netloc == request.host and parts.scheme in {"http", "https"}
        target = parts._replace(scheme="", netloc="").geturl() if is_here else "/"
    is_path = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_path and target.isprintable() else "/"
