"""Rows of one person seen by whoever tells them something: plain values only leave from here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import select

from models.ground.actor import SYSTEM, acting_as, current_actor
from models.ground.base import CrmSession, db, utcnow
from models.notices import Delivery, Notice, NoticeAddress
from models.settings import Setting
from models.staff import Person


@contextmanager
def everybodys() -> Iterator[CrmSession]:
    """A session that sees the devices and addresses of all: the one at hand, or one of its own."""
    if current_actor().everything:
        yield cast(CrmSession, db.session())
        return
    with acting_as(SYSTEM) as session:
        yield session


def addresses_of(person_id: int | None, way: str) -> list[tuple[int, str]]:
    """Number and label of each confirmed address of a person, or of the company."""
    mine = select(NoticeAddress.id, NoticeAddress.label).where(NoticeAddress.person_id == person_id)
    found = mine.where(NoticeAddress.way == way, NoticeAddress.confirmed_at.is_not(None)).order_by(NoticeAddress.id)
    with everybodys() as session:
        return [(row.id, row.label) for row in session.execute(found)]


def address_of(delivery: Delivery) -> NoticeAddress | None:
    """The address that a delivery goes to, if it is there still. For the system's own session."""
    return db.session.get(NoticeAddress, delivery.target_id) if delivery.target_id else None


def address_works(delivery: Delivery) -> None:
    """Something has arrived there. For the system's own session."""
    row = address_of(delivery)
    if row is not None:
        row.last_at, row.trouble = utcnow(), ""


def is_demo(person_id: int | None) -> bool:
    """Whether a person, or the company, is of the demo data. For the system's own session."""
    if person_id is None:
        row = db.session.get(Setting, "demo")
        return bool(row and row.value)
    person = db.session.get(Person, person_id)
    return person is not None and person.demo


def receiver_of(delivery: Delivery) -> Person | None:
    """Whose notice it is. For the system's own session."""
    notice = db.session.get(Notice, delivery.notice_id) if delivery.notice_id else None
    return db.session.get(Person, notice.person_id) if notice else None
