"""What came in and what was said: raw bodies kept whole, messages and notes in the feed."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Internal
from models.ground.base import BigId, Json, Line, Model, Moment, Stamped, utcnow
from models.ground.through_deal import ThroughDeal
from models.staff import Person


class RawState(StrEnum):
    """What became of a body: waiting to be read, read, kept for reading by a person, refused."""

    KEPT = "kept"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"


class RawBody(Internal, Model):
    """A delivery as it came, byte for byte. The same channel and `external_id` is the same delivery."""

    __tablename__ = "raw_body"
    __table_args__ = (
        Index(
            "raw_body_delivery",
            "channel_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index("raw_body_same", "channel_id", "sha256", "received_at"),
    )
    anybody_adds = True

    id: Mapped[BigId]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    external_id: Mapped[Line | None]
    received_at: Mapped[Moment] = mapped_column(default=utcnow)
    content_type: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(60), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=RawState.KEPT)
    words: Mapped[str] = mapped_column(default="")


class MessageKind(StrEnum):
    """A note is ours; incoming and outgoing are a client's conversation."""

    NOTE = "note"
    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Message(ThroughDeal, Stamped, Model):
    """A line of the feed of a deal, or of a lead before it has one."""

    __tablename__ = "message"
    __table_args__ = (Index("message_of_deal", "deal_id", "at"), Index("message_of_lead", "lead_id", "at"))
    noun = "message"
    own_field = "created_by_id"
    of_leads = True

    id: Mapped[BigId]
    at: Mapped[Moment] = mapped_column(default=utcnow)
    kind: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20), default="")
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    author_name: Mapped[Line] = mapped_column(default="")
    words: Mapped[str]
    extra: Mapped[Json] = mapped_column(default=dict)
    author: Mapped[Person | None] = relationship(
        primaryjoin="foreign(Message.created_by_id) == Person.id", viewonly=True
    )
