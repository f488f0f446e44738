"""Leads out of a file: what was loaded, how its columns are understood, and what became of every row."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, object_session

from models.ground.access import Owned
from models.ground.actor import Actor, Scope
from models.ground.base import BigId, Json, JsonList, Line, Model, Moment, Stamped


class ImportState(StrEnum):
    """How far an import is."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What a row becomes: a lead, an addition to what is there, nothing, or a mistake told in words."""

    CREATE = "create"
    DUPLICATE = "duplicate"
    SKIP = "skip"
    ERROR = "error"


class LeadImport(Owned, Stamped, Model):
    """One file. `mapping` gives each column's number a field, `options` say what is done with duplicates, whose the
    leads become, which words mean which source; `counts` are of the verdicts. Seen by whoever loaded it, and the head.
    """

    __tablename__ = "lead_import"
    __table_args__ = (Index("lead_import_person", "person_id", "id"),)
    noun = "lead_import"
    scope_noun = "lead"
    owner_field = "person_id"

    id: Mapped[BigId]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    name: Mapped[Line]
    size: Mapped[int] = mapped_column(default=0)
    coding: Mapped[str] = mapped_column(String(20), default="utf-8")
    separator: Mapped[str] = mapped_column(String(4), default=",")
    columns: Mapped[JsonList] = mapped_column(default=list)
    shape: Mapped[str] = mapped_column(String(64), default="", index=True)
    total: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[Json] = mapped_column(default=dict)
    options: Mapped[Json] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=ImportState.MAPPING)
    counts: Mapped[Json] = mapped_column(default=dict)
    work_id: Mapped[int | None] = mapped_column(BigInteger)
    finished_at: Mapped[Moment | None]

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """Whoever sees the leads of the team sees one's own files, a head those of their people."""
        return own_of(actor)


def own_of(actor: Actor) -> Scope:
    """As far as the actor reads leads, but for those that are only near."""
    scope = actor.reads("lead")
    return Scope.OWN if scope is Scope.TEAM else scope


class ImportRow(Owned, Model):
    """One row of the file, as it was read, with what it becomes and the lead it became."""

    __tablename__ = "import_row"
    __table_args__ = (Index("import_row_place", "import_id", "number", unique=True),)
    noun = "import_row"
    scope_noun = "lead"

    id: Mapped[BigId]
    import_id: Mapped[int] = mapped_column(ForeignKey("lead_import.id", ondelete="CASCADE"))
    number: Mapped[int]
    cells: Mapped[JsonList] = mapped_column(default=list)
    verdict: Mapped[str] = mapped_column(String(10), default=Verdict.CREATE)
    words: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    done: Mapped[bool] = mapped_column(default=False)

    @classmethod
    def reading_scope(cls, actor: Actor) -> Scope:
        """As the import."""
        return own_of(actor)

    @classmethod
    def narrowed(cls, actor: Actor, scope: Scope) -> ColumnElement[bool]:
        """Reached through the import."""
        return cls.import_id.in_(select(LeadImport.id).where(LeadImport.narrowed(actor, scope)))

    def owners(self) -> set[int | None]:
        """Whose import it is."""
        session: Any = object_session(self)
        found = session.get(LeadImport, self.import_id) if session is not None and self.import_id else None
        return found.owners() if found else {-1}
