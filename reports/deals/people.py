"""Who takes part in a deal: its client, its owner, others; and the ways to reach each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.wording import phone
from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.participants import Participant
from models.staff import Person

HANDLES = {"telegram": "https://t.me/", "tg": "https://t.me/", "whatsapp": "https://wa.me/", "max": "https://max.ru/"}


@dataclass(frozen=True)
class Way:
    """One way to reach somebody: the mark of its channel, the address that a click opens, its words."""

    channel: str
    url: str
    words: str


@dataclass
class Part:
    """Somebody on the deal. `row` is their Participant, None for the client and the owner of the deal itself."""

    name: str
    words: str
    client: Client | None = None
    person: Person | None = None
    ways: list[Way] = field(default_factory=list)
    row: Participant | None = None
    line: str = ""


def parts(deal: Deal, tasks: list[Any]) -> list[Part]:
    """The client first, then who was invited, then colleagues with open tasks, the owner last."""
    rows = select(Participant).where(Participant.deal_id == deal.id).options(joinedload(Participant.person))
    invited = list(db.session.execute(rows.order_by(Participant.id)).scalars())
    clients = _clients({deal.client_id, deal.payer_id, *(part.client_id for part in invited)})
    found = [_client_part(clients[deal.client_id], _("customer"))] if deal.client_id in clients else []
    found += [_invited(part, clients) for part in invited if part.person or part.client_id in clients]
    known = {deal.owner_id, *(part.person_id for part in invited)}
    for task in tasks:
        if task.assignee and task.assignee_id not in known and len(known) < 12:
            known.add(task.assignee_id)
            found.append(Part(task.assignee.name, task.assignee.post or "", person=task.assignee, line=task.title))
    if deal.owner:
        found.append(Part(deal.owner.name, _("owner"), person=deal.owner))
    return found


def _clients(ids: set[int | None]) -> dict[int | None, Client]:
    wanted = ids - {None}
    if not wanted:
        return {}
    rows = select(Client).where(Client.id.in_(wanted)).options(joinedload(Client.contacts))
    return {client.id: client for client in db.session.execute(rows).unique().scalars()}


def _invited(part: Participant, clients: dict[int | None, Client]) -> Part:
    if part.person:
        return Part(part.person.name, part.words or part.person.post or "", person=part.person, row=part)
    shown = _client_part(clients[part.client_id], part.words)
    shown.row = part
    return shown


def _client_part(client: Client, words: str) -> Part:
    """With the first of each way to reach them; the client's own card has them all."""
    ways: list[Way] = []
    for contact in client.contacts:
        way = way_of(contact)
        if way and all(known.channel != way.channel for known in ways):
            ways.append(way)
    line = next((way.words for way in ways if way.channel == "phone"), ways[0].words if ways else "")
    return Part(client.name, words, client=client, ways=ways, line=line)


def way_of(contact: ContactPoint) -> Way | None:
    """How a contact is reached, as far as the reader may see it."""
    sees = current_actor().sees
    if contact.kind == ContactKind.PHONE and sees("client.phone"):
        return Way("phone", f"tel:{contact.value}", phone(contact.value))
    if contact.kind == ContactKind.EMAIL and sees("client.email"):
        return Way("email", f"mailto:{contact.value}", contact.value)
    return _handle(contact.value) if contact.kind == ContactKind.HANDLE and sees("client.phone") else None


def _handle(value: str) -> Way:
    """A handle is kept as the messenger and the name there; a bare @name is Telegram's."""
    kind, colon, name = value.partition(":")
    if not colon:
        kind, name = "telegram", value
    plain = name.strip().lstrip("@")
    base = HANDLES.get(kind.lower(), "")
    is_plain = plain.isascii() and all(letter.isalnum() or letter in "_.+-" for letter in plain)
    return Way(kind.lower(), base + plain if base and is_plain else "", f"@{plain}")
