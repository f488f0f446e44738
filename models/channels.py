"""A channel through which requests come, with its secret token and its settings."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Internal
from models.ground.base import Json, Line, Model, Moment, Stamped, Tracked


class Channel(Internal, Tracked, Stamped, Model):
    """`kind` names the provider's module; `settings` are its own form, such as the map of fields.

    `secrets` are sealed (app/sealed.py); `cursor` is where asking the provider goes on; `trouble` says what is
    wrong with it now, in a kept sentence.
    """

    __tablename__ = "channel"
    tracked = ("name", "active", "settings", "source")

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[Line]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(60), default="")
    funnel_id: Mapped[int | None] = mapped_column(ForeignKey("funnel.id", ondelete="SET NULL"))
    settings: Mapped[Json] = mapped_column(default=dict)
    secrets: Mapped[str] = mapped_column(default="", deferred=True)
    cursor: Mapped[Json] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    last_at: Mapped[Moment | None]
    trouble: Mapped[str] = mapped_column(default="")
    trouble_at: Mapped[Moment | None]

    def __repr__(self) -> str:
        return self.name
