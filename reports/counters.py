"""What the frame of a page shows: the menu's counters, the company's name, the role; in one statement."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Label, Select, func, select

from models.deals import Deal
from models.firms import Firm
from models.ground.actor import Actor
from models.ground.base import db, utcnow
from models.leads import Lead
from models.notices import Notice
from models.staff import RoleReach
from models.tasks import Task
from reports.leads import waiting

# Counting stops there: "99+" says enough.
ENOUGH = 100


@dataclass(frozen=True)
class FrameFacts:
    """Counters by the key of their place, places where something is late, unread notices, and two names."""

    counts: dict[str, int] = field(default_factory=dict)
    late: frozenset[str] = frozenset()
    unread: int = 0
    brand: str = ""
    role_names: dict[str, str] = field(default_factory=dict)


def frame_facts(actor: Actor, end_of_day: dt.datetime) -> FrameFacts:
    """What waits for this person, and how the company and the person's role are called."""
    leads, tasks, deals = _leads(actor), _tasks(actor), _deals()
    firm = select(Firm.brand).order_by(Firm.id).limit(1)
    role = select(RoleReach.names).where(RoleReach.code.in_(actor.roles)).order_by(RoleReach.role_id).limit(1)
    unread = select(Notice.id).where(Notice.person_id == (actor.person_id or 0), Notice.read_at.is_(None))
    columns = (
        _count(leads, "leads"),
        _count(tasks.where(Task.due_at < end_of_day), "tasks"),
        _count(deals, "deals"),
        _count(unread, "unread"),
        leads.where(Lead.respond_by < utcnow()).exists().label("late_leads"),
        tasks.where(Task.due_at < utcnow()).exists().label("late_tasks"),
        firm.scalar_subquery().label("brand"),
        role.scalar_subquery().label("role"),
    )
    row = db.session.execute(select(*columns)).one()
    late = {"leads": row.late_leads, "tasks": row.late_tasks, "day": row.late_leads or row.late_tasks}
    return FrameFacts(
        # "My day" has a row for each of both.
        counts={"leads": row.leads, "tasks": row.tasks, "deals": row.deals, "day": row.leads + row.tasks},
        late=frozenset(key for key, found in late.items() if found),
        unread=row.unread,
        brand=row.brand or "",
        role_names=row.role or {},
    )


def _leads(actor: Actor) -> Select[Any]:
    """What the list's first tab and "My day" show."""
    return select(Lead.id).where(*waiting(actor))


def _tasks(actor: Actor) -> Select[Any]:
    return select(Task.id).where(Task.assignee_id == (actor.person_id or 0), Task.done_at.is_(None))


def _deals() -> Select[Any]:
    """Open ones in reach: what the board shows that the place opens."""
    return select(Deal.id).where(Deal.closed_at.is_(None))


def _count(rows: Select[Any], name: str) -> Label[int]:
    return select(func.count()).select_from(rows.limit(ENOUGH).subquery()).scalar_subquery().label(name)
