"""A client's card: deals, leads, and everything that was said and done with them."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models.clients import Client, ClientKind
from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.history import Event
from models.leads import Lead
from models.messages import Message
from reports.deals.feed import Entry

KINDS = {
    ClientKind.PERSON: _l("Private person"),
    ClientKind.COMPANY: _l("Company"),
    ClientKind.PARTNER: _l("Partner"),
}
MANY, LONGEST = 50, 100


def deals_of(client: Client) -> list[Deal]:
    """The client's deals that the actor reaches, open ones first."""
    rows = (
        select(Deal)
        .where(Deal.client_id == client.id)
        .options(selectinload(Deal.stage), selectinload(Deal.owner))
        .order_by(Deal.closed_at.is_not(None), Deal.id.desc())
        .limit(MANY)
    )
    return list(db.session.execute(rows).scalars())


def leads_of(client: Client) -> list[Lead]:
    """The client's requests that the actor reaches, the latest first."""
    rows = select(Lead).where(Lead.client_id == client.id).order_by(Lead.received_at.desc()).limit(MANY)
    return list(db.session.execute(rows.options(selectinload(Lead.owner))).scalars())


def feed(deals: list[Deal], leads: list[Lead]) -> list[Entry]:
    """What was said in all deals and requests of the client, and how they began and ended; oldest first."""
    found = [*_messages(deals, leads), *_events(deals)]
    found.sort(key=lambda entry: entry.at)
    return found[-LONGEST:]


def _messages(deals: list[Deal], leads: list[Lead]) -> Iterator[Entry]:
    if current_actor().reads("message") is Scope.NONE:
        return
    numbers = {deal.id: deal.number for deal in deals}
    mine = Message.deal_id.in_(numbers) | Message.lead_id.in_([lead.id for lead in leads])
    rows = select(Message).where(mine).order_by(Message.at.desc()).limit(LONGEST)
    for message in db.session.execute(rows).scalars():
        number = numbers.get(message.deal_id or 0)
        head = _("deal № %(number)s", number=number) if number else ""
        url = f"/deals/{number}" if number else f"/leads/{message.lead_id}"
        yield Entry(message.at, message.kind, "note", message.words, message.author_name, head, url=url)


HEADS = {
    "deal.started": ("circle-plus", _l("Deal was started")),
    "deal.won": ("circle-check", _l("Deal is won")),
    "deal.lost": ("circle-x", _l("Deal is lost")),
}


def _events(deals: list[Deal]) -> Iterator[Entry]:
    numbers = {deal.id: deal.number for deal in deals}
    rows = select(Event).where(Event.deal_id.in_(numbers), Event.name.in_(HEADS)).order_by(Event.id.desc())
    for event in db.session.execute(rows.limit(LONGEST)).scalars():
        icon, head = HEADS[event.name]
        number = numbers[event.deal_id or 0]
        words = f"№ {number}"
        yield Entry(event.at, "event", icon, words, event.actor_name, str(head), url=f"/deals/{number}")
