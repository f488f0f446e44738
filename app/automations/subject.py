"""What an event is about: its row, the lead and the deal around it, and plain facts for conditions."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from models.deals import Deal
from models.ground.base import Model, db
from models.ground.history import Event
from models.leads import Lead
from models.lowcode.rules import Rule
from models.staff import Person

CLASSES: dict[str, type] = {}
PLAIN = (str, int, bool, float, Decimal)


@dataclass(frozen=True)
class Subject:
    """An event with the rows it is about; a row that was thrown away is None."""

    event: Event
    row: Any
    lead: Lead | None
    deal: Deal | None

    @property
    def owner(self) -> Person | None:
        """Whoever answers for it: of the lead, or of the deal, or of the row itself."""
        for row in (self.row, self.lead, self.deal):
            owner_id = getattr(row, "owner_id", None) or getattr(row, "assignee_id", None)
            if owner_id:
                return db.session.get(Person, owner_id)
        return None

    @property
    def place(self) -> Deal | Lead | None:
        """Where its tasks belong."""
        return self.deal or self.lead

    @property
    def name(self) -> str:
        """How it is called in a sentence."""
        named = self.place or self.row
        return repr(named) if named is not None else ""

    def key(self, rule: Rule, step: int) -> str:
        """What makes an action of a rule once per event."""
        return f"event:{self.event.id}:rule:{rule.id}:{step}"


def subject_of(event: Event) -> Subject:
    """Load what the event is about."""
    row = _row(event.table, event.row_id)
    deal = row if isinstance(row, Deal) else _row("deal", event.deal_id)
    lead = row if isinstance(row, Lead) else _row("lead", event.lead_id)
    return Subject(event, row, lead, deal)


def facts_of(subject: Subject) -> dict[str, Any]:
    """Plain values by name: those of the deal, of the row itself, of the event; the later ones win."""
    facts: dict[str, Any] = {}
    for row in (subject.deal, subject.row):
        if row is not None:
            facts |= _columns(row)
    if subject.deal is not None:
        facts |= {"stage": subject.deal.stage.code, "funnel": subject.deal.funnel.code}
    facts["owner"] = subject.owner.id if subject.owner else None
    facts["actor"] = subject.event.actor_id
    return facts | subject.event.data


def _columns(row: Any) -> dict[str, Any]:
    names = [attribute.key for attribute in inspect(type(row)).column_attrs]
    values = {name: getattr(row, name) for name in names}
    return {name: value for name, value in values.items() if value is None or isinstance(value, PLAIN)}


def _row(table: str, row_id: int | None) -> Any:
    if not CLASSES:
        CLASSES.update({mapper.local_table.name: mapper.class_ for mapper in Model.registry.mappers})
    return db.session.get(CLASSES[table], row_id) if row_id and table in CLASSES else None
