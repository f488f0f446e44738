"""The bell of one person: what is new and what was, by day, with what is about the same thing together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from app.wording import local
from models.ground.actor import current_actor
from models.ground.base import db
from models.notices import Notice

IN_THE_BELL, ON_A_PAGE = 8, 50
# By the noun of the event, and by the event itself where it says more.
ICONS = {
    "lead": "inbox", "call": "phone-off", "message": "message", "client": "users", "task": "circle-check",
    "visit": "map-pin", "deal": "layout-kanban", "document": "file-check", "payment": "wallet", "shipment": "truck",
    "work": "hourglass", "channel": "plug-connected-x", "lead.overdue": "alert-triangle",
    "lead.escalated": "alert-triangle", "message.failed": "alert-triangle", "message.mentioned": "at",
    "document.failed": "alert-triangle", "client.asked": "key",
}  # fmt: skip


@dataclass
class Together:
    """The latest notice about one thing on one day, and those before it."""

    first: Notice
    others: list[Notice] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether one of them was not seen."""
        return any(one.read_at is None for one in (self.first, *self.others))


def latest(limit: int, skip: int = 0, *, unread: bool = False) -> list[Notice]:
    """The actor's own, the latest first; one more than asked for tells that there are more."""
    rows = select(Notice).where(Notice.person_id == (current_actor().person_id or 0))
    if unread:
        rows = rows.where(Notice.read_at.is_(None))
    page = rows.order_by(Notice.at.desc(), Notice.id.desc()).offset(skip).limit(limit + 1)
    return list(db.session.execute(page).scalars())


def by_day(notices: Iterable[Notice]) -> list[tuple[dt.date, list[Together]]]:
    """Grouped by the reader's days; what leads to the same place on the same day is one row."""
    days: dict[dt.date, dict[str, Together]] = {}
    for notice in notices:
        rows = days.setdefault(local(notice.at).date(), {})
        place = notice.url or str(notice.id)
        if place in rows:
            rows[place].others.append(notice)
        else:
            rows[place] = Together(notice)
    return [(day, list(rows.values())) for day, rows in days.items()]


def icon_of(event: str) -> str:
    """What stands before a notice of this event."""
    return ICONS.get(event) or ICONS.get(event.partition(".")[0], "bell")
