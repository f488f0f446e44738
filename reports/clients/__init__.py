"""Clients as screens ask for them: what kinds there are, and how it stands with each of a page of the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from models.clients import ClientKind
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.messages import Message, MessageKind

KINDS = {
    ClientKind.PERSON: _l("Private person"),
    ClientKind.COMPANY: _l("Company"),
    ClientKind.PARTNER: _l("Partner"),
}
SPOKEN = (MessageKind.INCOMING, MessageKind.OUTGOING)


@dataclass
class Standing:
    """A client's open deals, their sum, and when one was last spoken with; as far as the actor reaches it."""

    open: int = 0
    amount: Decimal = Decimal(0)
    last_at: dt.datetime | None = None


def standing(ids: Sequence[int]) -> dict[int, Standing]:
    """How it stands with these clients, in two statements."""
    found = {key: Standing() for key in ids}
    if not ids:
        return found
    is_open = Deal.closed_at.is_(None)
    sums = (func.count().filter(is_open), func.coalesce(func.sum(Deal.amount).filter(is_open), 0))
    deals = select(Deal.client_id, *sums).where(Deal.client_id.in_(ids)).group_by(Deal.client_id)
    for key, count, amount in db.session.execute(deals):
        found[key].open, found[key].amount = count, amount
    for key, at in db.session.execute(_spoken(ids)) if current_actor().reads("message") is not Scope.NONE else ():
        found[key].last_at = at
    return found


def _spoken(ids: Sequence[int]) -> Any:
    """The last word of either side, on the client's deals or in a chat that has none."""
    whose = func.coalesce(Deal.client_id, Message.client_id)
    of_deals = select(Deal.id).where(Deal.client_id.in_(ids))
    within = or_(Message.deal_id.in_(of_deals), Message.deal_id.is_(None) & Message.client_id.in_(ids))
    words = select(whose, func.max(Message.at)).outerjoin(Deal, Deal.id == Message.deal_id)
    return words.where(within, Message.kind.in_(SPOKEN), whose.in_(ids)).group_by(whose)
