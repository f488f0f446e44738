"""A client's card: deals, requests, money, papers, tasks and chats, as far as the actor reaches each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, any_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from models.clients import Client
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.leads import Lead
from models.messages import Conversation
from models.participants import Participant
from models.payments import Payment
from models.shipments import Shipment
from models.tasks import Task

MANY, FEW = 50, 8
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Money:
    """All the client's deals in reach together, in roubles. What may not be read is None."""

    billed: Decimal | None
    paid: Decimal | None
    shipped: Decimal | None

    @property
    def owed(self) -> Decimal | None:
        """Billed and not paid yet; below zero nothing is owed."""
        if self.billed is None or self.paid is None:
            return None
        return max(NOTHING, self.billed - self.paid)


def deals_of(client: Client) -> list[Deal]:
    """The client's deals that the actor reaches and those they take part in, open ones first."""
    # As one array: PostgreSQL then takes both indexes; with a subquery beside OR it walks all deals.
    beside = func.array(select(Participant.deal_id).where(Participant.client_id == client.id).scalar_subquery())
    rows = (
        select(Deal)
        .where(or_(Deal.client_id == client.id, Deal.id == any_(beside)))
        .options(joinedload(Deal.stage), joinedload(Deal.owner))
        .order_by(Deal.closed_at.is_not(None), Deal.id.desc())
        .limit(MANY)
    )
    return list(db.session.execute(rows).scalars())


def leads_of(client: Client) -> list[Lead]:
    """The client's requests that the actor reaches, the latest first."""
    rows = select(Lead).where(Lead.client_id == client.id).order_by(Lead.received_at.desc()).limit(MANY)
    return list(db.session.execute(rows.options(joinedload(Lead.owner))).scalars())


def money_of(client: Client) -> Money | None:
    """Billed, paid and shipped, in one statement; nothing for who sees no sums."""
    actor = current_actor()
    if not actor.sees("deal.amount"):
        return None
    mine = select(Deal.id).where(Deal.client_id == client.id)
    bills = and_(Document.kind == DocumentKind.INVOICE, Document.state != DocumentState.CANCELLED)
    sums = {
        "billed": (Document, select(func.sum(Document.amount)).where(Document.deal_id.in_(mine), bills)),
        "paid": (Payment, select(func.sum(Payment.amount)).where(Payment.deal_id.in_(mine))),
        "shipped": (Shipment, select(func.sum(Shipment.amount)).where(Shipment.deal_id.in_(mine))),
    }
    read = {name: sum_ for name, (model, sum_) in sums.items() if actor.reads(model.noun) is not Scope.NONE}
    if not read:
        return None
    row = db.session.execute(select(*(sum_.scalar_subquery() for sum_ in read.values()))).one()
    known = dict(zip(read, (value or NOTHING for value in row), strict=True))
    return Money(**{name: known.get(name) for name in sums})


def papers_of(client: Client) -> Sequence[Document]:
    """The latest papers of the client's deals."""
    return _latest(Document, client, Document.id)


def payments_of(client: Client) -> Sequence[Payment]:
    """The latest payments of the client's deals."""
    return _latest(Payment, client, Payment.paid_on)


def _latest(model: Any, client: Client, order: Any) -> Sequence[Any]:
    if current_actor().reads(model.noun) is Scope.NONE:
        return ()
    rows = select(model).join(Deal, Deal.id == model.deal_id).where(Deal.client_id == client.id)
    ordered = rows.options(joinedload(model.deal)).order_by(order.desc(), model.id.desc()).limit(FEW)
    return db.session.execute(ordered).scalars().all()


def tasks_of(client: Client) -> Sequence[Task]:
    """What is still to be done for the client, the first due in front."""
    rows = select(Task).where(Task.client_id == client.id, Task.done_at.is_(None))
    ordered = rows.order_by(Task.due_at.asc().nulls_last(), Task.id).limit(FEW)
    return db.session.execute(ordered.options(joinedload(Task.assignee), selectinload(Task.deal))).scalars().all()


def chats_of(client: Client, deals: Sequence[Deal], leads: Sequence[Lead]) -> Sequence[Conversation]:
    """Where one speaks with the client, the one that spoke last first."""
    if current_actor().reads("message") is Scope.NONE:
        return ()
    of_deals = Conversation.deal_id.in_([deal.id for deal in deals])
    of_leads = Conversation.lead_id.in_([lead.id for lead in leads])
    rows = select(Conversation).where(or_(Conversation.client_id == client.id, of_deals, of_leads))
    return db.session.execute(rows.order_by(Conversation.last_at.desc()).limit(FEW)).scalars().all()


def brought_by(client: Client) -> tuple[int, Decimal]:
    """How many deals a partner has brought and what they come to, as far as the actor reaches them."""
    sums = select(func.count(), func.coalesce(func.sum(Deal.amount), 0)).where(Deal.partner_id == client.id)
    count, amount = db.session.execute(sums).one()
    return count, amount
