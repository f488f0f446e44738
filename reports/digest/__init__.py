"""The daily letter of one person: what is late, what is for today, what came and was not seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.wording import moment, zone
from models.deals import Deal
from models.ground.actor import Actor, current_actor
from models.ground.base import db, utcnow
from models.leads import Lead
from models.notices import Notice
from models.tasks import Task
from reports.leads import waiting

MOST = 12


@dataclass(frozen=True)
class Digest:
    """Counts, the first of each kind, and the notices; texts are in the language and zone at hand."""

    late_tasks: int = 0
    tasks: int = 0
    leads: int = 0
    # Each is what, when, address, whether it is late.
    things: list[tuple[str, str, str, bool]] = field(default_factory=list)
    notices: list[tuple[str, str, str]] = field(default_factory=list)
    more: int = 0

    @property
    def total(self) -> int:
        """How much waits to be done."""
        return self.tasks + self.leads

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write about."""
        return not self.total and not self.notices


def digest(actor: Actor, since: dt.datetime) -> Digest:
    """What waits for the actor now, and what came since that moment and was not seen."""
    now = utcnow()
    end = dt.datetime.combine(now.astimezone(zone()).date() + dt.timedelta(days=1), dt.time(), zone())
    mine = select(Task).where(Task.assignee_id == actor.person_id, Task.done_at.is_(None), Task.due_at < end)
    asked = select(Lead).where(*waiting(actor))
    counted = [_count(mine.where(Task.due_at < now)), _count(mine), _count(asked)]
    late, tasks, leads = db.session.execute(select(*counted)).one()
    unseen = select(Notice).where(Notice.person_id == actor.person_id, Notice.read_at.is_(None), Notice.at > since)
    rows = db.session.execute(unseen.order_by(Notice.id.desc()).limit(MOST + 1)).scalars().all()
    return Digest(
        late_tasks=late,
        tasks=tasks,
        leads=leads,
        things=[*_leads(asked, now), *_tasks(mine, now)][:MOST],
        notices=[(row.title, moment(row.at), row.url) for row in rows[:MOST]],
        more=max(0, leads + tasks - MOST),
    )


def _count(rows: Any) -> Any:
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def _leads(asked: Any, now: dt.datetime) -> list[tuple[str, str, str, bool]]:
    found = db.session.execute(asked.order_by(Lead.respond_by.asc().nulls_last()).limit(MOST)).scalars()
    return [_thing(repr(lead), lead.respond_by, _page_of(lead), now) for lead in found]


def _tasks(mine: Any, now: dt.datetime) -> list[tuple[str, str, str, bool]]:
    places = selectinload(Task.deal).load_only(Deal.number), selectinload(Task.lead).load_only(Lead.id)
    found = db.session.execute(mine.order_by(Task.due_at).limit(MOST).options(*places)).scalars()
    return [_thing(task.title, task.due_at, _place(task), now) for task in found]


def _thing(words: str, at: dt.datetime | None, url: str, now: dt.datetime) -> tuple[str, str, str, bool]:
    return (words, moment(at) if at else "", url, at is not None and at < now)


def _place(task: Task) -> str:
    """Where the reader finds it: what is not in reach is not loaded either, and then it stands in the list."""
    of_place = _page_of(task.deal) or _page_of(task.lead)
    return of_place or ("/tasks/list/" if current_actor().may("can_list", "Tasks") else "")


def _page_of(row: Deal | Lead | None) -> str:
    """The card, where whoever reads the row may open cards."""
    actor = current_actor()
    if isinstance(row, Deal):
        return f"/deals/{row.number}" if actor.may("can_show", "Deals") else ""
    return f"/leads/{row.id}" if row is not None and actor.may("can_show", "Leads") else ""
