"""A task: who does what by when, on a deal, a lead or a client."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, exists, inspect, or_, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.deals import Deal
from models.ground.access import Internal, Owned
from models.ground.actor import Actor, Scope, actor_of
from models.ground.base import (
    BigId,
    Erasable,
    JsonList,
    Line,
    Model,
    Moment,
    Stamped,
    Tracked,
    Versioned,
    utcnow,
)
from models.ground.through_deal import ThroughDeal
from models.leads import Lead
from models.staff import Person


class TaskKind(StrEnum):
    """What sort of work it is; chooses the icon."""

    CALL = "call"
    MESSAGE = "message"
    MEASURE = "measure"
    ESTIMATE = "estimate"
    DOCUMENT = "document"
    PAYMENT = "payment"
    PRODUCTION = "production"
    DELIVERY = "delivery"
    OTHER = "other"


class Repeat(StrEnum):
    """How often a task comes again: the next one is made when one is done."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


REMIND_MINUTES = 15
LASTS_MINUTES = 30


class Task(ThroughDeal, Tracked, Stamped, Versioned, Erasable, Model):
    """Seen by its assignee and author and by whoever reaches its deal.

    `minutes` is how long it takes on the calendar; `remind_minutes` before `due_at` the assignee is told (None:
    not at all); `repeat_day` is the day of the month that a monthly one was first due on: after 31 January and
    28 February comes 31 March. `checklist` holds {"words", "done"}.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("task_live", "assignee_id", "due_at", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
        Index("task_of_deal", "deal_id", "due_at"),
        Index("task_open", "deal_id", "due_at", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
        # What the periodic job looks for: what is due soon.
        Index("task_due", "due_at", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
        Index("task_given", "assignee_id", "deal_id", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
        # What was done today, and how many calls and measurements of a week are counted from this alone.
        Index(
            "task_done",
            "done_at",
            postgresql_include=["kind", "done_by_id", "assignee_id", "deal_id"],
            postgresql_where=text("done_at IS NOT NULL AND deleted_at IS NULL"),
        ),
    )
    noun = "task"
    own_field = "assignee_id"
    owner_field = "assignee_id"
    tracked = (
        "title", "kind", "assignee_id", "due_at", "done_at", "result", "repeats", "remind_minutes", "is_important",
        "deleted_at",
    )  # fmt: skip

    id: Mapped[BigId]
    title: Mapped[Line]
    kind: Mapped[str] = mapped_column(String(20), default=TaskKind.OTHER)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id", ondelete="SET NULL"))
    playbook_id: Mapped[int | None] = mapped_column(ForeignKey("playbook.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    due_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    result: Mapped[str] = mapped_column(default="")
    is_important: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[int] = mapped_column(default=LASTS_MINUTES)
    # Without a default of the column: nothing is a choice, and SQLAlchemy takes it for a value not given.
    remind_minutes: Mapped[int | None]
    repeats: Mapped[str] = mapped_column(String(10), default="")
    repeat_day: Mapped[int | None]
    repeated_from_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    checklist: Mapped[JsonList] = mapped_column(default=list)
    script: Mapped[str] = mapped_column(default="")
    address: Mapped[Line] = mapped_column(default="")
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    deal: Mapped[Deal | None] = relationship(foreign_keys=[deal_id])
    lead: Mapped[Lead | None] = relationship(foreign_keys=[lead_id])

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Those given to or made by the people in reach, and those of the deals that such people own.

        OR EXISTS on purpose: every list of tasks is driven by an assignee or by the deals of a page, and
        then few rows are asked; a union would first collect the tasks of all deals in reach.
        """
        reach = {Scope.OWN: actor.own_ids, Scope.TEAM: actor.team_ids}.get(scope, frozenset())
        ids = sorted(reach.union(actor.stands_for))
        given = or_(cls.assignee_id.in_(ids), cls.created_by_id.in_(ids))
        if scope is Scope.GIVEN:
            return given
        deal = Deal.__table__.alias()
        return or_(given, exists().where(deal.c.id == cls.deal_id, deal.c.owner_id.in_(ids)))

    def owners(self) -> set[int | None]:
        """Whose say it is: the author's, that of the owner of the deal, or of whoever it was given to.

        Whoever has a task may hand it over (app/services/tasks asks for a reason), but not take one.
        """
        session = object_session(self)
        actor = actor_of(session)
        given = Owned.owners(self)
        had = set(inspect(self).attrs["assignee_id"].history.deleted) or given
        deal = session.get(Deal, self.deal_id) if session and self.deal_id else None
        for whose in ({self.created_by_id}, {deal.owner_id} if deal else set(), had):
            if whose - {None} and whose <= actor.own_ids | {actor.person_id}:
                return whose
        return given

    @property
    def place(self) -> Any:
        """The deal or lead that the task is about."""
        return self.deal or self.lead

    @property
    def ticked(self) -> int:
        """How many points of the checklist are done."""
        return sum(bool(point.get("done")) for point in self.checklist)

    def __repr__(self) -> str:
        return self.title


class AlertKind(StrEnum):
    """What a person was told about a task."""

    DUE = "due"
    OVERDUE = "overdue"


class TaskAlert(Internal, Model):
    """That somebody was told of a task, once per term of it: a restart tells nothing twice, a new term tells anew."""

    __tablename__ = "task_alert"
    # Whoever writes a task knows of it: that counts as told (app/services/tasks/reminding.py).
    anybody_adds = True
    __table_args__ = (UniqueConstraint("task_id", "kind", "due_at"),)

    id: Mapped[BigId]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[Moment]
    at: Mapped[Moment] = mapped_column(default=utcnow)
