"""What a move will set off, before it happens: tasks, rules, and what the stage after that will ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.wording import language, moment, percent
from models.deals import Deal
from models.ground.base import db
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import Gate, GateKind, Stage, StageKind
from models.staff import RoleReach


@dataclass(frozen=True)
class Ahead:
    """A stage that a deal may enter: what is missing, what will happen, what comes after."""

    stage: Stage
    missing: list[Any]
    tasks: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    after: Stage | None = None
    asked: list[str] = field(default_factory=list)


def ahead(deal: Deal, stage: Stage, missing: list[Any], facts: Any, set_off: Any) -> Ahead:
    """What entering a stage means for this deal; `set_off` has the tasks given and closed, and the rules woken."""
    after = _after(stage)
    return Ahead(
        stage=stage,
        missing=missing,
        tasks=_given(deal, set_off.given),
        closed=[task.title for task in set_off.closed],
        rules=[rule.label(language()) for rule in set_off.rules],
        after=after,
        asked=_asked(after, facts) if after else [],
    )


def _after(stage: Stage) -> Stage | None:
    """The stage after that one, on the way to the end."""
    if stage.kind != StageKind.OPEN:
        return None
    later = [one for one in stage.funnel.stages if one.position > stage.position and one.kind != StageKind.LOST]
    return later[0] if later else None


def _given(deal: Deal, coming: list[Any]) -> list[tuple[str, str]]:
    """The tasks that will be given: what, and for whom by when."""
    roles = _roles({one.step.role for one in coming if one.step.role})
    owner = deal.owner.first_name if deal.owner else _("nobody")
    found = []
    for one in coming:
        whose = roles.get(one.step.role, one.step.role) if one.step.role else owner
        found.append((one.step.label(language()), f"{whose if one.assignee_id else _('nobody')}, {moment(one.due_at)}"))
    return found


def _roles(codes: set[str]) -> dict[str | None, str]:
    if not codes:
        return {}
    rows = db.session.execute(select(RoleReach.code, RoleReach.names).where(RoleReach.code.in_(codes)))
    return {code: str(names.get(language()) or next(iter(names.values()), code)) for code, names in rows}


def _asked(stage: Stage, facts: Any) -> list[str]:
    """What the gates of a stage will ask for, without what is there already."""
    found = [_thing(gate, facts) for gate in stage.gates]
    return [words for words in found if words]


def _thing(gate: Gate, facts: Any) -> str:
    if gate.kind == GateKind.FIELD:
        code = str(gate.params["field"])
        label = FIELDS[code].label if code in FIELDS else code
        return "" if facts.has(code) else _("“%(field)s”", field=label)
    if gate.kind == GateKind.ESTIMATE_AGREED:
        return "" if facts.agreed is not None else _("an agreed estimate")
    if gate.kind == GateKind.DOCUMENT_ISSUED:
        kind = str(gate.params["document"])
        words = {"invoice": _("an invoice"), "quote": _("a quote")}.get(kind, kind)
        return "" if kind in facts.issued else words
    if gate.kind == GateKind.PAID:
        return _("payment of %(share)s", share=percent(gate.params["percent"]))
    if gate.kind == GateKind.SHIPPED:
        return "" if facts.is_shipped else _("a shipment")
    return ""
