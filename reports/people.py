"""What each person did in the month: leads, how soon answered, deals, money against the plan, what is late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from models.ground.base import db
from models.staff import Person
from models.tasks import Task
from reports.questions import Lens, overdue
from reports.shipments import Part, Plans, Sold
from reports.sources import Got, Leads


@dataclass(frozen=True)
class Row:
    """One person's month; without a person it is what belongs to nobody. `plan` is that of the days passed."""

    person: Person | None
    leads: int
    answer: dt.timedelta | None
    deals: int
    amount: Decimal
    plan: Decimal | None
    overdue: int

    @property
    def done(self) -> Decimal | None:
        """Percent of the plan."""
        return self.amount * 100 / self.plan if self.plan else None


def overdue_tasks(lens: Lens) -> dict[int | None, int]:
    """How many tasks are late, by whom they are given to."""
    each = select(Task.assignee_id, func.count(Task.id)).where(*overdue(lens)).group_by(Task.assignee_id)
    return dict(db.session.execute(each).all())


def rows(lens: Lens, told: tuple[Leads, Sold, Plans, dict[int | None, int]]) -> list[Row]:
    """Everybody with anything to show, who shipped most first; so that each column adds up to its total."""
    leads, sold, plans, late = told
    ids = set(leads.by_person) | set(sold.by_person) | set(late)
    known = {one.id: one for one in _people(ids)}
    share = Decimal(str(lens.passed))
    found = [
        Row(
            person=known.get(person or 0),
            leads=got.leads,
            answer=got.answer,
            deals=part.deals,
            amount=part.amount,
            plan=plans.by_person[person] * share if person in plans.by_person else None,
            overdue=late.get(person, 0),
        )
        for person in ids
        for got, part in [(leads.by_person.get(person, Got()), sold.by_person.get(person, Part()))]
    ]
    return sorted(found, key=lambda row: (-row.amount, -row.leads, -row.overdue))


def _people(ids: Iterable[Any]) -> Iterable[Person]:
    wanted = [one for one in ids if one is not None]
    return db.session.execute(select(Person).where(Person.id.in_(wanted))).scalars()
