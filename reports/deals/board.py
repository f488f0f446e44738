"""The board: what stands in its columns, in few statements whatever the size of the base."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from app.wording import zone
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db, utcnow
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.tasks import Task

CARDS = 30
NEXT, AGE, AMOUNT, NEWEST = "next", "age", "amount", "newest"
SORTS = (NEXT, AGE, AMOUNT, NEWEST)


@dataclass(frozen=True)
class Asked:
    """What the address of a board asks for; the same values make the same rows, counts and sums."""

    funnel_id: int
    owner_id: int | None = None
    slow: bool = False
    idle: bool = False
    sort: str = ""
    today: dt.date = field(default_factory=dt.date.today)


@dataclass
class Card:
    """A deal on the board with its next task."""

    deal: Deal
    task: Task | None
    is_slow: bool


@dataclass
class Column:
    """A stage with the number and sum of all its deals, and the first of them."""

    stage: Stage
    count: int = 0
    sum: Decimal = Decimal(0)
    cards: list[Card] = field(default_factory=list)


@dataclass
class Board:
    """The open columns in order, what ended this month, and what each chip would leave."""

    funnel: Funnel
    columns: list[Column]
    ends: list[Column]
    slow: int = 0
    idle: int = 0

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)

    @property
    def sum(self) -> Decimal:
        return sum((column.sum for column in self.columns), Decimal(0))


def funnels() -> list[Funnel]:
    """The funnels in use, with stages, gates and playbooks."""
    wanted = select(Funnel).where(Funnel.active.is_(True)).order_by(Funnel.position, Funnel.id)
    loaded = selectinload(Funnel.stages).selectinload(Stage.gates)
    return list(db.session.execute(wanted.options(loaded)).scalars())


def board(funnel: Funnel, asked: Asked) -> Board:
    """The whole board of a funnel as the actor at hand reaches it."""
    open_stages = [stage for stage in funnel.stages if stage.kind == StageKind.OPEN]
    columns = {stage.id: Column(stage) for stage in open_stages}
    drawn = Board(funnel, list(columns.values()), _ends(funnel, asked))
    for stage_id, count, total, slow in _counted(funnel, asked):
        columns[stage_id].count, columns[stage_id].sum = count, total or Decimal(0)
        drawn.slow += slow
    drawn.idle = _idle(funnel, asked)
    for card in cards(funnel, asked, open_stages):
        columns[card.deal.stage_id].cards.append(card)
    return drawn


def cards(funnel: Funnel, asked: Asked, stages: list[Stage], skip: int = 0) -> list[Card]:
    """The next CARDS deals of each of these stages, with client, owner and next task."""
    order = _order(asked)
    place = func.row_number().over(partition_by=Deal.stage_id, order_by=order).label("place")
    on_stages = Deal.stage_id.in_([stage.id for stage in stages])
    placed = select(Deal.id, place).where(*_standing(funnel, asked), on_stages).subquery()
    wanted = select(placed.c.id).where(placed.c.place > skip, placed.c.place <= skip + CARDS)
    ids = list(db.session.execute(wanted.order_by(placed.c.place)).scalars())
    rows = select(Deal).where(Deal.id.in_(ids)).options(joinedload(Deal.owner))
    found = {deal.id: deal for deal in db.session.execute(rows).scalars()}
    deals = [found[deal_id] for deal_id in ids if deal_id in found]
    tasks = next_tasks([deal.id for deal in deals])
    norms = {stage.id: slow_on(stage, asked.today) for stage in stages}
    return [Card(deal, tasks.get(deal.id), norms[deal.stage_id](deal)) for deal in deals]


def next_tasks(deal_ids: list[int]) -> dict[int, Task]:
    """The open task of each deal that is due first; one without a date comes last."""
    if not deal_ids:
        return {}
    live = select(Task).where(Task.deal_id.in_(deal_ids), Task.done_at.is_(None))
    first = live.ext(distinct_on(Task.deal_id)).order_by(Task.deal_id, Task.due_at.asc().nulls_last(), Task.id)
    return {task.deal_id: task for task in db.session.execute(first).scalars() if task.deal_id}


def slow_on(stage: Stage, today: dt.date) -> Any:
    """Tells of a deal on this stage whether it stands there longer than the norm, or than was planned."""
    if stage.norm_hours is None:
        return lambda deal: deal.production_on is not None and deal.production_on < today
    since = utcnow() - dt.timedelta(hours=stage.norm_hours)
    return lambda deal: deal.stage_since < since


def _standing(funnel: Funnel, asked: Asked, without: str = "") -> list[ColumnElement[bool]]:
    """The conditions of the rows asked for; `without` leaves one chip out."""
    found: list[ColumnElement[bool]] = [Deal.funnel_id == funnel.id, Deal.closed_at.is_(None)]
    if asked.owner_id is not None:
        found.append(Deal.owner_id == asked.owner_id)
    if asked.slow and without != "slow":
        found.append(_slow(funnel, asked.today))
    if asked.idle and without != "idle":
        found.append(_without_task())
    return found


def _slow(funnel: Funnel, today: dt.date) -> ColumnElement[bool]:
    late: list[ColumnElement[bool]] = [false()]
    for stage in funnel.stages:
        if stage.norm_hours is not None:
            since = utcnow() - dt.timedelta(hours=stage.norm_hours)
            late.append(and_(Deal.stage_id == stage.id, Deal.stage_since < since))
        elif stage.kind == StageKind.OPEN:
            late.append(and_(Deal.stage_id == stage.id, Deal.production_on < today))
    return or_(*late)


def _without_task() -> ColumnElement[bool]:
    return ~select(Task.id).where(Task.deal_id == Deal.id, Task.done_at.is_(None)).exists()


def _counted(funnel: Funnel, asked: Asked) -> Any:
    """Stage, count and sum of the rows asked for, and how many the chip "over the norm" would leave."""
    is_slow = _slow(funnel, asked.today)
    shown = is_slow if asked.slow else true()
    counted: Select[Any] = (
        select(
            Deal.stage_id,
            func.count(Deal.id).filter(shown),
            func.sum(Deal.amount).filter(shown),
            func.count(Deal.id).filter(is_slow),
        )
        .where(*_standing(funnel, asked, without="slow"))
        .group_by(Deal.stage_id)
    )
    return db.session.execute(counted)


def _idle(funnel: Funnel, asked: Asked) -> int:
    rows = select(func.count(Deal.id)).where(*_standing(funnel, asked, without="idle"), _without_task())
    return int(db.session.execute(rows).scalar_one())


def _ends(funnel: Funnel, asked: Asked) -> list[Column]:
    """What was won and lost since the first of the month."""
    month = dt.datetime.combine(asked.today.replace(day=1), dt.time.min, zone())
    ended = {stage.id: Column(stage) for stage in funnel.stages if stage.kind != StageKind.OPEN}
    rows = select(Deal.stage_id, func.count(Deal.id), func.sum(Deal.amount)).where(
        Deal.funnel_id == funnel.id, Deal.stage_id.in_(ended), Deal.closed_at >= month
    )
    if asked.owner_id is not None:
        rows = rows.where(Deal.owner_id == asked.owner_id)
    for stage_id, count, total in db.session.execute(rows.group_by(Deal.stage_id)):
        ended[stage_id].count, ended[stage_id].sum = count, total or Decimal(0)
    return list(ended.values())


def default_sort() -> str:
    """Who works with deals sees the next task first; who watches all of them, those that stand longest."""
    return AGE if current_actor().reads("deal") is Scope.ALL else NEXT


def _order(asked: Asked) -> list[Any]:
    sort = asked.sort or default_sort()
    if sort == AMOUNT:
        return [Deal.amount.desc(), Deal.id]
    if sort == NEWEST:
        return [Deal.stage_since.desc(), Deal.id.desc()]
    if sort == AGE:
        return [Deal.stage_since, Deal.id]
    due = select(func.min(Task.due_at)).where(Task.deal_id == Deal.id, Task.done_at.is_(None))
    return [due.scalar_subquery().asc().nulls_last(), Deal.id]
