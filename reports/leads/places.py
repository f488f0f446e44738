"""Where a request may belong: open deals and clients, by number, phone or name; first those with the same contact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.beginnings import begun
from models.ground.nearby import first_of
from models.leads import Lead

SHOWN = 6
LEAST_DIGITS = 4


@dataclass
class Places:
    """What was found, each at most SHOWN."""

    deals: list[Deal] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)


def places(lead: Lead, text: str) -> Places:
    """Open deals and clients within the actor's reach that the text names; without one, the lead's own."""
    asked = " ".join(text.split())
    which = said(asked) if asked else _same(lead)
    if which is None:
        return Places()
    rows = select(Client).where(which).order_by(Client.id.desc()).options(selectinload(Client.owner))
    clients = first_of(db.session, rows, (Client.id, True), SHOWN)
    ways = [Deal.client_id.in_([client.id for client in clients])]
    digits = asked.removeprefix("№").strip()
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        ways.append(Deal.number == int(digits))
    open_ones = select(Deal).where(or_(*ways), Deal.closed_at.is_(None)).order_by(Deal.id.desc()).limit(SHOWN)
    return Places(list(db.session.execute(open_ones.options(selectinload(Deal.stage))).scalars()), clients)


def _same(lead: Lead) -> Any:
    """The lead's client, or those with one of its contacts."""
    if lead.client_id:
        return Client.id == lead.client_id
    values = [value for value in (lead.phone, lead.email, lead.handle) if value]
    if not values:
        return None
    return Client.id.in_(select(ContactPoint.client_id).where(ContactPoint.value.in_(values)))


def said(text: str) -> Any:
    """The condition on clients that a typed name, phone or a part of either makes."""
    digits = "".join(letter for letter in text if letter.isdigit())
    if digits and not any(letter.isalpha() for letter in text):
        if len(digits) < LEAST_DIGITS or not current_actor().sees("client.phone"):
            return Client.id.is_(None)
        ends = func.reverse(ContactPoint.value).startswith(digits[-10:][::-1], autoescape=True)
        return Client.id.in_(select(ContactPoint.client_id).where(ContactPoint.kind == ContactKind.PHONE, ends))
    letters = "".join(c if c.isalnum() else " " for c in text.lower().replace("ё", "е")).split()
    if not letters:
        return Client.id.is_(None)
    return Client.words.op("@@")(begun(letters))
