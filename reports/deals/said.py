"""How history says a value: the names behind ids, sums, dates, words of lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import select
from sqlalchemy.orm.util import identity_key

from app.wording import day, language, moment, money, percent
from models.clients import Client
from models.ground.actor import SYSTEM
from models.ground.base import db
from models.lowcode import choices
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import Funnel, Stage
from models.staff import Person

# What a column of a row is called and which kind of value it holds; the fields of a deal are in FIELDS.
COLUMNS: dict[str, tuple[Any, str]] = {
    "deal.stage_id": (_l("Stage"), "stage"),
    "deal.owner_id": (_l("Owner"), "person"),
    "deal.funnel_id": (_l("Funnel"), "funnel"),
    "deal.held_until": (_l("On hold until"), "date"),
    "deal.held_reason": (_l("Why it waits"), "text"),
    "participant.words": (_l("Role of a participant"), "text"),
    "task.title": (_l("Task"), "text"),
    "task.kind": (_l("Kind of task"), "text"),
    "task.assignee_id": (_l("Task is given to"), "person"),
    "task.due_at": (_l("Task is due"), "moment"),
    "task.done_at": (_l("Task is done"), "moment"),
    "task.result": (_l("Result of the task"), "text"),
    "estimate.state": (_l("State of the estimate"), "text"),
    "estimate.total": (_l("Total of the estimate"), "money"),
    "estimate.agreed_at": (_l("Estimate is agreed"), "moment"),
    "estimate.prepayment_percent": (_l("Prepayment"), "percent"),
    "estimate.valid_until": (_l("Price holds until"), "date"),
    "document.state": (_l("State of the document"), "text"),
    "document.number": (_l("Number of the document"), "text"),
    "document.amount": (_l("Sum of the document"), "money"),
    "document.due_on": (_l("Document is due"), "date"),
    "payment.amount": (_l("Sum of the payment"), "money"),
    "payment.paid_on": (_l("Paid on"), "date"),
    "payment.method": (_l("Way of payment"), "text"),
    "shipment.shipped_on": (_l("Shipped on"), "date"),
    "shipment.amount": (_l("Sum of the shipment"), "money"),
    "shipment.cost": (_l("Cost of the shipment"), "money"),
}
COLUMNS |= {
    f"deal.{field.column}": (field.label, field.choices or field.kind)
    for field in FIELDS.values()
}  # fmt: skip
CREATED = {
    "deal": _l("Deal was made"),
    "task": _l("Task was added"),
    "estimate": _l("Estimate was begun"),
    "document": _l("Document was issued"),
    "payment": _l("Payment was recorded"),
    "shipment": _l("Shipment was recorded"),
    "participant": _l("A participant was added"),
    "visit": _l("A visit was planned"),
}
ID_KINDS = {"person": Person, "client": Client, "stage": Stage, "funnel": Funnel}


class Names:
    """The names behind the ids of a page of history, three statements at most."""

    def __init__(self, asked: Iterable[tuple[str, Any]]) -> None:
        wanted: dict[str, set[int]] = {kind: set() for kind in ID_KINDS}
        for kind, value in asked:
            if kind in wanted and isinstance(value, int):
                wanted[kind].add(value)
        self.found = {kind: self._read(kind, ids) for kind, ids in wanted.items() if ids}

    def _read(self, kind: str, ids: set[int]) -> dict[int, str]:
        """What the page has loaded already is not asked for again."""
        cls: Any = ID_KINDS[kind]
        known = (db.session.identity_map.get(identity_key(cls, one)) for one in ids)
        rows = [row for row in known if row is not None]
        absent = ids - {row.id for row in rows}
        if absent:
            rows += db.session.execute(select(cls).where(cls.id.in_(absent))).scalars()
        return {row.id: row.label(language()) if kind in {"stage", "funnel"} else row.name for row in rows}

    def of(self, kind: str, value: Any) -> str:
        """The name of a row; a hidden or deleted one has none."""
        return self.found.get(kind, {}).get(value) or _("not shown")


def who_did(row: Any) -> str:
    """Who did it; what rules and jobs do is said to be automatic."""
    return _("automatically") if row.actor_name == SYSTEM.name else str(row.actor_name)


def kind_of(table: str, column: str) -> str:
    """The kind of value that a column holds."""
    return COLUMNS.get(f"{table}.{column}", ("", "text"))[1]


def column_words(table: str, column: str) -> str:
    """What a column is called; in the words of the code when nobody gave it a name."""
    found = COLUMNS.get(f"{table}.{column}")
    return str(found[0]) if found else f"{table}.{column}"


def value_words(kind: str, value: Any, names: Names) -> str:
    """A value of history, as it is kept in JSON, in words; empty when there was none."""
    if value is None or value == "" or (kind == "money" and not Decimal(str(value))):
        return ""
    if kind in ID_KINDS:
        return names.of(kind, value)
    if kind in SAID:
        return SAID[kind](value)
    if kind in {"work_type", "source", "category", "lost_reason"}:
        return choices.label(kind, str(value), language())
    return str(CODES.get(str(value), value))


# The codes of states, ways of payment and kinds of tasks, as history says them.
CODES = {
    "draft": _p("history", "draft"),
    "sent": _p("history", "sent"),
    "agreed": _p("history", "agreed"),
    "making": _p("history", "being made"),
    "ready": _p("history", "ready"),
    "failed": _p("history", "failed"),
    "cancelled": _p("history", "cancelled"),
    "bank": _p("history", "by bank transfer"),
    "cash": _p("history", "in cash"),
    "card": _p("history", "by card"),
    "sbp": _p("history", "by fast payment"),
    "call": _p("history", "call"),
    "message": _p("history", "message"),
    "measure": _p("history", "measurement"),
    "estimate": _p("history", "estimate"),
    "document": _p("history", "document"),
    "payment": _p("history", "payment"),
    "production": _p("history", "production"),
    "delivery": _p("history", "delivery"),
    "other": _p("history", "other"),
}
SAID: dict[str, Any] = {
    "money": money,
    "percent": percent,
    "date": lambda value: day(dt.date.fromisoformat(str(value)[:10])),
    "moment": lambda value: moment(dt.datetime.fromisoformat(str(value))),
}
