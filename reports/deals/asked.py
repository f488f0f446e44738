"""What the address of a board asks for, and the conditions of its rows: the same values make rows, counts and sums."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from app.wording import zone
from models.deals import Deal
from models.ground.base import utcnow
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.messages import Conversation
from models.tasks import Task

NEXT, AGE, AMOUNT, NEWEST = "next", "age", "amount", "newest"
SORTS = (NEXT, AGE, AMOUNT, NEWEST)
# Chips that are on or off, in their order; and lists of words of which one is chosen.
FLAGS = ("slow", "idle", "late", "waiting", "held")
WORDS = ("source", "category", "work_type")
PERIODS = {"week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class Asked:
    """A funnel, the chips that are on, the words chosen, and in which order."""

    funnel_id: int
    owner_id: int | None = None
    flags: frozenset[str] = frozenset()
    words: tuple[tuple[str, str], ...] = ()
    period: str = ""
    sort: str = ""
    today: dt.date = field(default_factory=dt.date.today)

    @property
    def slow(self) -> bool:
        """Whether only deals over the norm are asked for."""
        return "slow" in self.flags

    @property
    def held(self) -> bool:
        """Whether only deals on hold are asked for."""
        return "held" in self.flags

    def word(self, name: str) -> str:
        """The word chosen of a list, empty for any."""
        return dict(self.words).get(name, "")


def standing(funnel: Funnel, asked: Asked, without: frozenset[str] = frozenset()) -> list[ColumnElement[bool]]:
    """The conditions of the rows asked for; `without` leaves chips out."""
    found: list[ColumnElement[bool]] = [Deal.funnel_id == funnel.id, Deal.closed_at.is_(None), *narrowed(asked)]
    ways = {
        "slow": lambda: over_the_norm(funnel, asked.today),
        "idle": without_a_step,
        "late": with_a_late_task,
        "waiting": waits_for_an_answer,
        "held": on_hold,
    }
    return found + [ways[flag]() for flag in FLAGS if flag in asked.flags - without]


def narrowed(asked: Asked) -> list[ColumnElement[bool]]:
    """Owner, words and period: what holds for open and ended deals alike."""
    found: list[ColumnElement[bool]] = [getattr(Deal, name) == code for name, code in asked.words]
    if asked.owner_id is not None:
        found.append(Deal.owner_id == asked.owner_id)
    if asked.period:
        first = asked.today - dt.timedelta(days=PERIODS[asked.period] - 1)
        found.append(Deal.created_at >= dt.datetime.combine(first, dt.time.min, zone()))
    return found


def over_the_norm(funnel: Funnel, today: dt.date) -> ColumnElement[bool]:
    """Longer on its stage than the norm, or than was planned; a deal on hold waits by its own will."""
    late: list[ColumnElement[bool]] = [false()]
    for stage in funnel.stages:
        if stage.norm_hours is not None:
            since = utcnow() - dt.timedelta(hours=stage.norm_hours)
            late.append(and_(Deal.stage_id == stage.id, Deal.stage_since < since))
        elif stage.kind == StageKind.OPEN:
            late.append(and_(Deal.stage_id == stage.id, Deal.production_on < today))
    return and_(Deal.held_until.is_(None), or_(*late))


def slow_on(stage: Stage, today: dt.date) -> Any:
    """Tells of a deal on this stage whether it stands there longer than the norm, or than was planned."""
    if stage.norm_hours is None:
        return lambda deal: not deal.held_until and deal.production_on is not None and deal.production_on < today
    since = utcnow() - dt.timedelta(hours=stage.norm_hours)
    return lambda deal: not deal.held_until and deal.stage_since < since


def without_a_step() -> ColumnElement[bool]:
    """No open task, and not on hold: a visible fault."""
    live = select(Task.id).where(Task.deal_id == Deal.id, Task.done_at.is_(None))
    return and_(Deal.held_until.is_(None), ~live.exists())


def with_a_late_task() -> ColumnElement[bool]:
    """Something on it should have been done by now."""
    late = select(Task.deal_id).where(Task.done_at.is_(None), Task.due_at < utcnow(), Task.deal_id.is_not(None))
    return and_(Deal.held_until.is_(None), Deal.id.in_(late))


def waits_for_an_answer() -> ColumnElement[bool]:
    """Its client wrote last."""
    rows = select(Conversation.deal_id).where(
        Conversation.unanswered_since.is_not(None), Conversation.deal_id.is_not(None)
    )
    return Deal.id.in_(rows)


def on_hold() -> ColumnElement[bool]:
    """Put off until a day."""
    return Deal.held_until.is_not(None)
