"""Files: bytes kept under FILES_URL, checked, and given out as attachments to who reaches the deal."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, abort, current_app, send_file
from flask_babel import gettext as _
from sqlalchemy import select

from models.ground.base import db, utcnow
from models.ground.files import StoredFile
from models.ground.refused import Refused

# The type is told by the first bytes: whoever sends a file may claim anything.
BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
)
UNKNOWN = "application/octet-stream"
LONGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Kept:
    """Bytes that lie on the disk and wait for their row."""

    key: str
    size: int
    sha256: str
    content_type: str


def folder() -> Path:
    """The folder that FILES_URL names."""
    return Path(current_app.extensions["files"])


def put(data: bytes) -> Kept:
    """Write bytes under a fresh key: whole or not at all, also when the machine stops. Raises Refused.

    Touches no table, so it may be called inside `outside()`.
    """
    limit = int(current_app.config["MAX_BODY"])
    if not data:
        raise Refused(_("The file is empty. Choose another one."))
    if len(data) > limit:
        raise Refused(_("The file is too large: at most %(n)s MB.", n=limit // 1024 // 1024))
    key = f"{utcnow():%Y/%m}/{secrets.token_hex(16)}"
    write(folder() / key, data)
    return Kept(key, len(data), hashlib.sha256(data).hexdigest(), type_of(data))


def attach(kept: Kept, name: str, deal_id: int | None = None) -> StoredFile:
    """Add the row of bytes that were put; whoever reaches the deal reaches the file."""
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
    data = (folder() / row.key).read_bytes()
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise OSError(f"the bytes of file {row.id} are not those that were stored")
    return data


def type_of(data: bytes) -> str:
    """What the bytes are by their beginning; unknown ones are only ever downloaded."""
    return next((kind for beginning, kind in BEGINNINGS if data.startswith(beginning)), UNKNOWN)


def clean_name(name: str) -> str:
    """A name that is safe in every folder: no path, no control characters, at most 200 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(". ")
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if stem and len(ending) < 10 else plain[:200] or "file"


def write(path: Path, data: bytes) -> None:
    """A temporary name, all bytes to the disk, then the real name: nobody ever reads half a file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    holder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(holder)
    finally:
        os.close(holder)


def serve(file_id: int) -> Any:
    """One file to who may see it; hidden and missing answer alike. Always saved, never shown as our page."""
    if file_id > LONGEST_ID:
        abort(404)
    row = db.session.execute(select(StoredFile).where(StoredFile.id == file_id)).scalar_one_or_none()
    path = folder() / row.key if row else None
    if row is None or path is None or not path.is_file():
        abort(404)
    response = send_file(path, row.content_type, True, row.name, etag=row.sha256)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def init_app(app: Flask) -> None:
    """Find the folder and open the door to it. Raises ValueError for a place that is not a folder."""
    where = urlsplit(app.config["FILES_URL"])
    if where.scheme != "file" or where.netloc not in {"", "localhost"} or not where.path:
        raise ValueError(f"FILES_URL is {app.config['FILES_URL']!r}: write file:///… with the path of a folder.")
    app.extensions["files"] = Path(unquote(where.path))
    app.add_url_rule("/files/<int:file_id>", "files.serve", serve)
