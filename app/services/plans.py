"""The verb of plans: a month's figures for the firm and for people, saved together."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from models.ground.base import db
from models.ground.limits import FIRST_YEAR, LAST_YEAR, clean_money
from models.ground.refused import Difference, Refused, Stale
from models.plans import Plan
from models.staff import Person

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Typed:
    """What was typed for a month and a person (None: the whole firm), and what stood there when the page was opened.

    `amount` is text or a number in roubles, "" for no plan.
    """

    month: dt.date
    person_id: int | None
    amount: Any
    was: Decimal | None = None

    @property
    def key(self) -> str:
        """The name of its field: 2026-10 and who, 0 for the firm."""
        return f"{self.month:%Y-%m}.{self.person_id or 0}"


def save(typed: Sequence[Typed]) -> int:
    """Keep the plans that were changed; returns how many. An emptied plan stays as a zero, for its history.

    Raises Refused for what is no sum, Stale when somebody else changed one of them meanwhile.
    """
    wanted = [(one, _amount(one)) for one in typed]
    changed = [(one, amount) for one, amount in wanted if amount != (one.was or NOTHING)]
    people = _known_people({one.person_id for one, _amount in changed if one.person_id})
    rows = {one.key: _locked(one) for one, _amount in changed}
    _refuse_stale(changed, rows)
    for one, amount in changed:
        if one.person_id and one.person_id not in people:
            raise Refused(_("There is no such person any more. Reload the page."), one.key)
        row = rows[one.key]
        if row is None:
            db.session.add(Plan(month=one.month, person_id=one.person_id, amount=amount))
        else:
            row.amount = amount
    db.session.flush()
    return len(changed)


def _amount(one: Typed) -> Decimal:
    if one.month.day != 1 or not FIRST_YEAR <= one.month.year <= LAST_YEAR:
        raise Refused(_("There is no such month. Reload the page."), one.key)
    text = str(one.amount if one.amount is not None else "").strip()
    amount = clean_money(text, one.key) if text else NOTHING
    if amount < 0:
        raise Refused(_("A plan cannot be below zero. Leave the box empty if there is no plan."), one.key)
    return amount


def _known_people(ids: set[int]) -> set[int]:
    return set(db.session.execute(select(Person.id).where(Person.id.in_(ids))).scalars())


def _locked(one: Typed) -> Plan | None:
    of_whom = Plan.person_id == one.person_id if one.person_id else Plan.person_id.is_(None)
    found = select(Plan).where(Plan.month == one.month, of_whom).with_for_update(of=Plan)
    return db.session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()


def _refuse_stale(changed: Sequence[tuple[Typed, Decimal]], rows: dict[str, Plan | None]) -> None:
    """Somebody's figure is never overwritten unseen, unless both typed the same."""
    others = [
        (row, Difference(one.key, amount, row.amount))
        for one, amount in changed
        if (row := rows[one.key]) is not None and row.amount not in (one.was or NOTHING, amount)
    ]
    if others:
        latest = max((row for row, _difference in others), key=lambda row: row.changed_at)
        by = db.session.get(Person, latest.changed_by_id) if latest.changed_by_id else None
        raise Stale(by.name if by else "", latest.changed_at, [difference for _row, difference in others])
