"""What was sent to whom by which way, for the administrator: state, answer, next attempt."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from models.ground.base import db
from models.messages import Message
from models.notices import Delivery, DeliveryState, Notice
from models.staff import Person

ON_A_PAGE, ENOUGH = 50, 1000
STUCK, WAITING, ALL = "stuck", "waiting", "all"
TABS = {STUCK: _l("Did not arrive"), WAITING: _l("On the way"), ALL: _l("All")}
STATES = {
    DeliveryState.PENDING: (_l("Waits"), "blue"),
    DeliveryState.SENDING: (_l("Is being sent"), "blue"),
    DeliveryState.SENT: (_l("Sent"), "ok"),
    DeliveryState.FAILED: (_l("Not delivered"), "bad"),
    DeliveryState.IN_DOUBT: (_l("In doubt"), "warn"),
    DeliveryState.HELD: (_l("Held"), "warn"),
    DeliveryState.SPARED: (_l("Was not needed"), "slate"),
}


def within(tab: str) -> list[ColumnElement[bool]]:
    """The conditions of a tab; both short ones stand on an index of their own."""
    if tab == STUCK:
        return [Delivery.state.in_((DeliveryState.FAILED, DeliveryState.HELD, DeliveryState.IN_DOUBT))]
    return [Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))] if tab == WAITING else []


def deliveries(tab: str, way: str = "", skip: int = 0) -> Sequence[Delivery]:
    """The latest first; one more than a page tells that there are more."""
    rows = select(Delivery).where(*within(tab)).order_by(Delivery.id.desc())
    if way:
        rows = rows.where(Delivery.way == way)
    shown = rows.options(selectinload(Delivery.notice)).offset(skip).limit(ON_A_PAGE + 1)
    return db.session.execute(shown).scalars().all()


def counts() -> dict[str, int]:
    """How many did not arrive and are on the way, up to a thousand; in one statement."""
    columns = [
        select(func.count()).select_from(select(Delivery.id).where(*within(tab)).limit(ENOUGH).subquery())
        for tab in (STUCK, WAITING)
    ]
    row = db.session.execute(select(*(column.scalar_subquery() for column in columns))).one()
    return dict(zip((STUCK, WAITING), row, strict=True))


def people(rows: Sequence[Delivery]) -> dict[int, Person]:
    """Whose notices these are, by the notice's number."""
    ids = [row.notice_id for row in rows if row.notice_id]
    found = select(Notice.id, Person).join(Person, Person.id == Notice.person_id).where(Notice.id.in_(ids))
    return {row[0]: row[1] for row in db.session.execute(found)} if ids else {}


def messages(rows: Sequence[Delivery]) -> dict[int, Message]:
    """The messages to clients among them, by number."""
    ids = [row.message_id for row in rows if row.message_id]
    found = select(Message).where(Message.id.in_(ids))
    return {row.id: row for row in db.session.execute(found).scalars()} if ids else {}
