"""Money that was shipped: by month against the plan, by who sold it and where the client came from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, cast, func, or_, select, true, tuple_

from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.plans import Plan
from models.shipments import Shipment
from reports.questions import Lens, both, shipped

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Part:
    """Shipments of one source, one seller or all: roubles, deals, and days from the start of a deal."""

    amount: Decimal = NOTHING
    deals: int = 0
    shipments: int = 0
    days: int = 0

    @property
    def average(self) -> Decimal | None:
        """Roubles a deal."""
        return self.amount / self.deals if self.deals else None

    @property
    def cycle(self) -> float | None:
        """Days from the start of a deal to its shipment, on average."""
        return self.days / self.shipments if self.shipments else None


@dataclass
class Sold:
    """The shipments of a span, whole and in parts."""

    total: Part = field(default_factory=Part)
    by_source: dict[str, Part] = field(default_factory=dict)
    by_person: dict[int | None, Part] = field(default_factory=dict)


def sold(lens: Lens) -> tuple[Sold, Sold]:
    """The month and what it is compared with, in one pass; the deals are looked up beside and may be out of sight."""
    deal = (
        select(Deal.id.label("id"), Deal.source.label("source"), cast(Deal.created_at, Date).label("begun"))
        .where(Deal.id == Shipment.deal_id)
        .lateral("deal_of_it")
    )
    days = func.greatest(Shipment.shipped_on - deal.c.begun, 0)
    is_now = (Shipment.shipped_on >= lens.month).label("is_now")
    # Between the two spans lie the days of the earlier month that have not come yet in this one.
    either = (*shipped(lens, both(lens)), or_(is_now, Shipment.shipped_on < lens.before.until))
    rows = (
        select(is_now, Shipment.seller_id, Shipment.amount, deal.c.id, deal.c.source, days.label("days"))
        .outerjoin(deal, true())
        .where(*either)
        .subquery()
    ).c
    source = func.coalesce(rows.source, "").label("source")
    sets = func.grouping_sets(tuple_(rows.is_now, source), tuple_(rows.is_now, rows.seller_id), tuple_(rows.is_now))
    sums = (func.sum(rows.amount), func.count(rows.id.distinct()), func.count(rows.days), func.sum(rows.days))
    which = func.grouping(source, rows.seller_id)
    found = db.session.execute(select(which, rows.is_now, source, rows.seller_id, *sums).group_by(sets))
    return _sorted_out(found)


def _sorted_out(rows: Any) -> tuple[Sold, Sold]:
    """GROUPING says which of source and seller (bits 2 and 1) a row does not tell apart."""
    now, before = Sold(), Sold()
    for which, is_now, source, seller, amount, deals, shipments, days in rows:
        part, told = Part(amount or NOTHING, deals, shipments, int(days or 0)), now if is_now else before
        if which == 3:
            told.total = part
        elif which == 1:
            told.by_source[source] = part
        else:
            told.by_person[seller] = part
    return now, before


@dataclass(frozen=True)
class Month:
    """What was shipped in a month and what was planned, in roubles."""

    first: dt.date
    amount: Decimal
    plan: Decimal | None


def by_month(lens: Lens, plans: dict[dt.date, Decimal]) -> list[Month]:
    """Twelve months. Summed by day in the database, which the index has in order, and by month here."""
    by_day = select(Shipment.shipped_on, func.sum(Shipment.amount)).where(*shipped(lens, lens.year))
    sums: dict[dt.date, Decimal] = defaultdict(Decimal)
    for day, amount in db.session.execute(by_day.group_by(Shipment.shipped_on)):
        sums[day.replace(day=1)] += amount
    return [Month(first, sums[first], plans.get(first)) for first in lens.months]


@dataclass(frozen=True)
class Plans:
    """Plans of the months as this reader sees them, and those of each person for the month looked at."""

    by_month: dict[dt.date, Decimal]
    by_person: dict[int, Decimal]


def plans(lens: Lens) -> Plans:
    """The firm's plan; of a team, or for who reads only a part of the shipments, the sum of the people's."""
    rows = db.session.execute(
        select(Plan.month, Plan.person_id, Plan.amount).where(*lens.year.holds_day(Plan.month))
    ).all()
    within = reach(lens)
    people: dict[dt.date, Decimal] = defaultdict(Decimal)
    for month, person, amount in rows:
        if person is not None and (within is None or person in within):
            people[month] += amount
    whole = {month: amount for month, person, amount in rows if person is None and within is None}
    mine = {person: amount for month, person, amount in rows if month == lens.month and person is not None}
    return Plans({**people, **whole}, mine)


def reach(lens: Lens) -> frozenset[int] | None:
    """Whose shipments are looked at: the team's people among those the reader reaches; None means everybody's."""
    actor = current_actor()
    scope = actor.reads(Shipment.noun)
    if scope is Scope.ALL:
        return lens.people
    own = actor.team_ids if scope is Scope.TEAM else actor.own_ids
    return own if lens.people is None else own & lens.people
