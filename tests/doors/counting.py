"""What there is in the tables that a door may write to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from models.calls import PhoneCall
from models.clients import Client, Consent
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead
from models.messages import Message, RawBody
from models.notices import Notice
from models.tasks import Task

TABLES = (Lead, Deal, Client, Message, Task, Notice, RawBody, PhoneCall, Consent)


def all_of(app: Any, cls: Any) -> list[Any]:
    with app.app_context(), acting_as(SYSTEM) as session:
        found = list(session.execute(select(cls).order_by(cls.id)).scalars())
        session.expunge_all()
        return found


def counted(app: Any) -> dict[str, int]:
    with app.app_context(), acting_as(SYSTEM) as session:
        return {cls.__name__: session.execute(select(func.count()).select_from(cls)).scalar() for cls in TABLES}
