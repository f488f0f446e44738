"""What the address of tasks asks for: the same filter behind the table, the board by day and the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from app.wording import now
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.staff import Person
from models.tasks import Task, TaskKind

MINE, TEAM, DONE = "mine", "team", "done"
VIEWS = (MINE, TEAM, DONE)
LATE, TODAY, WEEK, UNDATED = "late", "today", "week", "undated"
WHENS = (LATE, TODAY, WEEK, UNDATED)
MOST_PEOPLE = 200


@dataclass(frozen=True)
class Asked:
    """A filter of tasks; `who` is one person of the team, `when` late, today, this week or undated."""

    view: str = MINE
    who: int | None = None
    kind: str = ""
    when: str = ""
    important: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether something besides the view is asked for."""
        return bool(self.who or self.kind or self.when or self.important)


def asked_of(source: Mapping[str, str]) -> Asked | None:
    """The filter of an address; None when it names what there is not."""
    who, kind, when = source.get("who", ""), source.get("kind", ""), source.get("when", "")
    view = source.get("view", MINE)
    if view not in VIEWS or (when and when not in WHENS) or (kind and kind not in set(TaskKind)):
        return None
    if who and not (who.isascii() and who.isdigit() and len(who) < 10):
        return None
    return Asked(view, int(who) if who else None, kind, when, source.get("important") == "1")


def conditions(asked: Asked) -> list[ColumnElement[bool]]:
    """The filter as conditions, without done and open."""
    found = whose(asked)
    if asked.kind:
        found.append(Task.kind == asked.kind)
    if asked.important:
        found.append(Task.is_important)
    if asked.when:
        found.append(_when(asked.when))
    return found


def whose(asked: Asked) -> list[ColumnElement[bool]]:
    """The actor's own, the team's, or one colleague's."""
    actor = current_actor()
    if asked.who:
        return [Task.assignee_id == asked.who]
    if asked.view == TEAM:
        return [] if actor.reads("task") is Scope.ALL else [Task.assignee_id.in_(sorted(actor.own_ids))]
    return [Task.assignee_id == actor.person_id]


def _when(name: str) -> ColumnElement[bool]:
    moment = now()
    midnight = midnight_after(moment)
    if name == LATE:
        return Task.due_at < moment
    if name == UNDATED:
        return Task.due_at.is_(None)
    sunday = midnight + dt.timedelta(days=6 - moment.weekday())
    return Task.due_at.between(moment, midnight if name == TODAY else sunday)


def midnight_after(moment: dt.datetime) -> dt.datetime:
    """The end of that day."""
    return dt.datetime.combine(moment.date() + dt.timedelta(days=1), dt.time.min, moment.tzinfo)


def sees_team() -> bool:
    """Whether there is anybody else's list to look at."""
    actor = current_actor()
    return actor.reads("task") is Scope.ALL or len(actor.own_ids) > 1


def colleagues() -> list[Person]:
    """Whose tasks the actor looks at: the whole firm's, or those of their own people."""
    actor = current_actor()
    wanted = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    if actor.reads("task") is not Scope.ALL:
        wanted = wanted.where(Person.id.in_(sorted(actor.own_ids | {actor.person_id or 0})))
    return list(db.session.execute(wanted.limit(MOST_PEOPLE)).scalars())
