"""What the tests of leads share: a lead of somebody, and rows as the system sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import leads
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.staff import Person


@pytest.fixture
def lead_of(app: Any) -> Any:
    """Make a lead of somebody: its key."""

    def make(username: str | None = "anna", late: bool = False, **said: Any) -> int:
        words = {"name": "Иван Ёлкин", "phone": "8 926 123-00-10", "words": "Два окна на кухню"} | said
        with app.app_context(), acting_as(SYSTEM) as session:
            lead = leads.receive(Inbound(**words))
            found = session.execute(select(Person).where(Person.username == username)).scalar_one_or_none()
            lead.owner_id = found.id if found else None
            if late:
                lead.respond_by = utcnow() - dt.timedelta(minutes=6)
            session.commit()
            return lead.id

    return make


@pytest.fixture
def row(app: Any) -> Any:
    """A row as the system sees it, by its key."""

    def look(cls: Any, key: Any) -> Any:
        with app.app_context(), acting_as(SYSTEM) as session:
            found = session.get(cls, key)
            if found is not None:
                session.expunge(found)
            return found

    return look


@pytest.fixture
def rows(app: Any) -> Any:
    """What a statement finds for the system."""

    def find(statement: Any) -> list[Any]:
        with app.app_context(), acting_as(SYSTEM) as session:
            return list(session.execute(statement).scalars())

    return find
