"""A work in the background: how far it is, what it found, what it could not do."""

from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Json, JsonList, Line, Model, Moment, utcnow
from models.staff import Person


class WorkState(StrEnum):
    """waiting → running → done | failed | stopped; a stopped one keeps what it has done."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = (WorkState.DONE, WorkState.FAILED, WorkState.STOPPED)


class Work(Owned, Model):
    """Everybody sees their own works, the administrator all of them.

    `title` is kept words, `url` the page of what it is about. `done` of `total` items are behind it, those that
    failed among them; total 0: how many there are is not known. `params` are what it works on, `place` is where it
    goes on after an interruption, `found` counts by name. An entry of `errors` is
    {"item": what it was, "words": why, "data": what a second try needs}.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("work_person", "person_id", "id"),
        Index("work_live", "id", postgresql_where=text("state IN ('waiting', 'running')")),
    )
    noun = "work"
    owner_field = "person_id"
    anybody_adds = True

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default=WorkState.WAITING)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    params: Mapped[Json] = mapped_column(default=dict)
    place: Mapped[Json] = mapped_column(default=dict)
    found: Mapped[Json] = mapped_column(default=dict)
    errors: Mapped[JsonList] = mapped_column(default=list)
    words: Mapped[str] = mapped_column(default="")
    url: Mapped[Line] = mapped_column(default="")
    # Who asked it to stop does not write what the work writes: the two would overwrite one another.
    stop_asked_at: Mapped[Moment | None]
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    started_at: Mapped[Moment | None]
    lease_until: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:  # noqa: ARG003 (the signature is the ground's)
        """One's own, whatever the roles."""
        return true() if actor.everything else cls.person_id == (actor.person_id or 0)

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """And stopped or begun anew by whoever began it."""
        return Scope.ALL if actor.everything else Scope.GIVEN

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state not in ENDED

    @property
    def failed(self) -> int:
        """How many items could not be done."""
        return len(self.errors)

    @property
    def percent(self) -> float:
        """How far it is."""
        if self.total:
            return min(100.0, 100.0 * self.done / self.total)
        return 100.0 if self.state == WorkState.DONE else 0.0
