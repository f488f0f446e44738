"""Numbers without gaps or twins: one locked counter row per kind, firm and year."""

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.ground.access import Internal
from models.ground.base import Model


class Counter(Internal, Model):
    """The last number given for a kind (deal, invoice, …), a firm and a year (0 where it does not matter)."""

    __tablename__ = "counter"

    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    firm_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    year: Mapped[int] = mapped_column(primary_key=True, default=0)
    last: Mapped[int]


def next_number(session: Session, kind: str, firm_id: int = 0, year: int = 0, first: int = 1) -> int:
    """The next number; the counter's row stays locked until the commit, so a rollback leaves no gap."""
    fresh = insert(Counter.__table__).values(kind=kind, firm_id=firm_id, year=year, last=first)
    statement = fresh.on_conflict_do_update(
        index_elements=["kind", "firm_id", "year"], set_={"last": Counter.__table__.c.last + 1}
    ).returning(Counter.__table__.c.last)
    return int(session.connection().execute(statement).scalar_one())
