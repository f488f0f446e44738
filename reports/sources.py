"""Where clients come from: leads by source and by who got them, and how soon they were answered."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.ground.base import db
from models.leads import Lead
from reports.questions import Lens, both, received


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


def leads(lens: Lens) -> tuple[Leads, int]:
    """The leads of the month, and how many came in what it is compared with; one pass."""
    is_now = Lead.received_at >= lens.span.begin
    waited = Lead.answered_at - Lead.received_at
    sums = (
        func.count(Lead.id).filter(is_now),
        func.count(Lead.answered_at).filter(is_now),
        func.sum(waited).filter(is_now),
        func.count(Lead.id).filter(Lead.received_at < lens.before.end),
    )
    each = select(Lead.source, Lead.owner_id, *sums).where(*received(lens, both(lens)))
    told, before = Leads(), 0
    for source, owner, count, *answers, earlier in db.session.execute(each.group_by(Lead.source, Lead.owner_id)):
        before += earlier
        if count:
            for got in (told.total, told.by_source[source], told.by_person[owner]):
                got.add(count, *answers)
    return told, before
