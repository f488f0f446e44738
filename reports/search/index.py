"""What the indexes alone tell: ids of rows, before anybody's access is asked; whoever shows them asks it.

A statement with a condition of words, an order and a limit is planned by guess: PostgreSQL may walk a million rows for
a word that nobody used, or collect half a million for a word that half of them have. So the index is asked first, with
a limit: few ids are then read one by one, and where there are many, the latest rows are walked until five have it.
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import ColumnElement, any_, func, select, text

from models.clients import Client, ContactKind, ContactPoint
from models.ground.base import db
from reports.search.question import Question

MANY, REMEMBERED = 2000, 5000
AWHILE = 600.0
POINTS: Any = ContactPoint.__table__.c
CLIENTS: Any = Client.__table__.c
_common: dict[tuple[str, tuple[str, ...]], float] = {}


def having(model: Any, column: ColumnElement[str], asked: Question) -> list[int] | None:
    """Ids of a noun's rows that have the words, by its inverted index; None when they are very many.

    What is had by very many is remembered for a while: to find it out costs as much as all the rest.
    """
    table = model.__table__
    if table.name not in asked.told:
        asked.told[table.name] = _told(table, column, asked)
    return asked.told[table.name]


def _told(table: Any, column: ColumnElement[str], asked: Question) -> list[int] | None:
    key = (table.name, asked.words)
    now = time.monotonic()
    if _common.get(key, 0.0) > now:
        return None
    _only_by_index(True)
    try:
        having = select(table.c.id).where(asked.beginnings(column), table.c.deleted_at.is_(None))
        found = list(db.session.execute(having.limit(MANY + 1)).scalars())
    finally:
        _only_by_index(False)
    if len(found) <= MANY:
        return found
    if len(_common) >= REMEMBERED:
        _common.clear()
    _common[key] = now + AWHILE
    return None


def reached(asked: Question) -> list[int]:
    """Ids of the clients in reach that have the words, where very many have them."""
    key = f"{Client.__tablename__} in reach"
    if key not in asked.told:
        found = select(Client.id).where(asked.beginnings(Client.words)).limit(MANY)
        asked.told[key] = list(db.session.execute(found).scalars())
    return asked.told[key] or []


def _only_by_index(on: bool) -> None:
    """Within this transaction: no walk through the table."""
    db.session.execute(text(f"SET LOCAL enable_seqscan = {'off' if on else 'on'}"))


def are_few(asked: ColumnElement[Any]) -> bool:
    """Whether few clients at all have the words of a text query."""
    found = select(CLIENTS.id).where(CLIENTS.words.op("@@")(asked)).limit(MANY + 1).subquery()
    return int(db.session.execute(select(func.count()).select_from(found)).scalar_one()) <= MANY


def has_phone(tail: str) -> ColumnElement[bool]:
    """Clients with a phone that ends so, as a condition: few, and each is asked for access by the statement."""
    return _has(*_phones(tail))


def has_mail(beginning: str) -> ColumnElement[bool]:
    """Clients with an e-mail that begins so."""
    return _has(POINTS.kind == ContactKind.EMAIL, POINTS.value.startswith(beginning, autoescape=True))


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    holders = select(POINTS.client_id).where(*conditions).scalar_subquery()
    return Client.id == any_(func.array(holders))


def holders(tail: str) -> list[int]:
    """Ids of the clients with a phone that ends so; `tail` is its last digits, turned round."""
    return _clients(*_phones(tail))


def _phones(tail: str) -> tuple[ColumnElement[bool], ...]:
    return POINTS.kind == ContactKind.PHONE, func.reverse(POINTS.value).startswith(tail, autoescape=True)


def writers(beginning: str) -> list[int]:
    """Ids of the clients with an e-mail or a name in a messenger that begins so."""
    return _clients(POINTS.kind != ContactKind.PHONE, POINTS.value.startswith(beginning, autoescape=True))


def _clients(*conditions: ColumnElement[bool]) -> list[int]:
    return list(db.session.execute(select(POINTS.client_id).where(*conditions).limit(MANY)).scalars())
