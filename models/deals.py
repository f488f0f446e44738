"""A deal: what is being sold to whom, on which stage of which funnel, and whose it is."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, any_, exists, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from models.clients import Client
from models.ground.access import BY_NOUN, Owned
from models.ground.actor import Actor, Scope
from models.ground.base import (
    BigId,
    Erasable,
    Json,
    Line,
    Model,
    Moment,
    Money,
    Stamped,
    Tracked,
    Versioned,
)
from models.lowcode.funnels import Funnel, Stage
from models.staff import Person

OPEN = text("closed_at IS NULL AND deleted_at IS NULL")
CLOSED = text("closed_at IS NOT NULL AND deleted_at IS NULL")
KEPT = text("deleted_at IS NULL")
# By an alias of its own: a statement that joins the client too must not be taken for the source of the name.
NAMES = Client.__table__.alias("client_of_deal")
PARTNERS = Client.__table__.alias("partner_of_deal")


class Deal(Owned, Tracked, Stamped, Versioned, Erasable, Model):
    """`number` is the deal's own (from 1001); `closed_at` is set on Won and Lost stages alike.

    `payer_id` is the client whom the invoice names; `expected_on` is when the client wants it,
    `production_on` when it must be made. Until the morning of `held_until` the deal is on hold: it stays on its
    stage, but nobody is reminded of it.
    """

    __tablename__ = "deal"
    __table_args__ = (
        # The board reads counts, sums and the order of its columns from these two alone.
        Index(
            "deal_standing",
            "funnel_id",
            "stage_id",
            "stage_since",
            "id",
            postgresql_include=["owner_id", "amount", "production_on", "held_until"],
            postgresql_where=OPEN,
        ),
        Index(
            "deal_closed",
            "funnel_id",
            "stage_id",
            "closed_at",
            "id",
            postgresql_include=["owner_id", "amount"],
            postgresql_where=CLOSED,
        ),
        Index("deal_open_owner", "owner_id", "id", postgresql_where=OPEN),
        # What is in the trash is told by the index itself: who reaches which deals is asked all the time.
        Index("deal_owner", "owner_id", "id", postgresql_include=["deleted_at"]),
        Index("deal_owner_client", "owner_id", "client_id", postgresql_where=KEPT),
        Index("deal_stage", "stage_id", "id"),
        Index("deal_amount", "amount", "id"),
        Index("deal_title", "title", "id"),
        Index("deal_stage_since", "stage_since", "id"),
        # The dashboard counts new deals and deals over the norm from these alone.
        Index("deal_created", "created_at", "id", postgresql_include=["owner_id", "funnel_id"], postgresql_where=KEPT),
        Index(
            "deal_slow", "stage_id", "stage_since", postgresql_include=["owner_id", "held_until"], postgresql_where=OPEN
        ),
        # Those on hold are few: the morning wakes them by their date.
        Index("deal_held", "held_until", "id", postgresql_where=text("held_until IS NOT NULL AND deleted_at IS NULL")),
        Index("deal_payer", "payer_id", postgresql_where=text("payer_id IS NOT NULL")),
        Index("deal_partner", "partner_id", postgresql_where=text("partner_id IS NOT NULL")),
        Index("deal_erased", "id", postgresql_where=text("deleted_at IS NOT NULL")),
    )
    noun = "deal"
    tracked = (
        "title", "client_id", "payer_id", "partner_id", "stage_id", "amount", "owner_id", "address", "work_type",
        "source",
        "category", "budget", "expected_on", "production_on", "comment", "lost_reason", "lost_words", "competitor",
        "funnel_id", "held_until", "held_reason", "deleted_at",
    )  # fmt: skip

    id: Mapped[BigId]
    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[Line] = mapped_column(default="")
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"), index=True)
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"))
    partner_id: Mapped[int | None] = mapped_column(
        ForeignKey("client.id", ondelete="SET NULL", name="deal_partner_id_fkey")
    )
    funnel_id: Mapped[int] = mapped_column(ForeignKey("funnel.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    stage_since: Mapped[Moment]
    amount: Mapped[Money] = mapped_column(default=Decimal(0))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    address: Mapped[Line] = mapped_column(default="")
    work_type: Mapped[Line] = mapped_column(default="")
    source: Mapped[str] = mapped_column(String(60), default="")
    category: Mapped[str] = mapped_column(String(20), default="new")
    budget: Mapped[Money | None]
    expected_on: Mapped[dt.date | None]
    production_on: Mapped[dt.date | None]
    comment: Mapped[str] = mapped_column(default="")
    lost_reason: Mapped[Line] = mapped_column(default="")
    lost_words: Mapped[str] = mapped_column(default="")
    competitor: Mapped[Line] = mapped_column(default="")
    held_until: Mapped[dt.date | None]
    held_reason: Mapped[Line] = mapped_column(default="")
    held_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("ab_user.id", name="deal_held_by_id_fkey", ondelete="SET NULL")
    )
    closed_at: Mapped[Moment | None]
    extra: Mapped[Json] = mapped_column(default=dict)
    # Whoever reaches a deal reaches its client (models/clients.py), so a page of deals takes the names with the
    # deals: the client table's own condition would ask for every client in reach.
    client_name: Mapped[str | None] = column_property(
        select(NAMES.c.name).where(NAMES.c.id == client_id).scalar_subquery()
    )
    # A partner is no secret, whoever has his card: the name alone, asked for where it is shown.
    partner_name: Mapped[str | None] = column_property(
        select(PARTNERS.c.name).where(PARTNERS.c.id == partner_id).scalar_subquery(), deferred=True
    )
    client: Mapped[Client | None] = relationship(foreign_keys=[client_id])
    payer: Mapped[Client | None] = relationship(foreign_keys=[payer_id])
    partner: Mapped[Client | None] = relationship(foreign_keys=[partner_id])
    funnel: Mapped[Funnel] = relationship(foreign_keys=[funnel_id])
    stage: Mapped[Stage] = relationship(foreign_keys=[stage_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Given deals (a live task or visit on them is the actor's), and in wider scopes those owned in reach."""
        return cls.in_reach(cls, actor, scope)

    @classmethod
    def reaches(cls, deal_id: Any, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Whether a row that names a deal names a live one in a narrow scope."""
        deal = cls.__table__.alias()
        live = (deal.c.id == deal_id, deal.c.deleted_at.is_(None))
        if scope is Scope.GIVEN:
            return exists().where(*live, deal.c.id == cls.given(actor))
        owners = cls.owners_in(actor, scope)
        # Given deals that are owned in reach are left out of the array: it is compared with each row of a year's sums.
        return exists().where(*live, or_(deal.c.owner_id.in_(owners), deal.c.id == cls.given(actor, owners)))

    @classmethod
    def in_reach(cls, deal: Any, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The condition of a narrow scope over a deal's columns.

        The given deals are few and come as one array: PostgreSQL may then take the owner's index and the key, or walk
        the order that was asked for. As a union of ids it would collect all deals in reach first: at 25 000 of them
        that is a hundred times slower for a page, and for a row of a deal.
        """
        is_given = deal.id == cls.given(actor)
        return is_given if scope is Scope.GIVEN else or_(deal.owner_id.in_(cls.owners_in(actor, scope)), is_given)

    @classmethod
    def given(cls, actor: Actor, apart_from: Sequence[int] = ()) -> Any:
        """Any of the deals on which a live task or visit is the actor's, or theirs for whom the actor stands in.

        It stands at the right of an equality. Deals of some owners may be left out.
        """
        task, visit = BY_NOUN["task"].__table__.c, BY_NOUN["visit"].__table__.c
        live = (task.done_at.is_(None), task.deleted_at.is_(None), task.deal_id.is_not(None))
        planned = (visit.state == literal_column("'planned'"), visit.deleted_at.is_(None), visit.deal_id.is_not(None))
        tasks = select(task.deal_id).where(task.assignee_id.in_(actor.stands_for), *live)
        visits = select(visit.deal_id).where(visit.assignee_id.in_(actor.stands_for), *planned)
        if apart_from:
            deal = cls.__table__.alias()
            is_other = or_(deal.c.owner_id.is_(None), deal.c.owner_id.not_in(apart_from))
            tasks = tasks.where(deal.c.id == task.deal_id, is_other)
            visits = visits.where(deal.c.id == visit.deal_id, is_other)
        return any_(func.array(tasks.union_all(visits).scalar_subquery()))

    @staticmethod
    def owners_in(actor: Actor, scope: Scope) -> list[int]:
        """Whose deals are in a scope wider than GIVEN."""
        return sorted(actor.team_ids if scope is Scope.TEAM else actor.own_ids)

    @property
    def is_open(self) -> bool:
        """Neither won nor lost."""
        return self.closed_at is None

    @property
    def is_held(self) -> bool:
        """On hold until a day that has not come yet."""
        return self.held_until is not None and self.closed_at is None

    def __repr__(self) -> str:
        return f"№ {self.number}"


# Beginnings of words of the title and of the address, as the search asks for them; the index is by this very text.
WORDS_OF_DEAL: ColumnElement[str] = literal_column(
    "to_tsvector('simple'::regconfig, translate(lower((title || ' ') || address), 'ё', 'е'))", type_=TSVECTOR
)
Index("deal_words", WORDS_OF_DEAL, postgresql_using="gin", _table=Deal.__table__)
