"""A lead out of somebody's file: no timer, no notices; it waits for its owner."""

import datetime as dt
from typing import Any

from app.channels.inbound import Inbound
from app.services import worktime
from app.services.leads import arrivals, sharing
from models.ground.base import db, utcnow
from models.ground.history import record
from models.imports import LeadImport
from models.leads import Lead, LeadState
from models.staff import Person

NOON = dt.time(12)


def bring(inbound: Inbound, owner: Person | str | None, job: LeadImport, day: dt.date | None = None) -> Lead:
    """The lead of one row; `owner` "turn" gives it to whoever is next. `day` is when the client had first asked.

    Somebody put it into the file on purpose: what the rules would set aside or attach waits, marked with its class.
    """
    verdict, lead = arrivals.sorted_out(inbound, "import")
    lead.state, lead.duplicate_of_id = LeadState.WAITING, None
    lead.received_at = dt.datetime.combine(day, NOON, worktime.hours_of().zone) if day else utcnow()
    lead.import_id = job.id
    person: Any = sharing.owner_of(verdict) if owner == "turn" else owner
    lead.owner_id = person.id if person else None
    db.session.add(lead)
    db.session.flush()
    arrivals.say(lead, lead_id=lead.id)
    record("lead.imported", lead, import_id=job.id, file=job.name)
    db.session.flush()
    return lead
