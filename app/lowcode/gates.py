"""Gates: what stands between a deal and a stage, in the same words for board, form, REST and bulk action."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from flask_babel import gettext as _

from app.lowcode.facts import Facts
from app.wording import money, percent
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import GateKind, StageKind

KOPECK = Decimal("0.01")


class AnyGate(Protocol):
    """What an obstacle is told from: the row of a funnel, or a gate that the house itself puts up."""

    @property
    def kind(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


class AnyStage(Protocol):
    """A stage as the way to it is found."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def gates(self) -> Sequence[Any]: ...


@dataclass(frozen=True)
class HouseGate:
    """A gate that no funnel can take away."""

    kind: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Obstacle:
    """Why a deal may not enter: the sentence, and the field to fill in if that is what is missing."""

    kind: str
    words: str
    field: str | None = None

    def plain(self) -> dict[str, Any]:
        """As REST and scripts read it."""
        return {"kind": self.kind, "words": self.words, "field": self.field}


LOST_REASON = HouseGate(GateKind.FIELD, {"field": "lost_reason"})


def gates_on_the_way(stages: Iterable[AnyStage], come_from: AnyStage, to: AnyStage) -> list[AnyGate]:
    """The gates of every stage that a move goes into or past; back and to Lost only the target's own."""
    if to.kind == StageKind.LOST:
        return [LOST_REASON, *to.gates]
    if to.position <= come_from.position:
        return list(to.gates)
    passed = [
        stage for stage in stages if stage.kind != StageKind.LOST and come_from.position < stage.position <= to.position
    ]
    return [gate for stage in sorted(passed, key=lambda stage: stage.position) for gate in stage.gates]


def obstacles(facts: Facts, gates: Iterable[AnyGate]) -> list[Obstacle]:
    """What is still missing, in the order of the gates, each thing once."""
    found = (CHECKS[gate.kind](facts, gate.params) for gate in gates)
    return list(dict.fromkeys(obstacle for obstacle in found if obstacle))


def needed(agreed: Decimal, share: Decimal) -> Decimal:
    """The part of an agreed total that has to be paid, in roubles, half up."""
    return (agreed * share / 100).quantize(KOPECK, ROUND_HALF_UP)


def _field(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    code = str(params["field"])
    if facts.has(code):
        return None
    known = FIELDS.get(code)
    words = _("Fill in “%(field)s”.", field=known.label if known else code)
    return Obstacle(GateKind.FIELD, words, code)


def _agreed(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    if facts.agreed is not None:
        return None
    words = _("The estimate is not agreed. Agree its last version with the client and mark it as agreed.")
    return Obstacle(GateKind.ESTIMATE_AGREED, words)


def _issued(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    kind = str(params["document"])
    if kind in facts.issued:
        return None
    known = {
        "invoice": _("No invoice is issued. Issue it on the card of the deal."),
        "quote": _("No quote is issued. Make it from the estimate."),
    }
    words = known.get(kind) or _("The document “%(kind)s” is missing.", kind=kind)
    return Obstacle(GateKind.DOCUMENT_ISSUED, words)


def _paid(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    share = Decimal(str(params["percent"]))
    if facts.agreed is None:
        words = _("Without an agreed estimate it is not known how much has to be paid. Agree the estimate.")
        return Obstacle(GateKind.PAID, words)
    due = needed(facts.agreed, share)
    if facts.paid >= due:
        return None
    if not facts.sees_money:
        words = _("Less than %(share)s is paid. Record the payment.", share=percent(share))
        return Obstacle(GateKind.PAID, words)
    words = _(
        "Paid %(paid)s of %(due)s (%(share)s of the estimate). Record the payment.",
        paid=money(facts.paid), due=money(due), share=percent(share),
    )  # fmt: skip
    return Obstacle(GateKind.PAID, words)


def _shipped(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    if facts.is_shipped:
        return None
    return Obstacle(GateKind.SHIPPED, _("No shipment is recorded. Record what was handed over."))


def _visited(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    if facts.is_visited:
        return None
    return Obstacle(GateKind.VISITED, _("Nobody has been at the client's yet. Plan a visit and write down its result."))


def _role(facts: Facts, params: Mapping[str, Any]) -> Obstacle | None:
    wanted = [str(code) for code in params["roles"]]
    if facts.roles & set(wanted):
        return None
    names = ", ".join(facts.role_names.get(code, code) for code in wanted)
    return Obstacle(GateKind.ROLE, _("Only these roles may move the deal here: %(roles)s.", roles=names))


CHECKS: dict[str, Callable[[Facts, Mapping[str, Any]], Obstacle | None]] = {
    GateKind.FIELD: _field,
    GateKind.ESTIMATE_AGREED: _agreed,
    GateKind.DOCUMENT_ISSUED: _issued,
    GateKind.PAID: _paid,
    GateKind.SHIPPED: _shipped,
    GateKind.ROLE: _role,
    GateKind.VISITED: _visited,
}
