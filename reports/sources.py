"""Where clients come from: leads by source and by who got them, and how soon they were answered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.ground.base import db
from models.leads import Lead
from reports.questions import Lens, Span, received


@dataclass
class Got:
    """Leads, and the time until the answered ones were answered."""

    leads: int = 0
    answered: int = 0
    waited: dt.timedelta = field(default_factory=dt.timedelta)

    def add(self, leads: int, answered: int, waited: dt.timedelta | None) -> None:
        self.leads += leads
        self.answered += answered
        self.waited += waited or dt.timedelta()

    @property
    def answer(self) -> dt.timedelta | None:
        """The average time to an answer."""
        return self.waited / self.answered if self.answered else None


@dataclass
class Leads:
    """The leads of a span, whole and in parts."""

    total: Got = field(default_factory=Got)
    by_source: dict[str, Got] = field(default_factory=lambda: defaultdict(Got))
    by_person: dict[int | None, Got] = field(default_factory=lambda: defaultdict(Got))


def leads(lens: Lens, span: Span) -> Leads:
    """One pass over the leads of a span."""
    sums = (func.count(Lead.id), func.count(Lead.answered_at), func.sum(Lead.answered_at - Lead.received_at))
    each = select(Lead.source, Lead.owner_id, *sums).where(*received(lens, span))
    told = Leads()
    for source, owner, *figures in db.session.execute(each.group_by(Lead.source, Lead.owner_id)):
        for got in (told.total, told.by_source[source], told.by_person[owner]):
            got.add(*figures)
    return told


def lead_count(lens: Lens, span: Span) -> int:
    """How many leads came."""
    return db.session.execute(select(func.count(Lead.id)).where(*received(lens, span))).scalar_one()
