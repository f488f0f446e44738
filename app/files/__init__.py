"""Files: bytes kept under FILES_URL, told by their content, freed of the places they were taken at, given out."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, abort, current_app, send_file
from flask_babel import gettext as _

from app.files.kinds import clean_name, is_risky, served_type, type_of
from app.files.scrub import cleaned
from models.ground.base import db, utcnow
from models.ground.files import StoredFile
from models.ground.refused import Refused

__all__ = [
    "Kept", "attach", "check_size", "clean_name", "drop", "folder", "give", "init_app", "put", "read", "read_key",
    "show", "store", "type_of",
]  # fmt: skip

MIB = 1024 * 1024
NOTHING_RUNS = "default-src 'none'; sandbox"


@dataclass(frozen=True)
class Kept:
    """Bytes that lie on the disk and wait for their row; `width` and `height` of a picture, else 0."""

    key: str
    size: int
    sha256: str
    content_type: str
    width: int = 0
    height: int = 0


def folder() -> Path:
    """The folder that FILES_URL names."""
    return Path(current_app.extensions["files"])


def put(data: bytes) -> Kept:
    """Write bytes under a fresh key: whole or not at all, also when the machine stops. Raises Refused.

    Touches no table, so it may be called inside `outside()`. A picture is kept without the place it was taken at.
    """
    if not data:
        raise Refused(_("The file is empty. Choose another one."), "file")
    check_size(len(data))
    kind = type_of(data)
    picture = cleaned(data, kind)
    if picture is None:
        return _kept(data, kind)
    return _kept(picture.data, kind, (picture.width, picture.height))


def check_size(size: int) -> None:
    """Raises Refused for a file that is larger than may be kept."""
    limit = int(current_app.config["CRM"].MAX_FILE)
    if size > limit:
        raise Refused(_("The file is too large: at most %(n)s MB.", n=max(1, limit // MIB)), "file")


def _kept(data: bytes, kind: str, size: tuple[int, int] = (0, 0)) -> Kept:
    key = f"{utcnow():%Y/%m}/{secrets.token_hex(16)}"
    try:
        write(folder() / key, data)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        words = _("The disk of the server is full. Nothing was kept: tell your administrator.")
        raise Refused(words, "file") from error
    return Kept(key, len(data), hashlib.sha256(data).hexdigest(), kind, *size)


def attach(kept: Kept, name: str, deal_id: int | None = None) -> StoredFile:
    """Add the row of a paper of ours; whoever reads the deal's documents reads it."""
    row = StoredFile(
        deal_id=deal_id,
        name=clean_name(name),
        content_type=kept.content_type,
        size=kept.size,
        sha256=kept.sha256,
        key=kept.key,
    )
    db.session.add(row)
    db.session.flush()
    return row


def store(data: bytes, name: str, deal_id: int | None = None) -> StoredFile:
    """Keep bytes and add their row. Raises Refused."""
    return attach(put(data), name, deal_id)


def drop(kept: Kept) -> None:
    """Remove bytes that got no row."""
    (folder() / kept.key).unlink(missing_ok=True)


def read(row: StoredFile) -> bytes:
    """The bytes of a file, checked against the sum noted when they came. Raises OSError."""
    data = read_key(row.key)
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise OSError(f"the bytes of file {row.id} are not those that were stored")
    return data


def read_key(key: str) -> bytes:
    """The bytes under a key. Raises OSError."""
    return (folder() / key).read_bytes()


def write(path: Path, data: bytes) -> None:
    """A temporary name, all bytes to the disk, then the real name: nobody ever reads half a file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    holder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(holder)
    finally:
        os.close(holder)


def give(row: StoredFile) -> Any:
    """The file to whoever was let to it: saved, never shown as a page of ours."""
    return _answer(row.key, row.name, served_type(row.content_type), row.sha256)


def show(key: str, name: str, *, saved: bool = False) -> Any:
    """A JPEG of our own drawing, in the page or, with `saved`, as a file."""
    return _answer(key, name, "image/jpeg", key, saved=saved)


def _answer(key: str, name: str, kind: str, mark: str, *, saved: bool = True) -> Any:
    path = folder() / key
    if not path.is_file():
        abort(404)
    response = send_file(path, kind, saved, name, etag=mark)
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store" if saved else "private, no-cache"
    return response


def init_app(app: Flask) -> None:
    """Find the folder. Raises ValueError for a place that is not a folder."""
    where = urlsplit(app.config["FILES_URL"])
    if where.scheme != "file" or where.netloc not in {"", "localhost"} or not where.path:
        raise ValueError(f"FILES_URL is {app.config['FILES_URL']!r}: write file:///… with the path of a folder.")
    app.extensions["files"] = Path(unquote(where.path))
    app.add_template_test(lambda row: is_risky(row.content_type, row.name), "risky")
