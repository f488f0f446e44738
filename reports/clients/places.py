"""With whom a client may be the same: those with a contact in common, or found by a name or a phone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models.clients import Client, ContactPoint
from models.ground.base import db
from models.ground.nearby import first_of
from reports.leads.places import said

SHOWN = 8


def others(client: Client, text: str) -> list[Client]:
    """Other clients within the actor's reach."""
    asked = " ".join(text.split())
    values = [point.value for point in client.contacts]
    same = Client.id.in_(select(ContactPoint.client_id).where(ContactPoint.value.in_(values)))
    rows = select(Client).where(said(asked) if asked else same, Client.id != client.id)
    loads = (selectinload(Client.owner), selectinload(Client.contacts))
    return first_of(db.session, rows.order_by(Client.id.desc()).options(*loads), (Client.id, True), SHOWN)
