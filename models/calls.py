"""A phone call as the exchange told of it: its parts come in any order, and some twice."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Internal
from models.ground.base import BigId, Line, Model, Moment, Stamped


class CallState(StrEnum):
    """How far a call is, or how it ended."""

    RINGING = "ringing"
    TALKING = "talking"
    ANSWERED = "answered"
    MISSED = "missed"


class PhoneCall(Internal, Stamped, Model):
    """One conversation by its number at the exchange. `told` says that it is written down where people see it."""

    __tablename__ = "phone_call"
    __table_args__ = (Index("phone_call_entry", "channel_id", "entry", unique=True),)
    anybody_adds = True

    id: Mapped[BigId]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel.id", ondelete="CASCADE"))
    entry: Mapped[Line]
    direction: Mapped[str] = mapped_column(String(4), default="in")
    number: Mapped[str] = mapped_column(String(40), default="")
    line: Mapped[str] = mapped_column(String(40), default="")
    extension: Mapped[str] = mapped_column(String(20), default="")
    state: Mapped[str] = mapped_column(String(10), default=CallState.RINGING)
    seq: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    told: Mapped[bool] = mapped_column(default=False)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"), index=True)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"), index=True)
