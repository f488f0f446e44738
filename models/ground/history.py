"""The one write path of history: Change (what a field was), Event (a business fact), StageVisit (the honest funnel)."""

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Sequence, String, UniqueConstraint, event, insert, inspect, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Internal
from models.ground.actor import actor_of
from models.ground.base import BigId, CrmSession, Json, Line, Model, Moment, Stamped, Tracked, utcnow
from models.ground.through_deal import ThroughDeal

CHANGE_ID = Sequence("change_id_seq", metadata=Model.metadata)


class Change(ThroughDeal, Model):
    """One field of one row, old to new. Kept for ever, partitioned by month of `at`."""

    __tablename__ = "change"
    __table_args__ = (
        Index("change_of_row", "noun", "row_id", "at"),
        Index("change_of_deal", "deal_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
    noun = "change"
    scope_noun = "deal"

    # A sequence by name: identity columns of partitioned tables need PostgreSQL 17, we promise 15.
    id: Mapped[int] = mapped_column(BigInteger, CHANGE_ID, server_default=CHANGE_ID.next_value(), primary_key=True)
    at: Mapped[Moment] = mapped_column(primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_name: Mapped[Line]
    table: Mapped[str] = mapped_column("noun", String(40))
    row_id: Mapped[int] = mapped_column(BigInteger)
    deal_id: Mapped[int | None] = mapped_column(BigInteger)
    field: Mapped[str] = mapped_column(String(60))
    old: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))


class Event(ThroughDeal, Model):
    """A named business fact with what caused it: wakes rules and notices once each."""

    __tablename__ = "event"
    __table_args__ = (
        Index("event_of_deal", "deal_id", "at"),
        Index("event_waiting", "id", postgresql_where=text("handled_at IS NULL")),
    )
    noun = "event"
    scope_noun = "deal"
    anybody_adds = True
    of_leads = True

    id: Mapped[BigId]
    at: Mapped[Moment] = mapped_column(default=utcnow)
    name: Mapped[str] = mapped_column(String(60))
    table: Mapped[str] = mapped_column("noun", String(40))
    row_id: Mapped[int] = mapped_column(BigInteger)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    actor_name: Mapped[Line]
    cause_id: Mapped[int | None] = mapped_column(BigInteger)
    depth: Mapped[int] = mapped_column(default=0)
    data: Mapped[Json] = mapped_column(default=dict)
    handled_at: Mapped[Moment | None]


class HandlerRun(Internal, Model):
    """Which handler has dealt with which event: unique, so that release and sweep may both try."""

    __tablename__ = "handler_run"
    __table_args__ = (UniqueConstraint("event_id", "handler"),)
    anybody_adds = True

    id: Mapped[BigId]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    handler: Mapped[Line]
    at: Mapped[Moment] = mapped_column(default=utcnow)
    words: Mapped[str | None]


class StageVisit(ThroughDeal, Model):
    """A stay of a deal on a stage; `left_at` is empty while it lasts."""

    __tablename__ = "stage_visit"
    __table_args__ = (
        Index("stage_visit_entered", "entered_at", "stage_id", "deal_id"),
        Index("stage_visit_left", "left_at", "stage_id", postgresql_include=["entered_at", "deal_id"]),
        Index("stage_visit_of_deal", "deal_id", "entered_at"),
    )
    noun = "stage_visit"
    scope_noun = "deal"

    id: Mapped[BigId]
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    entered_at: Mapped[Moment]
    left_at: Mapped[Moment | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))


def record(name: str, row: Any, cause: Event | None = None, **data: Any) -> Event:
    """Add a business fact about a row to its session; it wakes rules after the commit."""
    session = inspect(row).session
    if session is None:
        raise ValueError("record() needs a row of a session")
    actor = actor_of(session)
    if row.id is None:
        session.flush()
    cause = cause or session.info.get("cause")
    fact = Event(
        name=name,
        table=row.__tablename__,
        row_id=row.id,
        deal_id=deal_of(row),
        lead_id=row.id if row.__tablename__ == "lead" else getattr(row, "lead_id", None),
        actor_id=actor.person_id,
        actor_name=actor.name,
        cause_id=cause.id if cause else None,
        depth=cause.depth + 1 if cause else 0,
        data=plain(data),
    )
    session.add(fact)
    return fact


def deal_of(row: Any) -> int | None:
    """The deal whose history a row belongs to."""
    found = row.id if row.__tablename__ == "deal" else getattr(row, "deal_id", None)
    return int(found) if found is not None else None


def plain(value: Any) -> Any:
    """A value as JSON keeps it: dates as ISO text, sums as text, enums as their value."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


@event.listens_for(CrmSession, "before_flush")
def _stamp(session: CrmSession, _context: Any, _instances: Any) -> None:
    actor = actor_of(session)
    for row in session.new:
        if isinstance(row, Stamped):
            row.created_by_id = row.created_by_id or actor.person_id
            row.changed_by_id = actor.person_id
            row.created_at = row.created_at or utcnow()
            row.changed_at = row.changed_at or utcnow()
    for row in session.dirty:
        if isinstance(row, Stamped) and session.is_modified(row):
            row.changed_at = utcnow()
            row.changed_by_id = actor.person_id


@event.listens_for(CrmSession, "after_flush")
def _write_changes(session: CrmSession, _context: Any) -> None:
    """After the flush, since before it a foreign key set through a relationship has no history yet."""
    rows: list[dict[str, Any]] = []
    for row in session.new:
        if isinstance(row, Tracked):
            rows += _created(row)
    for row in session.dirty:
        if isinstance(row, Tracked):
            rows += _changed(row)
    if rows:
        _keep(session, rows)


def _keep(session: Any, rows: list[dict[str, Any]]) -> None:
    actor = actor_of(session)
    common = {"at": utcnow(), "actor_id": actor.person_id, "actor_name": actor.name}
    session.connection().execute(insert(Change.__table__), [{**common, **row} for row in rows])


def part_removed(whole: Any, name: str, old: Any) -> None:
    """A part of a row goes for good: history of the whole says what it was. `name` hides it as a field of it would."""
    session = inspect(whole).session
    if session is None:
        raise ValueError("part_removed() needs a row of a session")
    _keep(session, [_change(whole, name, old, None)])


def _created(row: Any) -> list[dict[str, Any]]:
    return [_change(row, "", None, None)]


def _changed(row: Any) -> list[dict[str, Any]]:
    found = []
    state = inspect(row)
    for name in row.tracked:
        history = state.attrs[name].history
        if history.has_changes():
            old = history.deleted[0] if history.deleted else None
            new = history.added[0] if history.added else None
            if old != new:
                found.append(_change(row, name, old, new))
    return found


def _change(row: Any, field: str, old: Any, new: Any) -> dict[str, Any]:
    return {
        "noun": row.__tablename__,
        "row_id": row.id,
        "deal_id": deal_of(row),
        "field": field,
        "old": plain(old),
        "new": plain(new),
    }


def remember_old_values(classes: list[type]) -> None:
    """Load old values of tracked attributes before they are replaced, or history would miss them."""
    for cls in classes:
        if issubclass(cls, Tracked):
            for name in cls.tracked:
                getattr(cls, name).impl.active_history = True


