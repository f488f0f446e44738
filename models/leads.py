"""A lead: a request that came in, before it becomes a deal or is set aside."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, String, func, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from models.clients import FOLDED, Client
from models.ground.access import Owned
from models.ground.base import (
    BigId,
    Erasable,
    Json,
    Line,
    Model,
    Moment,
    Stamped,
    Tracked,
    Versioned,
)
from models.staff import Person

# Beginnings of words of the name and of the request are what one looks for.
SEARCHED = "to_tsvector('simple'::regconfig, translate(lower(name || ' ' || left(words, 2000)), 'ё', 'е'))"
PARTNERS = Client.__table__.alias("partner_of_lead")


class LeadClass(StrEnum):
    """What the request is, told by rules with a reason and changeable by a person."""

    NEW = "new"
    REPEAT = "repeat"
    PARTNER = "partner"
    DUPLICATE = "duplicate"
    SPAM = "spam"
    MISTAKE = "mistake"
    NOT_CUSTOMER = "not_customer"


class LeadState(StrEnum):
    """Where the lead is: waiting, taken, or ended as a deal, attached or rejected."""

    WAITING = "waiting"
    TAKEN = "taken"
    QUALIFIED = "qualified"
    ATTACHED = "attached"
    REJECTED = "rejected"


LIVE_STATES = (LeadState.WAITING, LeadState.TAKEN)


class Lead(Owned, Tracked, Stamped, Versioned, Erasable, Model):
    """Phone in E.164 and e-mail in lower case, or empty; `typed_phone` keeps what was typed.

    `respond_by` is the response target; `answered_at` stops the timer.
    """

    __tablename__ = "lead"
    __table_args__ = (
        Index("lead_owner_state", "owner_id", "state", "id"),
        Index("lead_live", "respond_by", postgresql_where=text("answered_at IS NULL AND deleted_at IS NULL")),
        Index("lead_escalating", "escalate_at", postgresql_where=text("answered_at IS NULL AND deleted_at IS NULL")),
        # What waits for an answer is few among all that nobody answered: menu, list and "My day" read it here.
        Index(
            "lead_waiting",
            "respond_by",
            postgresql_include=["owner_id"],
            postgresql_where=text(
                "answered_at IS NULL AND deleted_at IS NULL AND (state = 'waiting' OR state = 'taken')"
            ),
        ),
        Index("lead_phone", "phone"),
        Index("lead_email", "email"),
        Index("lead_handle", "handle"),
        Index("lead_partner", "partner_id", postgresql_where=text("partner_id IS NOT NULL")),
        Index("lead_searched", "searched", postgresql_using="gin"),
        Index(
            "lead_received",
            "received_at",
            "id",
            postgresql_include=["owner_id", "source", "answered_at"],
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )
    noun = "lead"
    unowned_is_team = True
    tracked = (
        "name", "phone", "email", "words", "klass", "state", "owner_id", "client_id", "partner_id", "deal_id",
        "duplicate_of_id", "reject_reason", "answered_at", "deleted_at",
    )  # fmt: skip

    id: Mapped[BigId]
    received_at: Mapped[Moment]
    name: Mapped[Line] = mapped_column(default="")
    folded: Mapped[str] = mapped_column(String(250, collation="C"), Computed(FOLDED, persisted=True))
    searched: Mapped[str] = mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True), deferred=True)
    phone: Mapped[str] = mapped_column(String(20), default="")
    typed_phone: Mapped[str] = mapped_column(String(250), default="")
    email: Mapped[str] = mapped_column(String(250), default="")
    handle: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(default="")
    klass: Mapped[str] = mapped_column(String(20), default=LeadClass.NEW)
    klass_reason: Mapped[Line] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(20), default=LeadState.WAITING)
    source: Mapped[str] = mapped_column(String(60), default="")
    page: Mapped[str] = mapped_column(String(1000), default="")
    referrer: Mapped[str] = mapped_column(String(1000), default="")
    first_page: Mapped[str] = mapped_column(String(1000), default="")
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("lead_import.id", ondelete="SET NULL", use_alter=True), index=True
    )
    utm: Mapped[Json] = mapped_column(default=dict)
    extra: Mapped[Json] = mapped_column(default=dict)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"), index=True)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"), index=True)
    partner_id: Mapped[int | None] = mapped_column(
        ForeignKey("client.id", ondelete="SET NULL", name="lead_partner_id_fkey")
    )
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channel.id", ondelete="SET NULL"))
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw_body.id", ondelete="SET NULL"), unique=True)
    respond_by: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    # How far up an unanswered lead has gone, and when it goes further (app/services/leads/escalation.py).
    escalated: Mapped[int] = mapped_column(default=0)
    escalate_at: Mapped[Moment | None]
    reject_reason: Mapped[Line] = mapped_column(default="")
    # A partner is no secret, whoever has his card: the name alone, asked for where it is shown.
    partner_name: Mapped[str | None] = column_property(
        select(PARTNERS.c.name).where(PARTNERS.c.id == partner_id).scalar_subquery(), deferred=True
    )
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    client: Mapped[Client | None] = relationship(foreign_keys=[client_id])
    partner: Mapped[Client | None] = relationship(foreign_keys=[partner_id])
    deal: Mapped[Any] = relationship("Deal", foreign_keys=[deal_id])

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to deal with it."""
        return self.state in LIVE_STATES

    def is_overdue(self, at: dt.datetime) -> bool:
        """Whether the response target ran out without an answer."""
        return self.is_live and self.answered_at is None and self.respond_by is not None and at > self.respond_by

    def __repr__(self) -> str:
        return self.name or self.typed_phone or self.email or f"№ {self.id}"


Index(
    "lead_last_digits",
    func.reverse(Lead.phone).label("digits"),
    postgresql_ops={"digits": "text_pattern_ops"},
)
