"""A large plausible base, quickly: a million deals over three years go through COPY in minutes."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from random import Random
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.demo.bulk import tables
from app.demo.bulk.clock import minutes
from app.demo.bulk.columns import COLUMNS
from app.demo.bulk.lives import Course, beginnings
from app.demo.bulk.people import hire
from app.demo.bulk.stories import Cast, Teller
from models.ground.base import db, utcnow
from models.ground.numbers import Counter
from models.ground.refused import Refused
from models.lowcode.funnels import Funnel, StageKind
from models.plans import Plan

DAYS = 1095
FIRST_NUMBER = 1001
CHUNK = 10_000
AVERAGE_AMOUNT = 104_000
WORKING = ("maintenance_work_mem = '512MB'", "work_mem = '128MB'", "synchronous_commit = off")
# History keeps what the installation wrote; everything else begins anew.
BEGUN_ANEW = [table for table in COLUMNS if table != "change"]


def load(deals: int, seed: int = 1) -> None:
    """Fill an installed base that has no clients, leads and deals yet; the caller commits.

    The same count and seed make the same base, counted from the moment of loading. Raises Refused.
    """
    connection: Any = db.session.connection().connection.driver_connection
    if any(tables.last_ids(connection, BEGUN_ANEW).values()):
        raise Refused(_("There are records already. A large base is loaded into an empty one only."))
    now, random = minutes(utcnow()), Random(seed)
    course, cast = course_of_first_funnel(), hire(random)
    _plans(cast, deals)
    _number_on(deals)
    db.session.flush()
    for setting in WORKING:
        connection.execute(f"SET LOCAL {setting}")
    tables.partition(connection, _months(now))
    with tables.bare(connection, list(COLUMNS)):
        tables.truncate(connection, BEGUN_ANEW)
        teller = Teller(cast, course, now, random, tables.last_ids(connection, list(COLUMNS)))
        _tell_all(connection, teller, deals)
    tables.restart(connection, teller.ids)
    connection.execute("ANALYZE")


def _tell_all(connection: Any, teller: Teller, deals: int) -> None:
    writer = tables.Writer(connection, COLUMNS)
    for place, begin in enumerate(beginnings(deals, teller.now, DAYS)):
        teller.tell(FIRST_NUMBER + place, begin)
        if place % CHUNK == CHUNK - 1:
            writer.write(teller.hand_over())
    writer.write(teller.hand_over())
    writer.close()


def course_of_first_funnel() -> Course:
    """The way through the first funnel. A stage without a norm takes ten days."""
    funnel = db.session.execute(select(Funnel).order_by(Funnel.position, Funnel.id).limit(1)).scalar_one()
    by_kind = {kind: [stage for stage in funnel.stages if stage.kind == kind] for kind in StageKind}
    steps = by_kind[StageKind.OPEN]
    return Course(
        funnel_id=funnel.id,
        stages=tuple(stage.id for stage in steps),
        hours=tuple(stage.norm_hours or 240 for stage in steps),
        won=by_kind[StageKind.WON][0].id,
        lost=by_kind[StageKind.LOST][0].id,
    )


def _plans(cast: Cast, deals: int) -> None:
    """What was to be shipped each month, by the firm and by each seller: a little more every month."""
    total = deals * AVERAGE_AMOUNT // 2
    for place, month in enumerate(month_starts(utcnow().date(), 37)):
        amount = round(total / 36 * (0.86 + place / 36 * 0.3), -3)
        db.session.add(Plan(month=month, person_id=None, amount=amount))
        for seller in cast.sellers:
            db.session.add(Plan(month=month, person_id=seller, amount=round(amount / len(cast.sellers), -3)))


def _number_on(deals: int) -> None:
    """The counter of deals goes on after the last number that is about to be used."""
    counter = db.session.get(Counter, ("deal", 0, 0)) or Counter(kind="deal", firm_id=0, year=0)
    counter.last = FIRST_NUMBER + deals - 1
    db.session.add(counter)


def month_starts(day: dt.date, count: int) -> list[dt.date]:
    """The first days of the last `count` months, oldest first, the day's own month last."""
    months = day.year * 12 + day.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(months - count + 1, months + 1)]


def _months(now: int) -> list[tuple[str, str, str]]:
    """The months before this one: rows of this month already lie where they lie."""
    starts = month_starts(dt.datetime.fromtimestamp(now * 60, dt.UTC).date(), 38)
    return [(f"{first:%Y_%m}", str(first), str(after)) for first, after in pairwise(starts)]
