"""Clients that may be one and the same: pairs that were found, pairs that are none, merges with their way back."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.clients import Client
from models.ground.access import WITH_DELETED, Owned, Public
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Json, JsonList, Model, Moment, utcnow
from models.staff import Person
from models.works import Work

# How long a merge can be taken back.
UNDO_FOR = dt.timedelta(days=90)


class PairState(StrEnum):
    """What became of a pair."""

    OPEN = "open"
    MERGED = "merged"
    APART = "apart"


class LikePair(Public, Model):
    """Two clients that look alike, `a_id` the older. Keys alone: the clients are asked for with their own rights.

    `reason` names what is the same, the strongest first: phone, email, inn, branch (INN with another KPP),
    address (and names alike). `score` is 0–100; from EXACT on it is no matter of likeness.
    """

    __tablename__ = "like_pair"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="like_pair_ordered"),
        Index("like_pair_open", "score", "id", postgresql_where=text("state = 'open'")),
        Index("like_pair_b", "b_id"),
    )
    EXACT = 95

    id: Mapped[BigId]
    a_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    b_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    score: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(10), default=PairState.OPEN)
    found_at: Mapped[Moment] = mapped_column(default=utcnow)
    seen_at: Mapped[Moment] = mapped_column(default=utcnow)
    a: Mapped[Client] = relationship(foreign_keys=[a_id])
    b: Mapped[Client] = relationship(foreign_keys=[b_id])

    @property
    def reasons(self) -> list[str]:
        """What is the same, in words of the table."""
        return self.reason.split(",") if self.reason else []

    @property
    def is_exact(self) -> bool:
        """Whether a contact or the INN itself is the same."""
        return self.score >= self.EXACT


class NotDuplicate(Public, Model):
    """Somebody looked at the two and said that they are different; obeyed by hints and by the scan."""

    __tablename__ = "not_duplicate"
    __table_args__ = (
        UniqueConstraint("a_id", "b_id"),
        CheckConstraint("a_id < b_id", name="not_duplicate_ordered"),
        Index("not_duplicate_b", "b_id"),
    )

    id: Mapped[BigId]
    a_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    b_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    at: Mapped[Moment] = mapped_column(default=utcnow)


class Merge(Owned, Model):
    """Two clients became one. `batch_id` is the work that merged many at once.

    `choice` says from whom each field was taken, `snapshot` how both were before and which rows followed;
    `conflicts` is what a person decided when it was taken back.
    """

    __tablename__ = "merge"
    __table_args__ = (
        Index("merge_survivor", "survivor_id"),
        Index("merge_loser", "loser_id"),
        Index("merge_batch", "batch_id"),
    )
    noun = "merge"
    scope_noun = "client"

    id: Mapped[BigId]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("work.id", ondelete="SET NULL"))
    survivor_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    loser_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    choice: Mapped[Json] = mapped_column(default=dict)
    snapshot: Mapped[Json] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    at: Mapped[Moment] = mapped_column(default=utcnow)
    undone_at: Mapped[Moment | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    conflicts: Mapped[JsonList] = mapped_column(default=list)
    survivor: Mapped[Client] = relationship(foreign_keys=[survivor_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    undone_by: Mapped[Person | None] = relationship(foreign_keys=[undone_by_id])
    batch: Mapped[Work | None] = relationship(foreign_keys=[batch_id])

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Those of clients in reach, and one's own."""
        return or_(cls.survivor_id.in_(Client.reached(actor, scope)), cls.by_id == actor.person_id)

    def owners(self) -> set[int | None]:
        """The owners of both clients."""
        session = object_session(self)
        found: set[int | None] = set()
        for key in (self.survivor_id, self.loser_id):
            client: Any = session and session.get(Client, key, execution_options={WITH_DELETED: True})
            found |= client.owners() if client else {-1}
        return found

    def can_be_undone(self, at: dt.datetime) -> bool:
        """Whether the way back is still open."""
        return self.undone_at is None and at - self.at <= UNDO_FOR
