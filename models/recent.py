"""What a person opened lately: the search shows it before anything is typed."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Model, Moment, utcnow


class RecentView(Owned, Model):
    """A row that a person opened, and when last; its name is read anew, so that what is hidden by now stays hidden."""

    __tablename__ = "recent_view"
    __table_args__ = (UniqueConstraint("person_id", "noun", "row_id"), Index("recent_of_person", "person_id", "at"))
    noun = "recent_view"
    owner_field = "person_id"
    anybody_adds = True

    id: Mapped[BigId]
    person_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column("noun", String(20))
    row_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Moment] = mapped_column(default=utcnow)

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """Everybody sees what they themselves opened."""
        return Scope.GIVEN if actor.person_id else Scope.NONE

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """And nobody writes it for another."""
        return Scope.ALL if actor.everything else Scope.GIVEN
