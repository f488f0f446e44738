"""The calendar: tasks and visits of people between two moments, and where each stands on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.wording import zone
from models.ground.base import db, utcnow
from models.tasks import Task, TaskKind
from models.visits import Visit, VisitState

MOST = 500
TASK, VISIT, BUSY = "task", "visit", "busy"
FIRST_HOUR, LAST_HOUR = 8, 20
SHORTEST_DRAWN = 30
# In a narrow column so many stand side by side; the rest is a number that opens the day.
MOST_LANES, LANE_WIDE = 2, 42


@dataclass
class Item:
    """A task or a visit on the calendar; `starts` and `ends` are in the reader's zone. `row` is None for busy time."""

    kind: str
    row: Any
    title: str
    starts: dt.datetime
    ends: dt.datetime
    sub: str = ""
    is_done: bool = False
    lane: int = 0
    lanes: int = 1
    is_folded: bool = False

    @property
    def key(self) -> str:
        """How the page names it."""
        return f"{self.kind}-{self.row.id}" if self.row is not None else f"busy-{self.starts.timestamp():.0f}"

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends - self.starts).total_seconds() // 60)

    @property
    def left(self) -> float:
        """Where its lane begins, in hundredths of the column."""
        return self.lane * self.wide

    @property
    def wide(self) -> float:
        """How wide its lane is."""
        return LANE_WIDE if self.is_folded else 100 / self.lanes

    @property
    def is_shown(self) -> bool:
        """Drawn by itself, and not counted among the rest."""
        return not self.is_folded or self.lane < MOST_LANES

    @property
    def is_late(self) -> bool:
        """Its time has passed and nobody has ticked it."""
        return not self.is_done and self.kind != BUSY and self.ends < utcnow()


@dataclass
class Day:
    """A column of the grid or a cell of a month; `off` are spans of minutes that are not worked."""

    day: dt.date
    items: list[Item] = field(default_factory=list)
    off: list[tuple[int, int]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    person: Any = None

    @property
    def more(self) -> list[list[Item]]:
        """What is not drawn by itself, in heaps of what overlaps."""
        heaps: list[list[Item]] = []
        for item in (one for one in self.items if not one.is_shown):
            if heaps and item.starts < max(_drawn_end(one) for one in heaps[-1]):
                heaps[-1].append(item)
            else:
                heaps.append([item])
        return heaps


@dataclass(frozen=True)
class Sought:
    """Whose tasks and visits, of which kind; `all_visits` adds those of others for deals in reach."""

    who: Sequence[int]
    kind: str = ""
    all_visits: bool = False
    without_done: bool = False


def items(since: dt.datetime, until: dt.datetime, sought: Sought) -> list[Item]:
    """What these people have between two moments, in order. A task with a visit is shown as the visit."""
    found = _visits(since, until, sought) if sought.kind in ("", TaskKind.MEASURE) else []
    found += _tasks(since, until, sought)
    return sorted(found, key=lambda item: (item.starts, item.key))


def _visits(since: dt.datetime, until: dt.datetime, sought: Sought) -> list[Item]:
    shown = [Visit.state != VisitState.CANCELLED, Visit.starts_at < until, Visit.ends_at > since]
    if not sought.all_visits:
        shown.append(Visit.assignee_id.in_(sought.who))
    rows = select(Visit).where(*shown).order_by(Visit.starts_at).limit(MOST)
    loaded = rows.options(joinedload(Visit.assignee), selectinload(Visit.deal))
    return [
        Item(
            VISIT, visit, visit.who or visit.address, *_here(visit.starts_at, visit.ends_at), visit.address,
            not visit.is_planned,
        )
        for visit in db.session.execute(loaded).scalars()
    ]  # fmt: skip


def _tasks(since: dt.datetime, until: dt.datetime, sought: Sought) -> list[Item]:
    visited = select(Visit.id).where(Visit.task_id == Task.id, Visit.state != VisitState.CANCELLED)
    wanted = [Task.due_at >= since, Task.due_at < until, ~visited.exists(), Task.assignee_id.in_(sought.who)]
    if sought.kind:
        wanted.append(Task.kind == sought.kind)
    if sought.without_done:
        wanted.append(Task.done_at.is_(None))
    rows = select(Task).where(*wanted).order_by(Task.due_at).limit(MOST)
    loaded = rows.options(joinedload(Task.assignee), selectinload(Task.deal), selectinload(Task.lead))
    return [_task_item(task) for task in db.session.execute(loaded).scalars()]


def _task_item(task: Task) -> Item:
    due = task.due_at or utcnow()
    place = task.place
    sub = str(getattr(place, "client_name", None) or getattr(place, "name", None) or "") if place else ""
    starts, ends = _here(due, due + dt.timedelta(minutes=task.minutes))
    return Item(TASK, task, task.title, starts, ends, sub, task.done_at is not None)


def _here(starts: dt.datetime, ends: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    return starts.astimezone(zone()), ends.astimezone(zone())


def busy(starts: dt.datetime, ends: dt.datetime) -> Item:
    """Taken time that the reader may not look into."""
    return Item(BUSY, None, "", *_here(starts, ends))


def spread(found: Sequence[Item], days: Sequence[Day]) -> None:
    """Put each item into the day that it begins on, side by side with what overlaps it."""
    columns = {(day.day, day.person.id if day.person else None): day for day in days}
    for item in found:
        person_id = item.row.assignee_id if item.row is not None else None
        day = columns.get((item.starts.date(), None)) or columns.get((item.starts.date(), person_id))
        if day is not None:
            day.items.append(item)
    for day in days:
        put_side_by_side(day.items)


def fold(days: Sequence[Day]) -> None:
    """In narrow columns no more than two stand side by side."""
    for item in (one for day in days for one in day.items):
        item.is_folded = item.lanes > MOST_LANES


def put_side_by_side(day_items: list[Item]) -> None:
    """Lanes for what overlaps: as few as there can be, and no two items of a lane overlap."""
    day_items.sort(key=lambda item: (item.starts, -item.minutes, item.key))
    group: list[Item] = []
    until: dt.datetime | None = None
    for item in day_items:
        if until is not None and item.starts >= until:
            _close(group)
            group, until = [], None
        taken = {other.lane for other in group if _drawn_end(other) > item.starts}
        item.lane = next(lane for lane in range(len(group) + 1) if lane not in taken)
        group.append(item)
        until = max(until or _drawn_end(item), _drawn_end(item))
    _close(group)


def _drawn_end(item: Item) -> dt.datetime:
    """A short one is drawn higher than it lasts, to be read and hit."""
    return max(item.ends, item.starts + dt.timedelta(minutes=SHORTEST_DRAWN))


def _close(group: list[Item]) -> None:
    lanes = max((item.lane for item in group), default=0) + 1
    for item in group:
        item.lanes = lanes


def hours_shown(found: Sequence[Item]) -> tuple[int, int]:
    """From which hour to which the grid is drawn: the day, and all that lies outside of it."""
    first = min([FIRST_HOUR, *(item.starts.hour for item in found)])
    ends = [_last_hour(item) for item in found]
    return first, min(max([LAST_HOUR, *ends]), 24)


def _last_hour(item: Item) -> int:
    until = _drawn_end(item)
    return until.hour + bool(until.minute) if until.date() == item.starts.date() else 24
