"""Places in an ordered list, as an address says them: a list walked by them is as quick at its end."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import literal
from werkzeug.exceptions import BadRequest


@dataclass(frozen=True)
class Place:
    """Before or after a row, told by its values in the columns of the order."""

    side: str
    texts: tuple[str, ...]

    @property
    def is_backwards(self) -> bool:
        """Whether what comes before is wanted."""
        return self.side == "before"

    @classmethod
    def of(cls, side: str, values: Sequence[Any]) -> Place:
        """The place beside a row."""
        return cls(side, tuple(v.isoformat() if isinstance(v, dt.date) else str(v) for v in values))

    @property
    def token(self) -> str:
        """As it stands in an address: ?after=…"""
        return base64.urlsafe_b64encode(json.dumps(self.texts).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, side: str, token: str) -> Place:
        """The place that an address says; raises BadRequest."""
        try:
            raw = base64.urlsafe_b64decode(token[:2000] + "=" * (-len(token[:2000]) % 4))
            texts = json.loads(raw)
        except (binascii.Error, ValueError, RecursionError):
            raise BadRequest from None
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or not texts:
            raise BadRequest
        return cls(side, tuple(texts))

    def values(self, columns: Sequence[Any]) -> list[Any]:
        """Its values, each of its column's type; raises BadRequest when they are not."""
        if len(columns) != len(self.texts):
            raise BadRequest
        return [_read(column, text) for column, text in zip(columns, self.texts, strict=True)]


def _read(column: Any, text: str) -> Any:
    kind = column.type.python_type
    try:
        value = READERS[kind](text)
    except (KeyError, ValueError, InvalidOperation):
        raise BadRequest from None
    if "\x00" in text or (isinstance(value, int) and abs(value) >= 2**63):
        raise BadRequest
    return literal(value, column.type)


READERS: dict[type, Any] = {
    int: int,
    str: str,
    Decimal: Decimal,
    dt.date: dt.date.fromisoformat,
    dt.datetime: dt.datetime.fromisoformat,
}
