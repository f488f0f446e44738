"""Gathers the Facts of a deal once: what gates, rules and cards then ask without the database."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from app.lowcode.facts import Facts
from app.wording import language
from models.deals import Deal
from models.documents import Document, DocumentState
from models.estimates import Estimate, EstimateState
from models.ground.actor import Actor, current_actor
from models.ground.base import db
from models.ground.through_deal import ThroughDeal
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import GateKind
from models.payments import Payment
from models.shipments import Shipment
from models.staff import RoleReach
from models.visits import Visit, VisitState


def gather(deal: Deal) -> Facts:
    """The facts of a deal as the actor at hand reaches them: what one may not read counts as not there."""
    db.session.flush()
    actor = current_actor()
    found = db.session.execute(_asked(deal.id, actor)).one()
    roles = _role_names() if _asks_for_roles(deal) else {}
    return Facts(
        fields={code: getattr(deal, field.column) for code, field in FIELDS.items()},
        stage=deal.stage.code,
        agreed=found.agreed,
        agreed_revision=found.revision,
        issued=frozenset(found.issued or ()),
        paid=Decimal(found.paid or 0),
        is_shipped=bool(found.shipments),
        shipped=Decimal(found.shipped or 0),
        is_visited=bool(found.visits),
        # The system and the administrator pass gates of roles: they could give themselves any.
        roles=actor.roles | frozenset(roles) if actor.everything else actor.roles,
        role_names=roles,
        sees_money=actor.sees("deal.amount"),
    )


def _asked(deal_id: int, actor: Actor) -> Select[Any]:
    """Everything in one statement; the agreed estimate that counts is the latest of the agreed versions."""
    nouns = (Estimate, Document, Payment, Shipment, Visit)
    quotes, papers, money, sent, calls = (_rows(model, actor) for model in nouns)
    agreed = (quotes.deal_id == deal_id, quotes.state == EstimateState.AGREED)
    issued = (papers.deal_id == deal_id, papers.state != DocumentState.CANCELLED)
    paid = (money.deal_id == deal_id, money.deleted_at.is_(None))
    shipped = (sent.deal_id == deal_id, sent.deleted_at.is_(None))
    visited = (calls.deal_id == deal_id, calls.state == VisitState.DONE, calls.deleted_at.is_(None))
    parts = {
        "agreed": select(quotes.total).where(*agreed).order_by(quotes.revision.desc()).limit(1),
        "revision": select(quotes.revision).where(*agreed).order_by(quotes.revision.desc()).limit(1),
        "issued": select(func.array_agg(papers.kind.distinct())).where(*issued),
        "paid": select(func.sum(money.amount)).where(*paid),
        "shipments": select(func.count(sent.id)).where(*shipped),
        "shipped": select(func.sum(sent.amount)).where(*shipped),
        "visits": select(func.count(calls.id)).where(*visited),
    }
    return select(*(part.scalar_subquery().label(name) for name, part in parts.items()))


def _rows(model: type[ThroughDeal], actor: Actor) -> Any:
    """The columns to ask: the table's own where the deal at hand brings all its rows with it.

    Seven times the condition of access in one statement is planned for longer than all the rest of it takes.
    """
    table: Any = model.__table__  # type: ignore[attr-defined]
    return table.alias().c if model.comes_with_deal(actor) else model


def _asks_for_roles(deal: Deal) -> bool:
    return any(gate.kind == GateKind.ROLE for stage in deal.funnel.stages for gate in stage.gates)


def _role_names() -> dict[str, str]:
    rows = db.session.execute(select(RoleReach.code, RoleReach.names))
    said = language()
    return {code: str(names.get(said) or next(iter(names.values()), code)) for code, names in rows}
