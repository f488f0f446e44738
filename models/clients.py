"""Clients (people and companies), the ways to reach them, and their consents."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    exists,
    func,
    inspect,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.ground.access import BY_NOUN, Internal, Owned, either
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Erasable, Json, Line, Model, Moment, Stamped, Tracked, Versioned
from models.staff import Person

# Our PostgreSQL has no ICU: names are sorted and searched folded (HOUSE.md, 4).
FOLDED = "translate(lower(name), 'ё', 'е')"


class ClientKind(StrEnum):
    """Who a client is."""

    PERSON = "person"
    COMPANY = "company"
    PARTNER = "partner"


class Client(Owned, Tracked, Stamped, Versioned, Erasable, Model):
    """Somebody we sell to. `folded` sorts, `words` searches by word beginnings."""

    __tablename__ = "client"
    __table_args__ = (
        Index("client_folded", "folded", "name", "id"),
        Index("client_created", "created_at", "id"),
        Index("client_words", "words", postgresql_using="gin"),
        Index("client_owner", "owner_id", "folded", postgresql_include=["id"]),
        Index("client_inn", "inn", postgresql_where=text("inn <> ''")),
        Index("client_promo", "promo", unique=True, postgresql_where=text("promo <> '' AND deleted_at IS NULL")),
        Index("client_merged", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )
    noun = "client"
    collects = True
    tracked = (
        "name", "kind", "full_name", "address", "inn", "kpp", "comment", "owner_id", "promo", "partner_terms",
        "partner_percent", "merged_into_id", "deleted_at",
    )  # fmt: skip

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(10), default=ClientKind.PERSON)
    name: Mapped[Line]
    folded: Mapped[str] = mapped_column(String(250, collation="C"), Computed(FOLDED, persisted=True))
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed(f"to_tsvector('simple'::regconfig, {FOLDED})", persisted=True)
    )
    full_name: Mapped[Line] = mapped_column(default="")
    address: Mapped[Line] = mapped_column(default="")
    inn: Mapped[str] = mapped_column(String(12), default="")
    kpp: Mapped[str] = mapped_column(String(9), default="")
    comment: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    extra: Mapped[Json] = mapped_column(default=dict)
    # Of a partner: the code that his clients name, in capitals, and on what terms he sends them.
    promo: Mapped[str] = mapped_column(String(40), default="")
    partner_terms: Mapped[str] = mapped_column(default="")
    partner_percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    # Another client that this one became; then it lies in the trash and its address leads there.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("client.id", ondelete="SET NULL", name="client_merged_into_id_fkey")
    )
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    contacts: Mapped[list["ContactPoint"]] = relationship(
        back_populates="client", order_by="ContactPoint.id", cascade="all, delete-orphan"
    )

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """One's own clients and the clients of the deals one reaches."""
        return cls.id.in_(cls.reached(actor, scope))

    @classmethod
    def reached(cls, actor: Actor, scope: Scope) -> Any:
        """Their ids. It names the tables themselves, so that no other condition is put inside it, and each part of
        the union is read from an index alone: it is collected anew for every statement about clients. Who takes part
        in a deal is reached with it.
        """
        deal: Any = BY_NOUN["deal"]
        deals, clients = deal.__table__.c, cls.__table__.c
        of_deals = select(deals.client_id).where(deals.deleted_at.is_(None), deals.client_id.is_not(None))
        deal_scope = actor.reads("deal") or scope
        aside = BY_NOUN["participant"].__table__.c
        beside = select(aside.client_id).join(deal.__table__, deals.id == aside.deal_id)
        taking_part = beside.where(deals.deleted_at.is_(None), aside.client_id.is_not(None))
        given = deals.id == deal.given(actor)
        parts = [of_deals.where(given), taking_part.where(given)]
        if deal_scope is not Scope.GIVEN:
            owned = deals.owner_id.in_(deal.owners_in(actor, deal_scope))
            parts += [of_deals.where(owned), taking_part.where(owned)]
        if scope is not Scope.GIVEN:
            parts.append(select(clients.id).where(clients.owner_id.in_(deal.owners_in(actor, scope))))
        return either(*parts) if len(parts) > 1 else parts[0]

    @classmethod
    def is_own(cls, actor: Actor) -> ColumnElement[bool]:
        """Those in reach by their owner alone: most of all there are."""
        return cls.owner_id.in_(BY_NOUN["deal"].owners_in(actor, cls.reading_scope(actor)))

    @classmethod
    def by_row(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The same as `narrowed`, asked of one client."""
        return cls.is_reached(cls, actor, scope)

    @staticmethod
    def is_reached(client: Any, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Whether a client, told by its columns, is among `reached`. OFFSET 0 keeps PostgreSQL from collecting the
        deals for it into a set after all.
        """
        deal: Any = BY_NOUN["deal"]
        own, beside = deal.__table__.alias(), deal.__table__.alias()
        aside = BY_NOUN["participant"].__table__.alias()
        deal_scope = actor.reads("deal") or scope
        of_deals = select(own.c.id).where(
            own.c.client_id == client.id, own.c.deleted_at.is_(None), deal.in_reach(own.c, actor, deal_scope)
        )
        taking_part = select(aside.c.id).where(
            aside.c.client_id == client.id,
            beside.c.id == aside.c.deal_id,
            beside.c.deleted_at.is_(None),
            deal.in_reach(beside.c, actor, deal_scope),
        )
        zero: ColumnElement[int] = literal_column("0")
        ways = [of_deals.offset(zero).exists(), taking_part.offset(zero).exists()]
        return or_(*ways) if scope is Scope.GIVEN else or_(client.owner_id.in_(deal.owners_in(actor, scope)), *ways)

    @property
    def phone(self) -> str | None:
        """The first phone, in E.164."""
        return next((c.value for c in self.contacts if c.kind == ContactKind.PHONE), None)

    @property
    def email(self) -> str | None:
        """The first e-mail."""
        return next((c.value for c in self.contacts if c.kind == ContactKind.EMAIL), None)

    def __repr__(self) -> str:
        return self.name


class ContactKind(StrEnum):
    """How a client can be reached."""

    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"


class ContactPoint(Owned, Tracked, Stamped, Model):
    """A normalised phone (E.164), e-mail (lower case) or handle; found by value, or a phone by its last digits."""

    __tablename__ = "contact_point"
    __table_args__ = (
        UniqueConstraint("client_id", "kind", "value"),
        Index("contact_value", "value", "kind"),
        Index(
            "contact_beginning",
            "value",
            postgresql_ops={"value": "text_pattern_ops"},
            postgresql_where=text("kind <> 'phone'"),
        ),
    )
    noun = "contact_point"
    scope_noun = "client"
    collects = True
    tracked = ("value",)

    id: Mapped[BigId]
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[Line]
    client: Mapped[Client] = relationship(back_populates="contacts")

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Reached through the client."""
        return cls.client_id.in_(Client.reached(actor, scope))

    @classmethod
    def by_row(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """The same, asked of the client of one contact."""
        client = Client.__table__.alias()
        return exists().where(client.c.id == cls.client_id, Client.is_reached(client.c, actor, scope))

    def owners(self) -> set[int | None]:
        """The owners of the client, of the one before and of the one now."""
        session = object_session(self)
        held = {*inspect(self).attrs["client"].history.deleted, self.client} - {None}
        if not held and session is not None and self.client_id is not None:
            held = {session.get(Client, self.client_id)} - {None}
        owners: set[int | None] = set()
        for client in held:
            owners |= client.owners()
        return owners or {-1}


Index(
    "contact_last_digits",
    func.reverse(ContactPoint.value).label("digits"),
    postgresql_ops={"digits": "text_pattern_ops"},
    postgresql_where=ContactPoint.kind == "phone",
)


class Consent(Internal, Model):
    """A consent to process personal data: which text, when and from where (152-ФЗ)."""

    __tablename__ = "consent"
    anybody_adds = True

    id: Mapped[BigId]
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    text_version: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(default="")
    given_at: Mapped[Moment]
    address: Mapped[str] = mapped_column(String(60), default="")
