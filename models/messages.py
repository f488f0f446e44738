"""What came in and what was said: raw bodies kept whole, messages and notes in the feed."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.channels import Channel
from models.clients import Client
from models.ground.access import BY_NOUN, Internal, values_of
from models.ground.base import BigId, Erasable, Json, JsonList, Line, Model, Moment, Stamped, utcnow
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


class MessageState(StrEnum):
    """What became of an outgoing message; '' for what did not have to travel.

    pending → sending → sent | failed | in doubt (it may have arrived) | held (not allowed to leave).
    """

    NONE = ""
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    HELD = "held"


class Conversation(ThroughDeal, Stamped, Model):
    """A chat or a thread of letters with one client; `external_id` is the provider's own name of it.

    It follows the client: to the lead that came of it, then to the deal. `kind` is its channel's, which people may
    not read. `unanswered_since` is when the first
    message came that nobody has answered; `trouble` says why nothing can be sent into it.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel_id", "external_id", name="conversation_of_channel"),
        Index("conversation_of_deal", "deal_id", postgresql_where=text("deal_id IS NOT NULL")),
        Index("conversation_of_lead", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("conversation_of_client", "client_id", postgresql_where=text("client_id IS NOT NULL")),
        Index("conversation_unanswered", "unanswered_since", postgresql_where=text("unanswered_since IS NOT NULL")),
    )
    noun = "conversation"
    scope_noun = "message"
    of_leads = True
    unowned_is_team = True

    id: Mapped[BigId]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20), default="")
    external_id: Mapped[Line]
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"))
    title: Mapped[Line] = mapped_column(default="")
    handle: Mapped[Line] = mapped_column(default="")
    last_at: Mapped[Moment] = mapped_column(default=utcnow)
    last_incoming_at: Mapped[Moment | None]
    unanswered_since: Mapped[Moment | None]
    trouble: Mapped[str] = mapped_column(default="")
    extra: Mapped[Json] = mapped_column(default=dict)
    channel: Mapped[Channel] = relationship(foreign_keys=[channel_id])
    client: Mapped[Client | None] = relationship(foreign_keys=[client_id])
    lead: Mapped[Any] = relationship("Lead", foreign_keys=[lead_id])
    deal: Mapped[Any] = relationship("Deal", foreign_keys=[deal_id])

    def owners(self) -> set[int | None]:
        """The owners of its deals, before and after; without one, those of its leads."""
        if values_of(self, "deal_id") - {None}:
            return super().owners()
        session, lead = object_session(self), BY_NOUN["lead"]
        found = [session.get(lead, key) if session else None for key in values_of(self, "lead_id") - {None}]
        owners: set[int | None] = set()
        for row in found:
            owners |= row.owners() if row else {-1}
        return owners or {-1}


class Message(ThroughDeal, Stamped, Erasable, Model):
    """A line of the feed of a deal, or of a lead before it has one.

    `external_id` is the provider's number of it inside its conversation. A client's corrections, and those of a
    note's author, are kept in `extra["edits"]`, the words before each with their time. `mentions` are the ids of
    the people named in a note.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_of_deal", "deal_id", "at"),
        Index("message_of_lead", "lead_id", "at"),
        Index("message_of_client", "client_id", "at", postgresql_where=text("client_id IS NOT NULL")),
        Index(
            "message_in_conversation",
            "conversation_id",
            "external_id",
            unique=True,
            postgresql_where=text("conversation_id IS NOT NULL AND external_id IS NOT NULL"),
        ),
        Index("message_under_way", "id", postgresql_where=text("state IN ('pending', 'sending', 'in_doubt')")),
    )
    noun = "message"
    own_field = "created_by_id"
    of_leads = True

    id: Mapped[BigId]
    at: Mapped[Moment] = mapped_column(default=utcnow)
    kind: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20), default="")
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    external_id: Mapped[Line | None]
    author_name: Mapped[Line] = mapped_column(default="")
    subject: Mapped[Line] = mapped_column(default="")
    words: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default=MessageState.NONE)
    answer: Mapped[str] = mapped_column(default="")
    extra: Mapped[Json] = mapped_column(default=dict)
    pinned_at: Mapped[Moment | None]
    mentions: Mapped[JsonList] = mapped_column(default=list)
    conversation: Mapped[Conversation | None] = relationship(foreign_keys=[conversation_id])
    author: Mapped[Person | None] = relationship(
        primaryjoin="foreign(Message.created_by_id) == Person.id", viewonly=True
    )
