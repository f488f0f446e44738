"""The card of a deal: its way, its fields, its plan, its neighbours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.wording import language, moment
from models.deals import Deal
from models.ground.actor import SYSTEM, Scope, current_actor
from models.ground.base import db, utcnow
from models.ground.history import Change, StageVisit
from models.lowcode.fields import FIELDS, Field
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.tasks import Task
from models.visits import Visit, VisitState
from reports.deals.gate import shown
from reports.deals.people import Part, parts

SECTIONS = ("deal", "place")


@dataclass(frozen=True)
class Step:
    """A stage of the way: done, on, lost, won or ahead (empty), and how long the deal was on it."""

    stage: Stage
    state: str
    lasted: dt.timedelta | None


@dataclass(frozen=True)
class Shown:
    """A field with its value in words; `needed` names the stage ahead that asks for it."""

    field: Field
    words: str
    needed: str = ""


@dataclass(frozen=True)
class Beside:
    """The numbers of the deals before and after this one on its stage, and how many funnels there are."""

    older: int | None = None
    newer: int | None = None
    funnels: int = 1


@dataclass
class Card:
    """What the page shows beside the feed and the money."""

    deal: Deal
    steps: list[Step]
    next_stage: Stage | None
    missing: list[Any]
    sections: dict[str, list[Shown]] = field(default_factory=dict)
    empty: list[Shown] = field(default_factory=list)
    plan: list[Task] = field(default_factory=list)
    others: list[Task] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)
    beside: Beside = field(default_factory=Beside)

    @property
    def done(self) -> int:
        """How many tasks of the plan are done."""
        return sum(task.done_at is not None for task in self.plan)

    @property
    def open_tasks(self) -> list[Task]:
        """All open tasks, the one that is due first in front."""
        tasks = [task for task in (*self.plan, *self.others) if task.done_at is None]
        return sorted(tasks, key=lambda task: (task.due_at is None, task.due_at or utcnow(), task.id))

    @property
    def knows_all_tasks(self) -> bool:
        """Whether every task of the deal is in reach: who sees only his own cannot say that there is no next step."""
        actor = current_actor()
        scope = actor.reads("task")
        near = actor.team_ids if scope is Scope.TEAM else actor.own_ids
        return scope is Scope.ALL or (scope >= Scope.OWN and self.deal.owner_id in near)

    @property
    def next_task(self) -> Task | None:
        """The next step; an open deal without one is a visible fault."""
        return next(iter(self.open_tasks), None)


def card(deal: Deal, missing_by_stage: dict[str, list[Any]]) -> Card:
    """The card of a deal that the actor reaches; what each stage asks for is known already."""
    page = outline(deal, missing_by_stage)
    _walk(page)
    _fill_tasks(page)
    page.visits = visits_of(deal)
    # Before the fields: the payer is then known already.
    page.parts = parts(deal, page.open_tasks)
    _fill_fields(page)
    return page


def outline(deal: Deal, missing_by_stage: dict[str, list[Any]]) -> Card:
    """The next stage and what it asks for, without the rest of the page."""
    ahead = next_stage(deal)
    return Card(deal, [], ahead, missing_by_stage.get(ahead.code, []) if ahead else [])


def next_stage(deal: Deal) -> Stage | None:
    """The next legal step: the following open stage, after the last of them the won one; none when closed."""
    if deal.closed_at is not None:
        return None
    ahead = [stage for stage in deal.funnel.stages if stage.position > deal.stage.position]
    return next((stage for stage in ahead if stage.kind != StageKind.LOST), None)


def _walk(page: Card) -> None:
    """The steps of the way, and what stands beside the deal: read with its visits in one statement."""
    deal = page.deal
    visits = select(StageVisit, *_beside(deal)).where(StageVisit.deal_id == deal.id).order_by(StageVisit.entered_at)
    lasted: dict[int, dt.timedelta] = {}
    last_open = deal.stage
    for visit, *beside in db.session.execute(visits):
        spent = (visit.left_at or utcnow()) - visit.entered_at
        lasted[visit.stage_id] = lasted.get(visit.stage_id, dt.timedelta()) + spent
        page.beside = Beside(*beside)
        if deal.stage.kind == StageKind.LOST and visit.stage_id != deal.stage_id:
            last_open = next((stage for stage in deal.funnel.stages if stage.id == visit.stage_id), last_open)
    way = [stage for stage in deal.funnel.stages if stage.kind != StageKind.LOST or stage.id == deal.stage_id]
    page.steps = [Step(stage, _state(deal, stage, last_open), lasted.get(stage.id)) for stage in way]


def _state(deal: Deal, stage: Stage, last_open: Stage) -> str:
    if stage.id == deal.stage_id:
        return {StageKind.WON: "won", StageKind.LOST: "lost"}.get(StageKind(stage.kind), "on")
    if deal.stage.kind == StageKind.LOST:
        return "done" if stage.position <= last_open.position else ""
    return "done" if stage.position < deal.stage.position else ""


def shown_field(code: str, deal: Deal, page: Card | None = None) -> Shown:
    """A field as the card shows it."""
    known = FIELDS[code]
    needed = ""
    if page and page.next_stage and any(one.field == code for one in page.missing):
        needed = _("needed for “%(stage)s”", stage=page.next_stage.label(language()))
    return Shown(known, shown(known, deal), needed)


def changes_of(deal: Deal, column: str) -> list[Change]:
    """The last change of one column, for its row alone."""
    rows = select(Change).where(Change.table == "deal", Change.row_id == deal.id, Change.field == column)
    return list(db.session.execute(rows.order_by(Change.at.desc(), Change.id.desc()).limit(1)).scalars())


def changed_by(changes: Iterable[Change]) -> dict[str, str]:
    """Who wrote each column last, and when, in words; the changes come newest first."""
    found: dict[str, str] = {}
    for change in changes:
        if change.table == "deal" and change.field not in found:
            by = change.actor_name if change.actor_name != SYSTEM.name else "Voronka"
            found[change.field] = _("%(person)s, %(moment)s", person=by, moment=moment(change.at))
    return found


def is_seen(known: Field) -> bool:
    """Whether the actor may see this field."""
    return not known.hidden or current_actor().sees(known.hidden)


def _fill_fields(page: Card) -> None:
    for code, known in FIELDS.items():
        wanted = known.section in SECTIONS or (known.section == "end" and page.deal.lost_reason)
        if not wanted or not is_seen(known):
            continue
        one = shown_field(code, page.deal, page)
        if one.words or one.needed:
            section = known.section if known.section in SECTIONS else "deal"
            page.sections.setdefault(section, []).append(one)
        else:
            page.empty.append(one)


def _fill_tasks(page: Card) -> None:
    deal = page.deal
    wanted = select(Task).where(Task.deal_id == deal.id, or_(Task.done_at.is_(None), Task.stage_id == deal.stage_id))
    ordered = wanted.order_by(Task.due_at.asc().nulls_last(), Task.id).options(joinedload(Task.assignee))
    for task in db.session.execute(ordered).scalars():
        of_plan = task.playbook_id is not None and task.stage_id == deal.stage_id
        if of_plan:
            page.plan.append(task)
        elif task.done_at is None:
            page.others.append(task)


def _beside(deal: Deal) -> tuple[Any, ...]:
    """The numbers before and after this one on the same stage, among those in reach; and how many funnels there are."""
    beside = [Deal.stage_id == deal.stage_id, Deal.funnel_id == deal.funnel_id]
    open_too = Deal.closed_at.is_(None) if deal.closed_at is None else Deal.closed_at.is_not(None)
    older = select(func.max(Deal.number)).where(*beside, open_too, Deal.number < deal.number)
    newer = select(func.min(Deal.number)).where(*beside, open_too, Deal.number > deal.number)
    funnels = select(func.count(Funnel.id)).where(Funnel.active.is_(True))
    return older.scalar_subquery(), newer.scalar_subquery(), funnels.scalar_subquery()


def visits_of(deal: Deal) -> list[Visit]:
    """The last visits and those ahead, in order of time; cancelled ones are told by the feed."""
    rows = select(Visit).where(Visit.deal_id == deal.id, Visit.state != VisitState.CANCELLED)
    newest = rows.order_by(Visit.starts_at.desc()).limit(4).options(joinedload(Visit.assignee))
    return list(db.session.execute(newest).scalars())[::-1]
