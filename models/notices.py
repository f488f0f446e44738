"""A notice to a person, where it may be sent, its deliveries, and the jobs that died."""

from enum import StrEnum

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Internal, Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Json, JsonList, Line, Model, Moment, utcnow


class OnesOwn(Owned):
    """Rows of one person alone, whatever anybody's roles: even a head does not read another's bell."""

    owner_field = "person_id"

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:  # noqa: ARG003 (the signature is the ground's)
        """Everybody has their own, whatever their roles."""
        mine: ColumnElement[bool] = getattr(cls, "person_id") == (actor.person_id or 0)  # noqa: B009 (of each table)
        return true() if actor.everything else mine

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """And changes them, whatever their roles."""
        return Scope.ALL if actor.everything else Scope.GIVEN


class Notice(OnesOwn, Model):
    """What the bell shows to one person: a sentence and where it leads. `key` makes it once per cause.

    Whoever switched the bell off for its event has it as read already: it is listed and not counted.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_unread", "person_id", "id", postgresql_where=text("read_at IS NULL")),
        Index("notice_person", "person_id", "id"),
    )
    noun = "notice"
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


class PushDevice(OnesOwn, Model):
    """A browser of a person that lets itself be woken: `endpoint` is an address at its maker's push service.

    `p256dh` and `auth` are the browser's keys: what is sent there only that browser can read.
    """

    __tablename__ = "push_device"
    noun = "push_device"

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(60))
    agent: Mapped[Line] = mapped_column(default="")
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    last_at: Mapped[Moment | None]
    failed: Mapped[int] = mapped_column(default=0)


class NoticeAddress(OnesOwn, Model):
    """Where else a person is told: a Telegram chat, an SMS number, a messenger; without a person, the company.

    `address` is sealed. `mark` finds it without opening: of the one-time code until it is confirmed, then of the
    address itself. `events` are those that the company's address is told of.
    """

    __tablename__ = "notice_address"
    __table_args__ = (Index("notice_address_mark", "way", "mark"),)
    noun = "notice_address"

    id: Mapped[BigId]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(default="")
    mark: Mapped[str] = mapped_column(String(64), default="")
    label: Mapped[Line] = mapped_column(default="")
    events: Mapped[JsonList] = mapped_column(default=list)
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    confirmed_at: Mapped[Moment | None]
    last_at: Mapped[Moment | None]
    trouble: Mapped[str] = mapped_column(default="")


class DeliveryState(StrEnum):
    """pending → sending (with a lease) → sent | failed | in doubt.

    held: not allowed to leave, with the reason; spared: need not leave, since it was read or told otherwise.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    SPARED = "spared"


class Delivery(Internal, Model):
    """One message by one way to one address, written before the network is touched.

    `address` is as people read it; `target_id` is the row of the device or address that `way` sends to.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_waiting", "id", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("delivery_stuck", "id", postgresql_where=text("state IN ('failed', 'held', 'in_doubt')")),
    )
    anybody_adds = True

    id: Mapped[BigId]
    key: Mapped[Line] = mapped_column(unique=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(20))
    address: Mapped[Line]
    target_id: Mapped[int | None] = mapped_column(BigInteger)
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
