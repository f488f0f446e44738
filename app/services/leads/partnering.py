"""A request that a partner sent: whose contacts are his own, and what the deal is then called."""

from app.services import clients
from models.clients import ContactKind
from models.leads import Lead, LeadClass

Reach = list[tuple[ContactKind, str]]
# The category of a deal (the company's own list) by the class of its lead.
CATEGORIES = {LeadClass.REPEAT: "repeat", LeadClass.PARTNER: "partner"}


def own_reach(lead: Lead) -> Reach:
    """The contacts of the lead that are the client's: a partner who asks for others leaves his own."""
    said = ((ContactKind.PHONE, lead.phone), (ContactKind.EMAIL, lead.email), (ContactKind.HANDLE, lead.handle))
    found = [(kind, value) for kind, value in said if value]
    if lead.partner_id is None:
        return found
    return [(kind, value) for kind, value in found if not _is_partners(lead.partner_id, kind, value)]


def _is_partners(partner_id: int, kind: ContactKind, value: str) -> bool:
    said = {str(kind): value}
    holders = clients.recognise(said.get("phone", ""), said.get("email", ""), said.get("handle", ""))
    return any(holder.client_id == partner_id for holder in holders)
