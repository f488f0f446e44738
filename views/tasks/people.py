"""Whom a task may be given to, and what kinds of tasks are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.ground.base import db
from models.staff import Person
from models.tasks import TaskKind

KINDS = [
    (TaskKind.CALL.value, _l("Call")),
    (TaskKind.MESSAGE.value, _l("Message")),
    (TaskKind.MEASURE.value, _l("Measurement")),
    (TaskKind.ESTIMATE.value, _l("Estimate")),
    (TaskKind.DOCUMENT.value, _l("Document")),
    (TaskKind.PAYMENT.value, _l("Payment")),
    (TaskKind.PRODUCTION.value, _l("Production")),
    (TaskKind.DELIVERY.value, _l("Delivery")),
    (TaskKind.OTHER.value, _l("Other")),
]
MOST = 200


def kind_words() -> dict[str, str]:
    """The kinds in the reader's language."""
    return {code: str(words) for code, words in KINDS}


def assignees(place: Any) -> list[Person]:
    """Everybody who works here: a task is how one asks a colleague; the owner of the place comes first."""
    everybody = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    found = list(db.session.execute(everybody.limit(MOST)).scalars())
    owner = getattr(place, "owner_id", None)
    return sorted(found, key=lambda person: person.id != owner)
