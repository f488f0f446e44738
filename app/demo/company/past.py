"""Twelve months that lie behind the demo company: deals won and lost, shipments, requests, plans.

Told by the large base's teller, since a thousand deals by verbs would take minutes; the sums are the mocks'.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

from app.demo.bulk import tables
from app.demo.bulk.clock import DAY, minutes
from app.demo.bulk.columns import COLUMNS
from app.demo.bulk.lives import Course, Life
from app.demo.bulk.stories import Cast, Story, Teller
from app.demo.company.clock import ZONE, Clock
from app.demo.company.people import SELLERS, Staff
from app.demo.company.requests import KNOWN
from models.ground.base import db
from models.plans import Plan

# Millions of roubles of eleven months, oldest first, as shipped and as planned; then this month's plan and the next.
SHIPPED = ("2.7", "3.0", "3.1", "3.4", "4.2", "5.0", "5.6", "6.1", "6.4", "6.9", "6.2")
PLANNED = ("3.0", "3.2", "3.5", "3.5", "4.0", "4.8", "5.4", "6.0", "6.2", "6.5", "6.5", "6.8", "7.0")
DONE_OF_PLAN = Decimal("0.95")
# Parts of what is shipped and of the plan; minutes to an answer, as against the teller's ten.
BY_SELLER = {"anna": (0.404, 0.352, 0.6), "marina": (0.348, 0.348, 0.9), "oleg": (0.248, 0.300, 2.6)}
BY_SOURCE = {
    "referral": 0.363,
    "site": 0.251,
    "maps": 0.152,
    "telegram": 0.111,
    "avito": 0.079,
    "partner": 0.044,
}
ASKED_BY = {"referral": 15, "site": 31, "maps": 14, "telegram": 17, "avito": 20, "partner": 3}
# Days on each stage, as the dashboard shows them, and of a hundred lost deals how many left after which stage.
STAYS = (0.8, 2.4, 2.9, 3.1, 9.6, 1.7)
LOST_AFTER = (38, 18, 29, 15, 0, 0)
LEADS_A_DAY = 13
LOST_A_DAY, LOST_A_MONTH_BEFORE = 5, 10


@dataclass(frozen=True)
class Month:
    """A month or the part of it that has passed: its minutes, and what was shipped in it, in roubles."""

    begin: int
    end: int
    amount: int
    average: int
    lost: int
    leads: int


def tell(staff: Staff, clock: Clock, course: Course, before: int) -> None:
    """The past, numbered so that the newest of its deals is `before`."""
    random, now = Random(7), minutes(clock.now)
    names = {staff[one].id: staff[one].name for one in SELLERS}
    slow = {staff[one].id: BY_SELLER[one][2] for one in SELLERS}
    cast = Cast(tuple(names), (staff["pavel"].id,), (staff["sergey"].id,), (staff["nina"].id,), names, slow)
    connection: Any = db.session.connection().connection.driver_connection
    teller = Teller(cast, course, now, random, tables.last_ids(connection, list(COLUMNS)))
    stories = []
    for month in _months(clock):
        stories += _won(month, teller, staff) + _lost(month, teller)
        _asked(month, teller)
    _meet(stories, staff)
    stories.sort(key=lambda story: story.life.visits[0][1])
    for number, story in enumerate(stories, before - len(stories) + 1):
        teller.tell_of(number, story)
    writer = tables.Writer(connection, COLUMNS, is_new=False)
    writer.write(teller.hand_over())
    writer.close()
    tables.restart(connection, teller.ids)


def _meet(stories: list[Story], staff: Staff) -> None:
    """Some of those who bought come again today (requests.py)."""
    of_marina = [
        place for place, one in enumerate(stories) if one.life.is_won and one.owner == staff["marina"].id
    ]
    for place, named in zip(of_marina, KNOWN, strict=False):
        stories[place] = replace(stories[place], named=named)


def _months(clock: Clock) -> list[Month]:
    found = []
    first = clock.today.replace(day=1)
    for back in range(len(SHIPPED), -1, -1):
        place = first.year * 12 + first.month - 1 - back
        begin = dt.date(place // 12, place % 12 + 1, 1)
        found.append(_month(begin, clock, back))
    return found


def _month(begin: dt.date, clock: Clock, back: int) -> Month:
    length = calendar.monthrange(begin.year, begin.month)[1]
    at = minutes(dt.datetime.combine(begin, dt.time(), ZONE))
    days = clock.today.day - 1 if back == 0 else length
    if back:
        amount = int(Decimal(SHIPPED[-back]) * 10**6)
    else:
        amount = int(Decimal(PLANNED[-2]) * 10**6 * DONE_OF_PLAN * clock.today.day / length / 100) * 100
    is_near = back <= 1
    return Month(
        begin=at,
        end=at + days * DAY,
        amount=amount if days else 0,
        average=87_700 if back == 0 else 91_400 if back == 1 else 108_000,
        lost=LOST_A_DAY * days if is_near else LOST_A_MONTH_BEFORE,
        leads=LEADS_A_DAY * days if is_near else LEADS_A_DAY * 18,
    )


def _won(month: Month, teller: Teller, staff: Staff) -> list[Story]:
    """Shipments that add up to the month's sum, dealt out to sellers and sources by their parts."""
    random = teller.random
    count = round(month.amount / month.average)
    if not count:
        return []
    weights = [random.lognormvariate(0, 0.5) for _place in range(count)]
    amounts = [int(month.amount * weight / sum(weights) / 100) * 100 for weight in weights]
    amounts[0] += month.amount - sum(amounts)
    sellers = _dealt(amounts, {staff[one].id: BY_SELLER[one][0] for one in SELLERS})
    sources = _dealt(amounts, BY_SOURCE)
    found = []
    for amount, seller, source in zip(amounts, sellers, sources, strict=True):
        shipped = random.randrange(month.begin + 9 * 60, month.end - 5 * 60)
        life = _life(teller, shipped, len(STAYS))
        life.is_won, life.shipped = True, shipped
        found.append(Story(life, seller, source, amount))
    return found


