"""A client shares the phone that the provider vouches for: now we may know who it is."""

from app.services import clients, contacts
from app.services.conversations.threads import Place, moves_to
from app.services.leads import placing
from models.clients import Client, ContactKind
from models.deals import Deal
from models.ground.base import db
from models.leads import Lead
from models.messages import Conversation


def shared(talk: Conversation, place: Place, typed: str) -> None:
    """The phone goes to the lead and the client; a lead of somebody known goes to his open deal, or to him."""
    phone = contacts.phone(typed)
    if not phone:
        return
    if isinstance(place, Lead):
        _recognised(talk, place, phone, typed)
    client = db.session.get(Client, talk.client_id) if talk.client_id else None
    if client is not None:
        clients.add_contact(client, ContactKind.PHONE, phone)


def _recognised(talk: Conversation, lead: Lead, phone: str, typed: str) -> None:
    if not lead.phone:
        lead.phone, lead.typed_phone = phone, typed[:250]
        db.session.flush()
    best = next(iter(clients.recognise(phone=phone)), None) if lead.client_id is None else None
    client = db.session.get(Client, best.client_id) if best else None
    if best is None or client is None:
        return
    placing.attach(lead, client)
    talk.client_id = client.id
    deal = db.session.get(Deal, best.open_deal_id) if best.open_deal_id else None
    if deal is not None:
        placing.attach(lead, deal)
        moves_to(talk, deal, lead)
    db.session.flush()
