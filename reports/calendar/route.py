"""A person's visits of a day in the order of time: what was not closed, what is under way, what comes next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.wording import now, zone
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.leads import Lead
from models.staff import Person
from models.visits import Visit, VisitState

DAYS = 7
MAP = "https://yandex.ru/maps/"


class Standing(StrEnum):
    """Where a visit stands against the clock."""

    MADE = "made"
    OPEN = "open"
    CURRENT = "current"
    AHEAD = "ahead"


@dataclass
class Stop:
    """A visit of the route. `free` is how many minutes there are between the one before and this one.

    `colleague` is whom to call where there is no number of the client to see.
    """

    visit: Visit
    phone: str = ""
    free: int | None = None
    colleague: Person | None = None

    @property
    def standing(self) -> Standing:
        """Past and not closed is open: nobody has said yet what came of it."""
        if not self.visit.is_planned:
            return Standing.MADE
        at = utcnow()
        if self.visit.ends_at <= at:
            return Standing.OPEN
        return Standing.CURRENT if self.visit.starts_at <= at else Standing.AHEAD

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
    def is_today(self) -> bool:
        """Whether the day is the reader's today."""
        return self.day == utcnow().astimezone(zone()).date()

    @property
    def next_stop(self) -> Stop | None:
        """The first that begins later."""
        return next(iter(self._of(Standing.AHEAD)), None)

    @property
    def current(self) -> Stop | None:
        """The one that is under way."""
        return next(iter(self._of(Standing.CURRENT)), None)

    @property
    def not_closed(self) -> list[Stop]:
        """Those whose time has passed and of which nobody has said what came of them."""
        return self._of(Standing.OPEN)

    @property
    def to_close(self) -> Stop | None:
        """The one whose button is the main one: what is late, then what is under way, then what comes."""
        return next(iter([*self.not_closed, *self._of(Standing.CURRENT), *self._of(Standing.AHEAD)]), None)

    @property
    def whole_url(self) -> str:
        """All addresses still ahead as one way on the map."""
        left = [*self._of(Standing.CURRENT), *self._of(Standing.AHEAD)]
        way = "~".join(quote(stop.visit.address) for stop in left)
        return f"{MAP}?rtext=~{way}&rtt=auto" if way else ""

    def _of(self, standing: Standing) -> list[Stop]:
        return [stop for stop in self.stops if stop.standing is standing]


def route(person_id: int, day: dt.date) -> Route:
    """The visits of a person on a day; phones only where the reader sees them."""
    begins = dt.datetime.combine(day, dt.time.min, zone())
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone())
    mine = Visit.assignee_id == person_id, Visit.state != VisitState.CANCELLED
    rows = select(Visit).where(*mine, Visit.starts_at >= begins, Visit.starts_at < ends).order_by(Visit.starts_at)
    loaded = rows.options(
        selectinload(Visit.deal).joinedload(Deal.owner),
        selectinload(Visit.lead).joinedload(Lead.owner),
        joinedload(Visit.client).selectinload(Client.contacts),
    )
    found = Route(day)
    before: Visit | None = None
    for visit in db.session.execute(loaded).scalars():
        free = int((visit.starts_at - before.ends_at).total_seconds() // 60) if before else None
        found.stops.append(Stop(visit, phone_of(visit), free, colleague_of(visit)))
        before = visit
    found.counts = _counts(person_id)
    return found


def phone_of(visit: Visit) -> str:
    """The number to call, if the reader may see it."""
    actor = current_actor()
    if visit.client is not None:
        return (visit.client.phone or "") if actor.sees("client.phone") else ""
    return visit.lead.phone if visit.lead is not None and actor.sees("lead.phone") else ""


def colleague_of(visit: Visit) -> Person | None:
    """Whom to call when the client's number is not to be seen: whoever leads the deal or the lead."""
    if phone_of(visit) or visit.place is None or not visit.is_planned:
        return None
    owner: Person | None = visit.place.owner
    return owner if owner is not None and owner.id != current_actor().person_id else None


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
