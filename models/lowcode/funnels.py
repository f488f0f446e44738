"""The company's own funnel: stages in order, gates at their entry, the playbook of each."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from models.ground.access import Public
from models.ground.actor import actor_of
from models.ground.base import Json, JsonList, Model, Stamped, Tracked


class Named:
    """A name the company gave, with translations: `names` = {"ru": …, "en": …}."""

    names: Mapped[Json] = mapped_column(default=dict)

    def label(self, language: str) -> str:
        """The name in a language, or in the first one it was given in."""
        return str(self.names.get(language) or next(iter(self.names.values()), ""))

    def __repr__(self) -> str:
        """As lists and references say it: in the language of whoever reads."""
        return self.label(actor_of(object_session(self)).language)


class StageKind(StrEnum):
    """Where a stage stands in the life of a deal."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Funnel(Public, Named, Stamped, Model):
    """A path that deals take."""

    __tablename__ = "funnel"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    stages: Mapped[list["Stage"]] = relationship(order_by="Stage.position", back_populates="funnel")


class Stage(Public, Named, Stamped, Model):
    """A step of a funnel; `norm_hours` is how long a deal should stay (None: as planned)."""

    __tablename__ = "stage"
    __table_args__ = (UniqueConstraint("funnel_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    funnel_id: Mapped[int] = mapped_column(ForeignKey("funnel.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10), default=StageKind.OPEN)
    position: Mapped[int] = mapped_column(default=0)
    hue: Mapped[str] = mapped_column(String(10), default="slate")
    norm_hours: Mapped[int | None]
    funnel: Mapped[Funnel] = relationship(back_populates="stages")
    gates: Mapped[list["Gate"]] = relationship(order_by="Gate.position", cascade="all, delete-orphan")
    playbook: Mapped[list["Playbook"]] = relationship(order_by="Playbook.position", cascade="all, delete-orphan")


class GateKind(StrEnum):
    """What a gate asks for at the entry of a stage."""

    FIELD = "field"
    ESTIMATE_AGREED = "estimate_agreed"
    DOCUMENT_ISSUED = "document_issued"
    PAID = "paid"
    SHIPPED = "shipped"
    ROLE = "role"
    VISITED = "visited"


class Gate(Public, Model):
    """One condition at the entry of a stage.

    `params` by kind: {"field": …}, {"document": …}, {"percent": …}, {"roles": […]}.
    """

    __tablename__ = "gate"

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    params: Mapped[Json] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)


class OnLeave(StrEnum):
    """What becomes of a plan's open task when the deal leaves the stage."""

    KEEP = "keep"
    CLOSE = "close"


class Playbook(Public, Named, Tracked, Stamped, Model):
    """A task that entering the stage creates: for the owner of the deal or for a role.

    Due `due_hours` and `due_minutes` after the entry, counted in working time when `working_hours`. `checklist` is a
    list of names ({"ru", "en"}), `script` the words to say by language, with placeholders of plain facts.
    """

    __tablename__ = "playbook"
    tracked = (
        "names", "kind", "due_hours", "due_minutes", "working_hours", "role", "on_leave", "checklist", "script",
        "active", "position",
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="other")
    due_hours: Mapped[int] = mapped_column(default=24)
    due_minutes: Mapped[int] = mapped_column(default=0)
    working_hours: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str | None] = mapped_column(String(40))
    on_leave: Mapped[str] = mapped_column(String(10), default=OnLeave.KEEP)
    checklist: Mapped[JsonList] = mapped_column(default=list)
    script: Mapped[Json] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    @property
    def minutes(self) -> int:
        """From the entry to the term."""
        return self.due_hours * 60 + self.due_minutes
