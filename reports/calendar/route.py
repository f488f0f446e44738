"""A person's visits of a day in the order of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.wording import now, zone
from models.clients import Client
from models.ground.actor import current_actor
from models.ground.base import db
from models.visits import Visit, VisitState

DAYS = 7
MAP = "https://yandex.ru/maps/"


@dataclass
class Stop:
    """A visit of the route. `free` is how many minutes there are between the one before and this one."""

    visit: Visit
    phone: str = ""
    free: int | None = None

    @property
    def map_url(self) -> str:
        """The address on a map that needs no key; a phone opens its own application for it."""
        return f"{MAP}?text={quote(self.visit.address)}"


@dataclass
class Route:
    """The stops of a day, and how many visits there are on the days around it."""

    day: dt.date
    stops: list[Stop] = field(default_factory=list)
    counts: dict[dt.date, int] = field(default_factory=dict)

    @property
    def next_stop(self) -> Stop | None:
        """The first that is still to be made."""
        return next((stop for stop in self.stops if stop.visit.is_planned), None)

    @property
    def whole_url(self) -> str:
        """All addresses still ahead as one way on the map."""
        ahead = [stop.visit.address for stop in self.stops if stop.visit.is_planned]
        return (
            f"https://yandex.ru/maps/?rtext=~{'~'.join(quote(address) for address in ahead)}&rtt=auto" if ahead else ""
        )


def route(person_id: int, day: dt.date) -> Route:
    """The visits of a person on a day; phones only where the reader sees them."""
    begins = dt.datetime.combine(day, dt.time.min, zone())
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone())
    mine = Visit.assignee_id == person_id, Visit.state != VisitState.CANCELLED
    rows = select(Visit).where(*mine, Visit.starts_at >= begins, Visit.starts_at < ends).order_by(Visit.starts_at)
    loaded = rows.options(
        selectinload(Visit.deal), selectinload(Visit.lead), joinedload(Visit.client).selectinload(Client.contacts)
    )
    found = Route(day)
    before: Visit | None = None
    for visit in db.session.execute(loaded).scalars():
        free = int((visit.starts_at - before.ends_at).total_seconds() // 60) if before else None
        found.stops.append(Stop(visit, phone_of(visit), free))
        before = visit
    found.counts = _counts(person_id)
    return found


def phone_of(visit: Visit) -> str:
    """The number to call, if the reader may see it."""
    actor = current_actor()
    if visit.client is not None:
        return (visit.client.phone or "") if actor.sees("client.phone") else ""
    return visit.lead.phone if visit.lead is not None and actor.sees("lead.phone") else ""


def _counts(person_id: int) -> dict[dt.date, int]:
    today = now().date()
    first = dt.datetime.combine(today, dt.time.min, zone())
    day = func.date(func.timezone(str(zone()), Visit.starts_at))
    counted = select(day, func.count(Visit.id)).where(
        Visit.assignee_id == person_id,
        Visit.state == VisitState.PLANNED,
        Visit.starts_at >= first,
        Visit.starts_at < first + dt.timedelta(days=DAYS),
    )
    found: dict[dt.date, int] = dict(tuple(row) for row in db.session.execute(counted.group_by(day)))
    return {today + dt.timedelta(days=n): found.get(today + dt.timedelta(days=n), 0) for n in range(DAYS)}
