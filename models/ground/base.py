"""The session, the base classes and the column types that every table uses."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from flask_appbuilder import Model
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Numeric, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class CrmSession(Session):
    """The one session class: actor, access, history and the release of jobs all listen on it."""


# Flask-SQLAlchemy's registry with FAB's metadata: the only wiring in which Alembic sees both (fab.md, 1).
db = SQLAlchemy(metadata=Model.metadata, session_options={"class_": CrmSession})

BigId = Annotated[int, mapped_column(BigInteger, primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 2))]
Quantity = Annotated[Decimal, mapped_column(Numeric(14, 3))]
Percent = Annotated[Decimal, mapped_column(Numeric(6, 2))]
Moment = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
Line = Annotated[str, mapped_column(String(250))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]


_told: ContextVar[dt.datetime | None] = ContextVar("told_moment", default=None)


def utcnow() -> dt.datetime:
    """Now, aware, in UTC: the only clock of the house."""
    return _told.get() or dt.datetime.now(dt.UTC)


@contextmanager
def clock_at(moment: dt.datetime) -> Iterator[None]:
    """Inside, it is that moment: the demo company's past is made by the verbs that make anybody's present."""
    token = _told.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _told.reset(token)


class Stamped:
    """Who made and who last changed the row, and when; filled by the ground from the session's actor."""

    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    changed_at: Mapped[Moment] = mapped_column(server_default=func.now())

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))

    @declared_attr
    def changed_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))


class Versioned:
    """A row that two people may edit: a stale save is refused, never silently applied."""

    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__dict__.get("version") or cls.version}


class Erasable:
    """Deleting moves the row to the trash, from which it can be restored for 30 days."""

    deleted_at: Mapped[Moment | None]

    @declared_attr
    def deleted_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))


class Tracked:
    """Changes of the fields named in `tracked` become Change rows in the same transaction."""

    tracked: ClassVar[tuple[str, ...]] = ()


__all__ = [
    "BigId",
    "CrmSession",
    "Erasable",
    "Json",
    "JsonList",
    "Line",
    "Model",
    "Moment",
    "Money",
    "Percent",
    "Quantity",
    "Stamped",
    "Tracked",
    "Versioned",
    "clock_at",
    "db",
    "utcnow",
]
