"""A contact of a client is taken away, and given back as it was."""

from app.services.clients import add_contact, drop_contact
from app.services.versions import locked
from models.clients import Client, ContactKind, ContactPoint
from models.ground.base import db
from models.ground.refused import NotFound


def take_away(client: Client, point: ContactPoint) -> Client:
    """Nobody is reached by it any more."""
    client = locked(client)
    if point not in client.contacts:
        raise NotFound("")
    drop_contact(client, point)
    db.session.flush()
    return client


def give_back(client: Client, kind: ContactKind, value: str) -> Client:
    """Undo of take_away: the value as it was kept."""
    client = locked(client)
    add_contact(client, kind, value)
    return client
