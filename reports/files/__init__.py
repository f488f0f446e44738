"""What files there are on a place: what people attached, and what came with messages."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.clients import Client
from models.deals import Deal
from models.ground.base import db
from models.ground.files import StoredFile
from models.leads import Lead

MOST = 200
# Photos are added by the dozen.
ADDED, AT_ONCE, MOST_NAMES = "paperclip", dt.timedelta(minutes=10), 300
COLUMNS: dict[type, Any] = {Deal: StoredFile.deal_id, Lead: StoredFile.lead_id, Client: StoredFile.client_id}


def of(place: Deal | Lead | Client) -> list[StoredFile]:
    """Attached files of a deal, a lead or a client, and those of its messages; the latest first.

    Pictures inside a letter's text, such as a signature's logo, are the letter's own matter.
    """
    here = COLUMNS[type(place)] == place.id
    rows = select(StoredFile).where(here, StoredFile.attached, StoredFile.inline.is_(False))
    rows = rows.options(joinedload(StoredFile.author)).order_by(StoredFile.id.desc()).limit(MOST)
    return list(db.session.execute(rows).scalars())


def by_message(rows: Iterable[StoredFile]) -> dict[int, list[StoredFile]]:
    """Files at hand by the message that they came with."""
    found: dict[int, list[StoredFile]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(row)
    return found


def of_messages(ids: Iterable[int]) -> dict[int, list[StoredFile]]:
    """The files of these messages, by the message's key, in one statement."""
    wanted = [key for key in ids if key is not None]
    if not wanted:
        return {}
    rows = select(StoredFile).where(StoredFile.message_id.in_(wanted), StoredFile.inline.is_(False))
    rows = rows.order_by(StoredFile.id)
    return by_message(db.session.execute(rows).scalars())


def gathered(entries: list[Any]) -> list[Any]:
    """Lines of a feed, newest first: files that one person added one after another are told in one line."""
    found: list[Any] = []
    for entry in entries:
        last = found[-1] if found else None
        if last is not None and entry.icon == last.icon == ADDED and entry.who == last.who and entry.head == last.head:
            near = abs(last.at - entry.at) < AT_ONCE
            if near and len(last.words) < MOST_NAMES:
                last.words, last.at = f"{entry.words}, {last.words}", max(last.at, entry.at)
                continue
        found.append(entry)
    return found


def on(place: Deal | Lead | Client) -> str:
    """The name of a place in the address of the upload: deal:1042, lead:17, client:5."""
    return f"deal:{place.number}" if isinstance(place, Deal) else f"{type(place).__name__.lower()}:{place.id}"
