"""Which rows belong to a client: every foreign key to the table of clients, so that no table is ever forgotten."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Index, UniqueConstraint, inspect, select

from models.clients import Client
from models.ground.access import WITH_DELETED
from models.ground.base import CrmSession, Model

# They tell of clients that were merged or compared; where they point is what they tell.
STAYS = {"client", "merge", "like_pair", "not_duplicate"}
CONTACTS = "contact_point.client_id"


@dataclass(frozen=True)
class Follower:
    """A column that names a client: its class, the attribute, and what else must be unique together with it."""

    model: Any
    key: str
    unique: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        """As a snapshot names it."""
        return f"{self.model.__tablename__}.{self.key}"

    def rows(self, session: CrmSession, client_id: int) -> list[Any]:
        """The rows of a client, those in the trash among them, locked in one order."""
        column = getattr(self.model, self.key)
        found = select(self.model).where(column == client_id).order_by(self.model.id)
        found = found.with_for_update(of=self.model, key_share=True).execution_options(**{WITH_DELETED: True})
        return list(session.execute(found).scalars().unique())

    def hold(self, session: CrmSession, condition: Any) -> None:
        """Lock the rows of a condition before their client: whoever moves a deal has it, and then names its client.

        Contacts are locked after him, as whoever changes a client does.
        """
        if self.name != CONTACTS:
            held = select(self.model.id).where(condition).order_by(self.model.id)
            held = held.with_for_update(of=self.model, key_share=True).execution_options(**{WITH_DELETED: True})
            session.execute(held).all()

    def free(self, session: CrmSession, rows: list[Any], client_id: int) -> list[Any]:
        """Those of the rows that may go to another client, who does not have the same already."""
        for others in self.unique:
            columns = [getattr(self.model, name) for name in others]
            there = select(*columns).where(getattr(self.model, self.key) == client_id)
            taken = {tuple(row) for row in session.execute(there.execution_options(**{WITH_DELETED: True}))}
            rows = [row for row in rows if self._value(row, others) not in taken]
        return rows

    @staticmethod
    def _value(row: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in names)


@lru_cache(maxsize=1)
def followers() -> dict[str, Follower]:
    """All of them, by name; contacts first, and tasks after the visits that they belong to."""
    found = {one.name: one for one in _followers()}
    return dict(sorted(found.items(), key=lambda pair: (pair[0] != CONTACTS, pair[0].startswith("task."), pair[0])))


def hold_all(session: CrmSession, client_id: int) -> None:
    """Lock everything that follows a client, before him."""
    for one in followers().values():
        one.hold(session, getattr(one.model, one.key) == client_id)


def hold_some(session: CrmSession, ids: dict[str, Sequence[int]]) -> None:
    """Lock rows by their keys, by the names of their followers, before their client."""
    for name, one in followers().items():
        if ids.get(name):
            one.hold(session, one.model.id.in_(ids[name]))


def _followers() -> Iterator[Follower]:
    target = Client.__table__
    for mapper in Model.registry.mappers:
        table: Any = mapper.local_table
        if table.name in STAYS:
            continue
        for column in table.columns:
            if any(key.column.table is target for key in column.foreign_keys):
                attribute = mapper.get_property_by_column(column).key
                yield Follower(mapper.class_, attribute, tuple(_unique_with(mapper.class_, column)))


def _unique_with(cls: Any, column: Any) -> Iterator[tuple[str, ...]]:
    mapper: Any = inspect(cls)
    constraints: list[Any] = [one for one in column.table.constraints if isinstance(one, UniqueConstraint)]
    indexes: list[Any] = [one for one in column.table.indexes if isinstance(one, Index) and one.unique]
    for one in (*constraints, *indexes):
        columns = list(one.columns)
        if column in columns and len(columns) > 1:
            yield tuple(mapper.get_property_by_column(other).key for other in columns if other is not column)
