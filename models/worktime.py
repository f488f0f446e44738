"""When the firm works: hours of the week, days that differ from them, and who is away and who stands in."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Public
from models.ground.base import BigId, CrmSession, Json, Line, Model, Stamped, Tracked, Versioned
from models.staff import Person, grow_rights_epoch


class WorkHours(Public, Tracked, Stamped, Versioned, Model):
    """Hours by weekday, `{"0": [["09:00", "18:00"]], …}` from Monday; the firm's, or one person's own."""

    __tablename__ = "work_hours"
    __table_args__ = (UniqueConstraint("person_id", postgresql_nulls_not_distinct=True),)
    tracked = ("zone", "week")

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    zone: Mapped[str] = mapped_column(String(40), default="Europe/Moscow")
    week: Mapped[Json] = mapped_column(default=dict)
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])


class DayKind(StrEnum):
    """How a day differs from its weekday: nobody works, an hour less is worked, or it is worked though it is not."""

    OFF = "off"
    SHORT = "short"
    WORKING = "working"


class Holiday(Public, Tracked, Stamped, Model):
    """A day of the yearly calendar that is not like its weekday."""

    __tablename__ = "holiday"
    tracked = ("kind", "words")

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(10), default=DayKind.OFF)
    words: Mapped[Line] = mapped_column(default="")


class AbsenceKind(StrEnum):
    """Why somebody is away."""

    VACATION = "vacation"
    ILLNESS = "illness"
    TRIP = "trip"
    OTHER = "other"


class Absence(Public, Tracked, Stamped, Versioned, Model):
    """Somebody is away, both days included; without an end until it is said otherwise. The deputy gets what comes."""

    __tablename__ = "absence"
    __table_args__ = (Index("absence_of_person", "person_id", "begins"),)
    tracked = ("person_id", "begins", "ends", "kind", "deputy_id", "words", "cancelled")

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    begins: Mapped[dt.date]
    ends: Mapped[dt.date | None]
    kind: Mapped[str] = mapped_column(String(10), default=AbsenceKind.VACATION)
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    words: Mapped[Line] = mapped_column(default="")
    cancelled: Mapped[bool] = mapped_column(default=False)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id])

    def covers(self, day: dt.date) -> bool:
        """Whether the person is away that day."""
        return not self.cancelled and self.begins <= day and (self.ends is None or day <= self.ends)


@event.listens_for(CrmSession, "after_flush")
def _reach_changed(session: CrmSession, _context: object) -> None:
    """A deputy reaches what is the absent one's, and the day of an absence is the firm's."""
    rows = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, Absence) or (isinstance(row, WorkHours) and row.person_id is None) for row in rows):
        grow_rights_epoch(session)
