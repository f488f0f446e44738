"""Plans: how much is to be shipped in a month, by the firm or by a person."""

import datetime as dt

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Public
from models.ground.base import Model, Money, Stamped, Tracked, Versioned
from models.staff import Person


class Plan(Public, Tracked, Stamped, Versioned, Model):
    """The plan of a month (its first day); without a person it is the whole firm's."""

    __tablename__ = "plan"
    __table_args__ = (Index("plan_once", "month", "person_id", unique=True, postgresql_nulls_not_distinct=True),)
    tracked = ("amount",)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[dt.date]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    amount: Mapped[Money]
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
