"""The lists behind the marks of the dashboard: each counts exactly the rows that its mark counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from models.deals import Deal
from models.ground.base import db
from models.ground.history import StageVisit
from models.leads import Lead
from models.shipments import Shipment
from models.tasks import Task
from reports.funnel import stages
from reports.questions import SEEING_ERASED, Lens, begun, entered, late, left, overdue, received, shipped

PAGE = 50
# In an address "-" stands for what has no source or no person.
NONE = "-"


@dataclass(frozen=True)
class Narrowed:
    """What narrows a list beside the lens, as it stands in the address."""

    stage: int | None = None
    source: str | None = None
    person: int | str | None = None


@dataclass(frozen=True)
class Counted:
    """A list: its title, which table's rows it shows (the template of that name), and how they are found.

    `takes` are the parts of Narrowed that it understands.
    """

    title: Any
    noun: str
    find: Callable[[Lens, Narrowed], Select[Any]]
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One page of a list, with the count and the sum of the whole of it."""

    rows: Sequence[Any]
    count: int
    amount: Decimal | None
    number: int = 1
    pages: int = field(default=1)


def _shipments(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    found = select(Shipment).where(*shipped(lens, lens.span))
    if narrowed.source is not None:
        found = found.where(_of_source(narrowed.source))
    return _by(found, Shipment.seller_id, narrowed.person).order_by(
        Shipment.shipped_on.desc(), Shipment.id.desc()
    )


def _of_source(source: str) -> Any:
    """Of deals with this source; those of none are all that are not of a deal in sight with one."""
    of_it = select(Deal.id).where(Deal.id == Shipment.deal_id)
    if source == NONE:
        return ~of_it.where(Deal.source != "").exists()
    return of_it.where(Deal.source == source).exists()


def _shipped(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    shipments = select(Shipment.deal_id).where(*shipped(lens, lens.span))
    shipments = _by(shipments, Shipment.seller_id, narrowed.person)
    return _newest(select(Deal).where(Deal.id.in_(shipments)))


def _deals(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    return _newest(_by(select(Deal).where(*begun(lens, lens.span)), Deal.owner_id, narrowed.person))


def _entered(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    return _visited(entered(lens, lens.span), narrowed)


def _left(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    return _visited(left(lens, lens.span), narrowed)


def _visited(conditions: Sequence[Any], narrowed: Narrowed) -> Select[Any]:
    visits = select(StageVisit.deal_id).where(*conditions)
    if narrowed.stage is not None:
        visits = visits.where(StageVisit.stage_id == narrowed.stage)
    # The conditions see the trash, and so does the whole statement: here the deals in it are left out by hand.
    return _newest(select(Deal).where(Deal.id.in_(visits), Deal.deleted_at.is_(None))).execution_options(
        **SEEING_ERASED
    )


def _late(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    found = select(Deal).where(*late(lens, stages(lens)))
    return _by(found, Deal.owner_id, narrowed.person).order_by((Deal.amount + 0).desc(), Deal.id.desc())


def _leads(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    found = select(Lead).where(*received(lens, lens.span))
    if narrowed.source is not None:
        found = found.where(Lead.source == ("" if narrowed.source == NONE else narrowed.source))
    return _by(found, Lead.owner_id, narrowed.person).order_by(Lead.received_at.desc(), Lead.id.desc())


def _tasks(lens: Lens, narrowed: Narrowed) -> Select[Any]:
    found = select(Task).where(*overdue(lens))
    return _by(found, Task.assignee_id, narrowed.person).order_by(Task.due_at, Task.id)


def _by(statement: Select[Any], column: Any, person: int | str | None) -> Select[Any]:
    if person is None:
        return statement
    return statement.where(column.is_(None) if person == NONE else column == person)


def _newest(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(Deal.id.desc())


LISTS: dict[str, Counted] = {
    "shipments": Counted(_l("Shipments"), "shipments", _shipments, ("source", "person")),
    "shipped": Counted(_l("Deals that were shipped"), "deals", _shipped, ("person",)),
    "deals": Counted(_l("New deals"), "deals", _deals, ("person",)),
    "entered": Counted(_l("Deals that came to the stage"), "deals", _entered, ("stage",)),
    "left": Counted(_l("Deals that left the stage"), "deals", _left, ("stage",)),
    "late": Counted(_l("Deals over the norm"), "deals", _late, ("person",)),
    "leads": Counted(_l("Leads"), "leads", _leads, ("source", "person")),
    "tasks": Counted(_l("Overdue tasks"), "tasks", _tasks, ("person",)),
}

_NOUNS: dict[str, type[Any]] = {"shipments": Shipment, "deals": Deal, "leads": Lead, "tasks": Task}
_WITH: dict[str, tuple[Any, ...]] = {
    "shipments": (joinedload(Shipment.deal), joinedload(Shipment.seller)),
    "deals": (joinedload(Deal.stage), joinedload(Deal.owner)),
    "leads": (joinedload(Lead.owner),),
    "tasks": (joinedload(Task.deal), joinedload(Task.assignee)),
}


def page(what: str, lens: Lens, narrowed: Narrowed, number: int = 1) -> Page:
    """One page of a list and what the whole of it counts and adds up to. Pages begin at 1."""
    counted = LISTS[what]
    noun, statement = _NOUNS[counted.noun], counted.find(lens, narrowed)
    sums = [func.count(noun.id), *([func.sum(noun.amount)] if hasattr(noun, "amount") else [])]
    whole = statement.with_only_columns(*sums, maintain_column_froms=True).order_by(None)
    count, *amount = db.session.execute(whole).one()
    rows = statement.options(*_WITH[counted.noun]).limit(PAGE).offset((number - 1) * PAGE)
    found = db.session.execute(rows).scalars().all()
    total = (amount[0] or Decimal(0)) if amount else None
    return Page(found, count, total, number, max(-(-count // PAGE), 1))
