"""People who work here: the person, the team with a head, what a role reaches, one-time links."""

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_appbuilder.security.sqla.models import Group, PermissionView, Role, User
from sqlalchemy import ColumnElement, ForeignKey, Index, String, event, inspect, text, true
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.ground.access import Internal, Owned, Public
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, CrmSession, Json, JsonList, Line, Model, Moment, Stamped, Tracked, utcnow


class Team(Public, Tracked, Stamped, Model):
    """A department; its head reaches what its members own."""

    __tablename__ = "team"
    tracked = ("name", "head_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Line] = mapped_column(unique=True)
    head_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))

    def __repr__(self) -> str:
        return self.name


class Person(Public, Tracked, User):
    """FAB's user with what a CRM asks of an employee. Lives in FAB's table `ab_user`."""

    __tablename__ = "ab_user"
    tracked = (
        "username", "first_name", "last_name", "email", "phone", "post", "team_id", "takes_leads", "lead_share",
        "active", "session_epoch",
    )  # fmt: skip

    language: Mapped[str] = mapped_column(String(5), default="ru", server_default="ru")
    zone: Mapped[str] = mapped_column(String(40), default="Europe/Moscow", server_default="Europe/Moscow")
    theme: Mapped[str] = mapped_column(String(5), default="auto", server_default="auto")
    phone: Mapped[str | None] = mapped_column(String(20))
    post: Mapped[str | None] = mapped_column(String(100))
    hue: Mapped[str] = mapped_column(String(10), default="slate", server_default="slate")
    # Added after both tables stand, since a team names its head.
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("team.id", ondelete="SET NULL", name="ab_user_team_id_fkey", use_alter=True)
    )
    takes_leads: Mapped[bool] = mapped_column(default=False, server_default="false")
    last_lead_at: Mapped[Moment | None]
    # Of so many leads as the sum of all shares, this many are this person's.
    lead_share: Mapped[int] = mapped_column(default=1, server_default="1")
    # Where the person stands in the round of leads (app/services/leads/sharing.py).
    lead_turn: Mapped[float] = mapped_column(default=0.0, server_default="0")
    session_epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    last_home: Mapped[str | None] = mapped_column(String(40))
    notify: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    # How letters to clients end; empty: name, post, company, phone.
    signature: Mapped[str] = mapped_column(default="", server_default="")
    single_keys: Mapped[bool] = mapped_column(default=True, server_default="true")
    demo: Mapped[bool] = mapped_column(default=False, server_default="false")

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])

    @property
    def name(self) -> str:
        """First and last name, as people are called on screens."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return (self.first_name[:1] + self.last_name[:1]).upper()

    def __repr__(self) -> str:
        return self.name


class RoleReach(Public, Tracked, Stamped, Model):
    """What a role reaches: a reading and a writing scope per noun, hidden fields, the first screen."""

    __tablename__ = "role_reach"
    tracked = ("names", "reading", "writing", "hidden", "home")

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    names: Mapped[Json] = mapped_column(default=dict)
    reading: Mapped[Json] = mapped_column(default=dict)
    writing: Mapped[Json] = mapped_column(default=dict)
    hidden: Mapped[JsonList] = mapped_column(default=list)
    home: Mapped[str] = mapped_column(String(40), default="leads")

    @property
    def id(self) -> int:
        """History names rows by `id`."""
        return self.role_id


class RightsEpoch(Internal, Model):
    """One row whose number grows with every change of rights: what a process remembers of them is then stale."""

    __tablename__ = "rights_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=1, server_default="1")


class SignIn(Internal, Model):
    """One log-in of one person on one device: a cookie or a token is good only while its row is alive.

    The row dies by log-out (`ended_at`), by age, and with every change of the person's `session_epoch`.
    """

    __tablename__ = "sign_in"

    id: Mapped[BigId]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    seen_at: Mapped[Moment] = mapped_column(default=utcnow, index=True)
    ended_at: Mapped[Moment | None]
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[Line] = mapped_column(default="")
    is_token: Mapped[bool] = mapped_column(default=False, server_default="false")


class LinkKind(StrEnum):
    """What a one-time link lets its holder do."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 (a kind of link, not a secret)
    FIRST_ADMINISTRATOR = "first_administrator"
    # Not a link yet: somebody typed a name and asks for one (app/services/staff.py: forgot).
    ASKED = "asked"


class OneTimeLink(Internal, Model):
    """A link that sets a password once; only the hash of its token is kept."""

    __tablename__ = "one_time_link"
    anybody_adds = True

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(30))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked: Mapped[str | None] = mapped_column(String(320))
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]

    def is_good(self, at: dt.datetime) -> bool:
        """Whether the link may still be used."""
        return self.used_at is None and at < self.expires_at


class FeedLink(Owned, Model):
    """The secret address of a person's calendar; only the hash of its token is kept. Ended: renewed or revoked."""

    __tablename__ = "feed_link"
    __table_args__ = (
        # At most one is alive.
        Index("feed_link_live", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )
    noun = "feed_link"
    owner_field = "person_id"

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[Moment] = mapped_column(default=utcnow)
    read_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:  # noqa: ARG003 (the signature is the ground's)
        """Everybody has their own, whatever their roles."""
        return true() if actor.everything else cls.person_id == (actor.person_id or 0)

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """And renews it, whatever their roles."""
        return Scope.ALL if actor.everything else Scope.GIVEN


RIGHTS_OF_PERSON = ("roles", "groups", "team_id", "active")


def grow_rights_epoch(session: Session) -> None:
    """Say that somebody's rights changed: every process reads them anew. For those who write past the session."""
    table: Any = RightsEpoch.__table__
    fresh = insert(table).values(id=1, number=1)
    grown = fresh.on_conflict_do_update(index_elements=["id"], set_={"number": table.c.number + 1})
    session.connection().execute(grown)


@event.listens_for(CrmSession, "after_flush")
def _rights_changed(session: CrmSession, _context: Any) -> None:
    rows = (*session.new, *session.dirty, *session.deleted)
    if any(_touches_rights(session, row) for row in rows):
        grow_rights_epoch(session)


def _touches_rights(session: CrmSession, row: object) -> bool:
    if isinstance(row, Role | RoleReach | Team | Group | PermissionView):
        return True
    if not isinstance(row, Person):
        return False
    state: Any = inspect(row)
    return row in session.new or any(state.attrs[name].history.has_changes() for name in RIGHTS_OF_PERSON)
