"""Rules: when an event happens, if its conditions hold, then actions run; every run leaves a line."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Internal, Public
from models.ground.base import BigId, JsonList, Model, Moment, Stamped, utcnow
from models.lowcode.funnels import Named


class Rule(Public, Named, Stamped, Model):
    """`event` is an Event's name; `conditions` and `actions` are lists of plain dicts (app/automations)."""

    __tablename__ = "rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    event: Mapped[str] = mapped_column(String(60), index=True)
    conditions: Mapped[JsonList] = mapped_column(default=list)
    actions: Mapped[JsonList] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class RuleRun(Internal, Model):
    """What a rule did with an event: done, skipped or refused, in words."""

    __tablename__ = "rule_run"
    anybody_adds = True

    id: Mapped[BigId]
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    at: Mapped[Moment] = mapped_column(default=utcnow)
    outcome: Mapped[str] = mapped_column(String(20))
    words: Mapped[str | None]