def _dealt(amounts: list[int], parts: dict[Any, float]) -> list[Any]:
    """To whom each amount goes, so that everybody's part of the whole comes out; the largest are dealt first."""
    left = {one: sum(amounts) * part for one, part in parts.items()}
    found: list[Any] = [None] * len(amounts)
    for place in sorted(range(len(amounts)), key=lambda place: -amounts[place]):
        found[place] = max(left, key=lambda one: left[one])
        left[found[place]] -= amounts[place]
    return found


def _lost(month: Month, teller: Teller) -> list[Story]:
    random, found = teller.random, []
    for _place in range(month.lost):
        after = random.choices(range(len(STAYS)), LOST_AFTER)[0] + 1
        ended = random.randrange(month.begin + 9 * 60, month.end - 5 * 60)
        source = random.choices(list(ASKED_BY), list(ASKED_BY.values()))[0]
        amount = int(random.lognormvariate(11.3, 0.5) / 100) * 100
        found.append(Story(_life(teller, ended, after), random.choice(teller.cast.sellers), source, amount))
    return found


def _life(teller: Teller, ended: int, stages: int) -> Life:
    """The first stages of a life that ends at a moment, told from its end."""
    course, random = teller.course, teller.random
    stays = [max(int(days * DAY * (0.5 + random.random())), 30) for days in STAYS[:stages]]
    life, at = Life(reached=stages - 1, closed=ended), ended - sum(stays)
    for place, stay in enumerate(stays):
        life.visits.append((course.stages[place], at, at + stay))
        at += stay
    life.visits.append((course.won if stages == len(STAYS) else course.lost, at, None))
    return life


def _asked(month: Month, teller: Teller) -> None:
    """Requests of which nothing came."""
    random = teller.random
    for _place in range(month.leads * 3 // 5):
        at = random.randrange(month.begin + 8 * 60, month.end - 4 * 60) if month.end > month.begin else 0
        source = random.choices(list(ASKED_BY), list(ASKED_BY.values()))[0]
        if 0 < at < teller.now - 2 * DAY:
            teller.dead_lead(at, random.choice(teller.cast.sellers), source)


def plan(staff: Staff, clock: Clock) -> None:
    """The firm's plan of each month with the sellers' parts."""
    first = clock.today.replace(day=1)
    for back, millions in zip(range(len(PLANNED) - 2, -2, -1), PLANNED, strict=True):
        place = first.year * 12 + first.month - 1 - back
        month, amount = dt.date(place // 12, place % 12 + 1, 1), Decimal(millions) * 10**6
        db.session.add(Plan(month=month, person_id=None, amount=amount))
        for one in SELLERS:
            part = round(amount * Decimal(str(BY_SELLER[one][1])), -3)
            db.session.add(Plan(month=month, person_id=staff[one].id, amount=part))
    db.session.flush()
