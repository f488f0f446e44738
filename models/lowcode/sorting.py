"""Rules by which requests are sorted: what is a duplicate, spam or a mistake, who has bought before."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.ground.access import Public
from models.ground.base import Json, Model, Stamped, Tracked, Versioned
from models.lowcode.funnels import Funnel


class SortingWhat(StrEnum):
    """Which question a rule answers, in the order in which they are asked."""

    MISTAKE = "mistake"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    NOT_CUSTOMER = "not_customer"
    PARTNER = "partner"
    REPEAT = "repeat"


class SortingAction(StrEnum):
    """What is done: attach | new | ask are for duplicates; others are marked, or set aside as well."""

    ATTACH = "attach"
    NEW = "new"
    ASK = "ask"
    MARK = "mark"
    SET_ASIDE = "set_aside"


class SortingRule(Public, Tracked, Stamped, Versioned, Model):
    """For requests of a source and a funnel; an empty one means any, and the closest rule holds.

    `params` by what: duplicate {"days"}; spam {"links", "seconds", "words"}; mistake and not_customer {"words"};
    repeat {"who": won | paid | any}; partner {"marks"}. A rule that is off answers no.
    """

    __tablename__ = "sorting_rule"
    __table_args__ = (
        Index("sorting_rule_place", "what", "source", "funnel_id", unique=True, postgresql_nulls_not_distinct=True),
    )
    tracked = ("source", "funnel_id", "what", "action", "params", "active")

    id: Mapped[int] = mapped_column(primary_key=True)
    funnel_id: Mapped[int | None] = mapped_column(ForeignKey("funnel.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(60), default="")
    what: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    params: Mapped[Json] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    funnel: Mapped[Funnel | None] = relationship(foreign_keys=[funnel_id])
