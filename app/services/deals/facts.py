"""Gathers the Facts of a deal once: what gates, rules and cards then ask without the database."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from app.lowcode.facts import Facts
from app.wording import language
from models.deals import Deal
from models.documents import Document, DocumentState
from models.estimates import Estimate, EstimateState
from models.ground.actor import current_actor
from models.ground.base import db
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
    found = db.session.execute(_asked(deal.id)).one()
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


def _asked(deal_id: int) -> Select[Any]:
    """Everything in one statement; the agreed estimate that counts is the latest of the agreed versions."""
    agreed = select(Estimate.id).where(Estimate.deal_id == deal_id, Estimate.state == EstimateState.AGREED)
    latest = agreed.order_by(Estimate.revision.desc()).limit(1).scalar_subquery()
    issued = Document.deal_id == deal_id, Document.state != DocumentState.CANCELLED
    parts = {
        "agreed": select(Estimate.total).where(Estimate.id == latest),
        "revision": select(Estimate.revision).where(Estimate.id == latest),
        "issued": select(func.array_agg(Document.kind.distinct())).where(*issued),
        "paid": select(func.sum(Payment.amount)).where(Payment.deal_id == deal_id),
        "shipments": select(func.count(Shipment.id)).where(Shipment.deal_id == deal_id),
        "shipped": select(func.sum(Shipment.amount)).where(Shipment.deal_id == deal_id),
        "visits": select(func.count(Visit.id)).where(Visit.deal_id == deal_id, Visit.state == VisitState.DONE),
    }
    return select(*(part.scalar_subquery().label(name) for name, part in parts.items()))


def _asks_for_roles(deal: Deal) -> bool:
    return any(gate.kind == GateKind.ROLE for stage in deal.funnel.stages for gate in stage.gates)


def _role_names() -> dict[str, str]:
    rows = db.session.execute(select(RoleReach.code, RoleReach.names))
    said = language()
    return {code: str(names.get(said) or next(iter(names.values()), code)) for code, names in rows}
