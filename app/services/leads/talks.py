"""The conversations of a lead go where it goes, and come back with it."""

from sqlalchemy import update

from models.deals import Deal
from models.ground.base import db
from models.leads import Lead
from models.messages import Conversation


def follow(lead: Lead, deal: Deal) -> None:
    """What the client writes next belongs to the deal."""
    mine = update(Conversation).where(Conversation.lead_id == lead.id, Conversation.deal_id.is_(None))
    db.session.execute(mine.values(deal_id=deal.id, client_id=deal.client_id))


def come_back(lead: Lead) -> None:
    """The lead is taken out of a deal again, and so are the conversations that it brought there."""
    if lead.deal_id is not None:
        brought = update(Conversation).where(Conversation.lead_id == lead.id, Conversation.deal_id == lead.deal_id)
        db.session.execute(brought.values(deal_id=None, client_id=lead.client_id))
