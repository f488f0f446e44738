"""What a gate shows: the fields it asks for with offers, what is there already, what comes after the move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.wording import language, money
from models.deals import Deal
from models.lowcode import choices
from models.lowcode.fields import FIELDS, Field
from models.lowcode.funnels import GateKind, Stage, StageKind
from reports.deals.ahead import Ahead
from reports.deals.said import Names, value_words


@dataclass
class Question:
    """A field to fill in: its value as typed so far, why the last one was refused, and what is offered."""

    field: Field
    value: str = ""
    text: str = ""
    error: str = ""
    offers: list[Any] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Gate:
    """The dialog before a stage. `more` may be left empty: what else is asked about a lost deal."""

    deal: Deal
    stage: Stage
    title: str
    questions: list[Question]
    others: list[Any]
    proofs: list[tuple[str, str]]
    ahead: Ahead
    more: list[Question] = field(default_factory=list)


def title_of(stage: Stage, questions: int, others: int) -> str:
    """Why the dialog has come, and how much it asks."""
    name = stage.label(language())
    if stage.kind == StageKind.LOST:
        return _("Why is the deal lost?")
    if questions and not others:
        return _n(
            "To move to “%(stage)s”, fill in %(num)s field",
            "To move to “%(stage)s”, fill in %(num)s fields",
            questions,
            stage=name,
        )
    return _n(
        "%(num)s thing is missing for “%(stage)s”",
        "%(num)s things are missing for “%(stage)s”",
        questions + others,
        stage=name,
    )


def shown(column_field: Field, deal: Deal) -> str:
    """The value of a deal's field in words, empty when there is none."""
    if column_field.kind == "client":
        if column_field.code == "client":
            return deal.client_name or ""
        if column_field.code == "partner":
            return (deal.partner_name or "") if deal.partner_id else ""
        return deal.payer.name if deal.payer else ""
    value = getattr(deal, column_field.column)
    if column_field.kind == "money" and not value:
        return ""
    kind = column_field.choices or column_field.kind
    if column_field.kind == "date" and value is not None:
        value = value.isoformat()
    return value_words(kind, value, Names(()))


Gap = tuple[str, str | None]


def proofs_of(deal: Deal, gates: list[Any], missing: set[Gap], facts: Any) -> list[tuple[str, str]]:
    """What the gates on the way ask for and already have."""
    found: dict[str, str] = {}
    for gate in gates:
        code = gate.params.get("field")
        if (gate.kind, code) in missing:
            continue
        if gate.kind == GateKind.FIELD and code in FIELDS:
            found[str(FIELDS[code].label)] = shown(FIELDS[code], deal)
        elif gate.kind == GateKind.ESTIMATE_AGREED:
            found[_("Agreed estimate")] = _agreed(facts)
        elif gate.kind == GateKind.PAID:
            found[_("Paid")] = money(facts.paid) if facts.sees_money else ""
        elif gate.kind == GateKind.DOCUMENT_ISSUED:
            found[_("Invoice")] = _("issued")
        elif gate.kind == GateKind.SHIPPED:
            found[_("Shipment")] = _("recorded")
    return list(found.items())


def _agreed(facts: Any) -> str:
    version = _("version %(number)s", number=facts.agreed_revision)
    return f"{version} · {money(facts.agreed)}" if facts.sees_money else version


def question(column_field: Field, deal: Deal, typed: Mapping[str, str], error: str = "") -> Question:
    """A field as the dialog draws it."""
    asked = Question(column_field, typed.get(column_field.code, ""), error=error)
    if column_field.choices:
        said, known = language(), choices.choices(column_field.choices)
        asked.choices = [(choice.code, choice.label(said)) for choice in known]
    return asked
