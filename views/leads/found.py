"""What several pages of leads ask for: the lead of an address, people to give it to, words."""

from __future__ import annotations

from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.leads import Lead
from models.lowcode import choices
from models.staff import Person
from reports import leads as report

BIGGEST = 2**63 - 1
MOST_PEOPLE = 200


def lead_or_404(pk: int) -> Lead:
    """The lead with this key, if the actor reaches it."""
    if pk > BIGGEST:
        abort(404)
    loads = (selectinload(Lead.owner), selectinload(Lead.client), selectinload(Lead.deal))
    lead = db.session.execute(select(Lead).where(Lead.id == pk).options(*loads)).scalar_one_or_none()
    if lead is None:
        abort(404)
    return lead


def colleagues() -> list[Person]:
    """To whom the actor may give a lead: those whose leads he reaches."""
    actor = current_actor()
    wanted = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    if actor.writes("lead") is not Scope.ALL:
        wanted = wanted.where(Person.id.in_(actor.team_ids))
    return list(db.session.execute(wanted.limit(MOST_PEOPLE)).scalars())


def common() -> dict[str, Any]:
    """What every template of leads may ask for."""
    actor = current_actor()
    return {
        "sees": actor.sees,
        "me": actor.person_id,
        "klass_of": report.klass_of,
        "source_words": report.source,
        "reason_words": report.reason,
        "state_words": report.STATES,
        "channels": {choice.code for choice in choices.choices("source")},
    }
