"""A task: who does what by when, on a deal, a lead or a client."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, or_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.deals import Deal
from models.ground.access import Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Erasable, Line, Model, Moment, Stamped, Tracked, Versioned
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


class Task(ThroughDeal, Tracked, Stamped, Versioned, Erasable, Model):
    """Seen by its assignee and author and by whoever reaches its deal."""

    __tablename__ = "task"
    __table_args__ = (
        Index("task_live", "assignee_id", "due_at", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
        Index("task_of_deal", "deal_id", "due_at"),
        Index("task_given", "assignee_id", "deal_id", postgresql_where=text("done_at IS NULL AND deleted_at IS NULL")),
    )
    noun = "task"
    own_field = "assignee_id"
    owner_field = "assignee_id"
    tracked = ("title", "kind", "assignee_id", "due_at", "done_at", "result", "deleted_at")

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
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    deal: Mapped[Deal | None] = relationship(foreign_keys=[deal_id])
    lead: Mapped[Lead | None] = relationship(foreign_keys=[lead_id])

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """One's own tasks in every scope; the team's by assignee, and those of the deals one reaches."""
        mine = or_(cls.assignee_id == actor.person_id, cls.created_by_id == actor.person_id)
        if scope in (Scope.GIVEN, Scope.OWN) and actor.own_ids <= {actor.person_id}:
            return mine
        return or_(Owned.narrowed.__func__(cls, actor, scope), mine)  # type: ignore[attr-defined]

    def owners(self) -> set[int | None]:
        """Whoever it is assigned to, before and after; giving a task to a colleague is the author's right."""
        found: set[int | None] = Owned.owners(self)
        actor_made = {self.created_by_id} - {None}
        return actor_made or found

    @property
    def place(self) -> Any:
        """The deal or lead that the task is about."""
        return self.deal or self.lead
