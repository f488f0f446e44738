"""A notice to a person, its deliveries, and the jobs that died."""

from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Internal, Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Json, JsonList, Line, Model, Moment, utcnow


class Notice(Owned, Model):
    """What the bell shows to one person: a sentence and where it leads. `key` makes it once per cause."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_unread", "person_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("notice_person", "person_id", "id"),
    )
    noun = "notice"
    owner_field = "person_id"
    anybody_adds = True

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    key: Mapped[Line] = mapped_column(unique=True)
    event: Mapped[str] = mapped_column(String(60))
    title: Mapped[Line]
    words: Mapped[str] = mapped_column(default="")
    url: Mapped[Line] = mapped_column(default="")
    at: Mapped[Moment] = mapped_column(default=utcnow)
    read_at: Mapped[Moment | None]

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:  # noqa: ARG003 (the signature is the ground's)
        """Everybody has their own bell, whatever their roles."""
        return true() if actor.everything else cls.person_id == (actor.person_id or 0)

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """And marks it as read, whatever their roles."""
        return Scope.ALL if actor.everything else Scope.GIVEN


class DeliveryState(StrEnum):
    """pending → sending (with a lease) → sent | failed | in doubt; held: not allowed to leave, with the reason."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    HELD = "held"


class Delivery(Internal, Model):
    """One message by one way to one address, written before the network is touched."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_waiting", "id", postgresql_where=text("state IN ('pending', 'sending')")),
    )
    anybody_adds = True

    id: Mapped[BigId]
    key: Mapped[Line] = mapped_column(unique=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(20))
    address: Mapped[Line]
    payload: Mapped[Json] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    next_try_at: Mapped[Moment] = mapped_column(default=utcnow)
    lease_until: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    answer: Mapped[str] = mapped_column(default="")
    notice: Mapped[Notice | None] = relationship(foreign_keys=[notice_id])


class DeadLetter(Internal, Model):
    """A job that will not be tried again by itself: why, and whether somebody replayed it."""

    __tablename__ = "dead_letter"
    anybody_adds = True

    id: Mapped[BigId]
    job: Mapped[Line]
    args: Mapped[JsonList] = mapped_column(default=list)
    reason: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[Moment] = mapped_column(default=utcnow)
    replayed_at: Mapped[Moment | None]
