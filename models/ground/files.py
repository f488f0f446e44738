"""A stored file: what it is and where its bytes lie; the bytes themselves are app/files' matter."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, exists, false, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.ground.access import BY_NOUN, Internal, Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Erasable, Line, Model, Moment, Stamped, utcnow
from models.ground.through_deal import ThroughDeal


class Preview(StrEnum):
    """What there is to look at: nothing, a picture that is being drawn, one that is drawn, one that cannot be."""

    NONE = ""
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class StoredFile(ThroughDeal, Stamped, Erasable, Model):
    """Bytes kept under FILES_URL by `key`, always given out as an attachment; type told by content.

    A paper made by us belongs to documents; what was `attached` by people, or came with a message, belongs to the
    deal, lead or client, and with `message_id` to that message. `thumb_key` and `view_key` are JPEGs drawn by us
    of a picture; the second is also what a HEIC is downloaded as where nobody reads HEIC.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("stored_file_waiting", "id", postgresql_where=text("preview = 'waiting'")),
        Index("stored_file_of_lead", "lead_id", postgresql_where=text("lead_id IS NOT NULL")),
        Index("stored_file_of_client", "client_id", postgresql_where=text("client_id IS NOT NULL")),
        Index("stored_file_of_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
    )
    noun = "file"
    own_field = "created_by_id"

    id: Mapped[BigId]
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id", ondelete="SET NULL"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    attached: Mapped[bool] = mapped_column(default=False)
    inline: Mapped[bool] = mapped_column(default=False)
    name: Mapped[Line]
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[Line] = mapped_column(unique=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    preview: Mapped[str] = mapped_column(String(10), default=Preview.NONE)
    thumb_key: Mapped[Line] = mapped_column(default="")
    view_key: Mapped[Line] = mapped_column(default="")
    author: Mapped[Any] = relationship(
        "Person", primaryjoin="foreign(StoredFile.created_by_id) == Person.id", viewonly=True
    )

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """As far as papers or the feed are read; what each of them shows is told by `within`."""
        return max(actor.reads("document"), actor.reads("message"))

    @classmethod
    def writing_scope(cls, actor: Actor) -> Scope:
        """Who writes papers or into the feed may add files."""
        return max(actor.writes("document"), actor.writes("message"))

    @classmethod
    def within(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Papers with documents, a message's files with messages, the rest with either; only of what is live."""
        if actor.person_id is None or scope is Scope.NONE:
            return false()
        papers, said = min(scope, actor.reads("document")), min(scope, actor.reads("message"))
        loose = cls.deal_id.is_(None)
        return or_(
            and_(cls.attached.is_(False), _of_deal(cls, actor, papers)),
            and_(cls.attached, cls.message_id.is_(None), _of_deal(cls, actor, max(papers, said))),
            and_(cls.message_id.is_not(None), _of_deal(cls, actor, said), _heard(cls, said)),
            and_(loose, _of_place(cls.lead_id, "lead", actor), _heard(cls, said)),
            and_(loose, cls.lead_id.is_(None), _of_place(cls.client_id, "client", actor), _heard(cls, said)),
            and_(loose, cls.lead_id.is_(None), cls.client_id.is_(None), cls.created_by_id == actor.person_id),
        )

    def keeper(self, session: Session) -> Owned:
        """Without a deal it is written by whoever writes its lead, else its client."""
        for key, noun in ((self.lead_id, "lead"), (self.client_id, "client")):
            if self.deal_id is None and key is not None:
                place: Owned | None = session.get(BY_NOUN[noun], key)
                return place or self
        return self

    @property
    def is_picture(self) -> bool:
        """Whether there is, or will be, something to look at."""
        return self.preview in (Preview.WAITING, Preview.READY)

    def __repr__(self) -> str:
        return self.name


class GoneBytes(Internal, Model):
    """Bytes whose file was deleted for good: noted with the deletion, taken off the disk after it."""

    __tablename__ = "gone_bytes"

    id: Mapped[BigId]
    key: Mapped[Line] = mapped_column(unique=True)
    at: Mapped[Moment] = mapped_column(default=utcnow)


def _of_deal(cls: Any, actor: Actor, scope: Scope) -> ColumnElement[bool]:
    if scope is Scope.NONE:
        return false()
    if scope is not Scope.ALL:
        reached: ColumnElement[bool] = BY_NOUN["deal"].reaches(cls.deal_id, actor, scope)
        return reached
    deal = BY_NOUN["deal"].__table__.alias()
    return exists().where(deal.c.id == cls.deal_id, deal.c.deleted_at.is_(None))


def _of_place(column: Any, noun: str, actor: Actor) -> ColumnElement[bool]:
    place = BY_NOUN[noun]
    inside = place.within(actor, place.reading_scope(actor))
    reached: ColumnElement[bool] = column.in_(select(place.id).where(inside, place.deleted_at.is_(None)))
    return reached


def _heard(cls: Any, scope: Scope) -> ColumnElement[bool]:
    """Whoever reads no messages is not shown their files either; those of a message in the trash lie there too."""
    if scope is Scope.NONE:
        silent: ColumnElement[bool] = cls.message_id.is_(None)
        return silent
    message = BY_NOUN["message"].__table__.alias()
    return or_(cls.message_id.is_(None), exists().where(message.c.id == cls.message_id, message.c.deleted_at.is_(None)))
