"""The board: what stands in its columns, in few statements whatever the size of the base."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from app.wording import zone
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.history import Event
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.messages import Conversation, Message, MessageKind
from models.tasks import Task
from reports.deals.asked import (
    AGE,
    AMOUNT,
    NEWEST,
    NEXT,
    Asked,
    narrowed,
    on_hold,
    over_the_norm,
    slow_on,
    standing,
    waits_for_an_answer,
    without_a_step,
)

CARDS = 30
# Events that began before others may be saved after them: so many are looked at again.
OVERLAP = 200


@dataclass
class Talks:
    """The channels that a deal is spoken in, and how many messages of its client nobody has answered."""

    kinds: list[str] = field(default_factory=list)
    fresh: int = 0


@dataclass
class Card:
    """A deal on the board with its next task and its chats."""

    deal: Deal
    task: Task | None
    is_slow: bool
    talks: Talks


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
    chips: dict[str, int] = field(default_factory=dict)
    mark: str = ""

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
    drawn = Board(funnel, list(columns.values()), _ends(funnel, asked), dict.fromkeys(("slow", "held"), 0))
    for stage_id, count, total, slow, held in _counted(funnel, asked):
        columns[stage_id].count, columns[stage_id].sum = count, total or Decimal(0)
        drawn.chips["slow"] += slow
        drawn.chips["held"] += held
    drawn.chips["idle"], drawn.chips["waiting"], newest = _chips(funnel, asked)
    drawn.mark = mark(newest)
    for card in cards(funnel, asked, open_stages):
        columns[card.deal.stage_id].cards.append(card)
    return drawn


def cards(funnel: Funnel, asked: Asked, stages: list[Stage], skip: int = 0) -> list[Card]:
    """The next CARDS deals of each of these stages, with client, owner, next task and chats."""
    order = _order(asked)
    place = func.row_number().over(partition_by=Deal.stage_id, order_by=order).label("place")
    on_stages = Deal.stage_id.in_([stage.id for stage in stages])
    placed = select(Deal.id, place).where(*standing(funnel, asked), on_stages).subquery()
    wanted = select(placed.c.id).where(placed.c.place > skip, placed.c.place <= skip + CARDS)
    ids = list(db.session.execute(wanted.order_by(placed.c.place)).scalars())
    rows = select(Deal).where(Deal.id.in_(ids)).options(joinedload(Deal.owner))
    found = {deal.id: deal for deal in db.session.execute(rows).scalars()}
    deals = [found[deal_id] for deal_id in ids if deal_id in found]
    tasks, talks = next_tasks([deal.id for deal in deals]), talks_of([deal.id for deal in deals])
    norms = {stage.id: slow_on(stage, asked.today) for stage in stages}
    nothing = Talks()
    return [Card(deal, tasks.get(deal.id), norms[deal.stage_id](deal), talks.get(deal.id, nothing)) for deal in deals]


def next_tasks(deal_ids: list[int]) -> dict[int, Task]:
    """The open task of each deal that is due first; one without a date comes last."""
    if not deal_ids:
        return {}
    live = select(Task).where(Task.deal_id.in_(deal_ids), Task.done_at.is_(None))
    first = live.ext(distinct_on(Task.deal_id)).order_by(Task.deal_id, Task.due_at.asc().nulls_last(), Task.id)
    return {task.deal_id: task for task in db.session.execute(first).scalars() if task.deal_id}


def talks_of(deal_ids: list[int]) -> dict[int, Talks]:
    """The chats of each deal: few rows, and messages are counted only where somebody waits."""
    if not deal_ids or current_actor().reads("message") is Scope.NONE:
        return {}
    fresh = select(func.count(Message.id)).where(
        Message.conversation_id == Conversation.id,
        Message.kind == MessageKind.INCOMING,
        Message.at >= Conversation.unanswered_since,
    )
    rows = select(Conversation.deal_id, Conversation.kind, fresh.correlate(Conversation).scalar_subquery())
    found: dict[int, Talks] = {}
    rows = rows.where(Conversation.deal_id.in_(deal_ids)).order_by(Conversation.last_at.desc())
    for deal_id, kind, count in db.session.execute(rows):
        talks = found.setdefault(deal_id, Talks())
        talks.fresh += count
        if kind not in talks.kinds:
            talks.kinds.append(kind)
    return found


def _counted(funnel: Funnel, asked: Asked) -> Any:
    """Stage, count and sum of the rows asked for, and how many "over the norm" and "on hold" would leave."""
    is_slow, is_held = over_the_norm(funnel, asked.today), on_hold()
    by_slow, by_held = is_slow if asked.slow else true(), is_held if asked.held else true()
    counted: Select[Any] = (
        select(
            Deal.stage_id,
            func.count(Deal.id).filter(and_(by_slow, by_held)),
            func.sum(Deal.amount).filter(and_(by_slow, by_held)),
            func.count(Deal.id).filter(and_(is_slow, by_held)),
            func.count(Deal.id).filter(and_(is_held, by_slow)),
        )
        .where(*standing(funnel, asked, without=frozenset({"slow", "held"})))
        .group_by(Deal.stage_id)
    )
    return db.session.execute(counted)


def _chips(funnel: Funnel, asked: Asked) -> Any:
    """How many "without a task" and "wait for an answer" would leave; and the last thing that happened at all."""
    idle = select(func.count(Deal.id)).where(*standing(funnel, asked, without=frozenset({"idle"})), without_a_step())
    waiting = select(func.count(Deal.id)).where(
        *standing(funnel, asked, without=frozenset({"waiting"})), waits_for_an_answer()
    )
    newest = select(func.max(Event.__table__.c.id))
    return db.session.execute(select(idle.scalar_subquery(), waiting.scalar_subquery(), newest.scalar_subquery())).one()


def mark(newest: int | None) -> str:
    """A mark of what has happened to the deals in reach, as of an event: another mark, something is new."""
    since = max(0, (newest or 0) - OVERLAP)
    rows = select(func.count(Event.id)).where(Event.id > since, Event.deal_id.is_not(None))
    return f"{since}-{db.session.execute(rows).scalar_one()}"


def is_fresh(known: str) -> bool:
    """Whether nothing has happened since a board was drawn with this mark."""
    since, _dash, count = known.partition("-")
    rows = select(func.count(Event.id)).where(Event.id > int(since), Event.deal_id.is_not(None))
    return db.session.execute(rows).scalar_one() == int(count)


def _ends(funnel: Funnel, asked: Asked) -> list[Column]:
    """What was won and lost since the first of the month."""
    month = dt.datetime.combine(asked.today.replace(day=1), dt.time.min, zone())
    ended = {stage.id: Column(stage) for stage in funnel.stages if stage.kind != StageKind.OPEN}
    rows = select(Deal.stage_id, func.count(Deal.id), func.sum(Deal.amount)).where(
        Deal.funnel_id == funnel.id, Deal.stage_id.in_(ended), Deal.closed_at >= month, *narrowed(asked)
    )
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
    # Those on hold wait below those in work.
    return [Deal.held_until.is_not(None), due.scalar_subquery().asc().nulls_last(), Deal.id]
