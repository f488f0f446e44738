"""What several pages of leads ask for: the lead of an address, people to give it to, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.prepared import keep_plans
from models.leads import Lead
from models.lowcode import choices
from models.staff import Person
from reports import leads as report

BIGGEST = 2**63 - 1
# Who wrote is answered in writing; everybody else who left a phone is called.
WRITTEN = {"telegram": "brand-telegram", "whatsapp": "brand-whatsapp", "email": "mail", "avito": "message"}
MOST_PEOPLE = 200


def lead_or_404(pk: int) -> Lead:
    """The lead with this key, if the actor reaches it."""
    if pk > BIGGEST:
        abort(404)
    keep_plans()
    loads = (selectinload(Lead.owner), selectinload(Lead.client), selectinload(Lead.deal))
    lead = db.session.execute(select(Lead).where(Lead.id == pk).options(*loads)).scalar_one_or_none()
    if lead is None:
        abort(404)
    return lead


@dataclass(frozen=True)
class Ways:
    """How somebody can be answered: `main` is call, reply or nothing, `icon` that of writing."""

    main: str
    may_call: bool
    may_write: bool
    icon: str


def ways(lead: Lead) -> Ways:
    """The one action that fits the channel, and the other one."""
    is_seen = current_actor().sees("lead.phone")
    may_call = bool(is_seen and lead.phone)
    may_write = bool(is_seen and (lead.phone or lead.email or lead.handle))
    icon = WRITTEN.get(lead.source) or ("mail" if lead.email and not lead.phone else "message")
    if may_call and lead.source not in WRITTEN:
        return Ways("call", may_call, may_write, "brand-whatsapp")
    return Ways("reply" if may_write else "", may_call, may_write, icon)


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
        "ways": ways,
    }
