"""Gathers the Facts of a deal once: what gates, rules and cards then ask without the database."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.lowcode.facts import Facts
from app.wording import language
from models.deals import Deal
from models.documents import Document, DocumentState
from models.estimates import Estimate, EstimateState
from models.ground.actor import Actor, current_actor
from models.ground.base import db
from models.lowcode.fields import FIELDS
from models.payments import Payment
from models.shipments import Shipment
from models.staff import RoleReach


def gather(deal: Deal) -> Facts:
    """The facts of a deal as the actor at hand reaches them: what one may not read counts as not there."""
    db.session.flush()
    actor = current_actor()
    agreed = _agreed(deal.id)
    issued, paid, shipments, shipped = _sums(deal.id)
    roles = _role_names()
    return Facts(
        fields={code: getattr(deal, field.column) for code, field in FIELDS.items()},
        stage=deal.stage.code,
        agreed=agreed.total if agreed else None,
        agreed_revision=agreed.revision if agreed else None,
        issued=frozenset(issued or ()),
        paid=Decimal(paid or 0),
        is_shipped=bool(shipments),
        shipped=Decimal(shipped or 0),
        roles=_roles_of(actor, roles),
        role_names=roles,
        sees_money=actor.sees("deal.amount"),
    )


def _agreed(deal_id: int) -> Any:
    """The agreed estimate that counts is the latest of the agreed versions."""
    columns = select(Estimate.total, Estimate.revision)
    mine = columns.where(Estimate.deal_id == deal_id, Estimate.state == EstimateState.AGREED)
    return db.session.execute(mine.order_by(Estimate.revision.desc()).limit(1)).first()


def _sums(deal_id: int) -> Any:
    live = Document.state != DocumentState.CANCELLED
    issued = select(func.array_agg(Document.kind.distinct())).where(Document.deal_id == deal_id, live)
    paid = select(func.sum(Payment.amount)).where(Payment.deal_id == deal_id)
    shipments = select(func.count(Shipment.id)).where(Shipment.deal_id == deal_id)
    shipped = select(func.sum(Shipment.amount)).where(Shipment.deal_id == deal_id)
    asked = select(*(part.scalar_subquery() for part in (issued, paid, shipments, shipped)))
    return db.session.execute(asked).one()


def _role_names() -> dict[str, str]:
    rows = db.session.execute(select(RoleReach.code, RoleReach.names))
    said = language()
    return {code: str(names.get(said) or next(iter(names.values()), code)) for code, names in rows}


def _roles_of(actor: Actor, known: dict[str, str]) -> frozenset[str]:
    """The system and the administrator pass gates of roles: they could give themselves any."""
    return frozenset(known) | actor.roles if actor.everything else actor.roles
