"""A file is sent through the door, and what became of it."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select

from models.ground.access import WITH_DELETED
from models.ground.files import StoredFile

PDF = b"%PDF-1.7\n%drawing\n"


def sent(client: Any, on: str, data: bytes = PDF, name: str = "Чертёж.pdf") -> Any:
    body = {"on": on, "file": (io.BytesIO(data), name)}
    headers = {"Accept": "application/json"}
    answer = client.post("/files/", data=body, content_type="multipart/form-data", headers=headers)
    # A large body lies in a file of the test's own, which nobody else closes.
    answer.request.environ["wsgi.input"].close()
    return answer


def status(client: Any, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code


def newest(system: Any) -> Any:
    with system() as session:
        rows = select(StoredFile).order_by(StoredFile.id.desc()).limit(1).execution_options(**{WITH_DELETED: True})
        row = session.execute(rows).scalar_one()
        session.expunge(row)
        return row
