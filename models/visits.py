"""A visit: who goes to which address when, for a deal or a lead; a live one gives its deal to whoever goes."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, or_, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.clients import Client
from models.deals import Deal
from models.ground.access import values_of
from models.ground.actor import Actor, Scope, actor_of
from models.ground.base import BigId, Erasable, Line, Model, Moment, Stamped, Tracked, Versioned
from models.ground.through_deal import ThroughDeal
from models.leads import Lead
from models.staff import Person
from models.tasks import Task


class VisitState(StrEnum):
    """Planned, or ended one way or the other."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class Visit(ThroughDeal, Tracked, Stamped, Versioned, Erasable, Model):
    """`travel_minutes` are kept free before and after it; `who` is whom we go to, as called when it was planned."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="visit_lasts"),
        # A day of a person is read from here, and so is what a planned visit gives.
        Index("visit_of_person", "assignee_id", "starts_at", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "visit_given",
            "assignee_id",
            "deal_id",
            postgresql_where=text("state = 'planned' AND deleted_at IS NULL"),
        ),
        Index("visit_of_deal", "deal_id", "starts_at"),
        Index("visit_started", "starts_at", postgresql_where=text("deleted_at IS NULL")),
    )
    noun = "visit"
    own_field = "assignee_id"
    owner_field = "assignee_id"
    of_leads = True
    tracked = (
        "assignee_id", "starts_at", "ends_at", "address", "place_note", "state", "result", "reason", "deal_id",
        "deleted_at",
    )  # fmt: skip

    id: Mapped[BigId]
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"), index=True)
    assignee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), index=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    travel_minutes: Mapped[int] = mapped_column(default=30)
    who: Mapped[Line] = mapped_column(default="")
    address: Mapped[Line] = mapped_column(default="")
    place_note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(10), default=VisitState.PLANNED)
    result: Mapped[str] = mapped_column(default="")
    reason: Mapped[Line] = mapped_column(default="")
    ended_at: Mapped[Moment | None]
    assignee: Mapped[Person] = relationship(foreign_keys=[assignee_id])
    deal: Mapped[Deal | None] = relationship(foreign_keys=[deal_id])
    lead: Mapped[Lead | None] = relationship(foreign_keys=[lead_id])
    client: Mapped[Client | None] = relationship(foreign_keys=[client_id])
    task: Mapped[Task | None] = relationship(foreign_keys=[task_id])

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Those of deals and leads in reach, one's own, and those of whoever one stands in for."""
        return or_(super().narrowed(actor, scope), cls.assignee_id.in_(actor.stands_for))

    def owners(self) -> set[int | None]:
        """Whose say it is: the author's, that of the owner of the deal, or of all it was and is given to."""
        session = object_session(self)
        actor = actor_of(session)
        deal = session.get(Deal, self.deal_id) if session and self.deal_id else None
        for whose in ({self.created_by_id}, {deal.owner_id} if deal else set()):
            if whose - {None} and whose <= actor.own_ids | {actor.person_id}:
                return whose
        return values_of(self, "assignee_id")

    @property
    def place(self) -> Any:
        """The deal or lead that the visit is for."""
        return self.deal or self.lead

    @property
    def is_planned(self) -> bool:
        """Neither done nor cancelled."""
        return self.state == VisitState.PLANNED

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at) / dt.timedelta(minutes=1))

    def __repr__(self) -> str:
        return f"{self.who or self.address}"
