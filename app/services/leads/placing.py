"""Where a person puts a lead: to another class, to a deal or client that is there already, back to whose it was."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from app.services.leads import talks
from app.services.versions import check_version, locked
from app.wording import kept
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.refused import Refused
from models.leads import LIVE_STATES, Lead, LeadClass, LeadState
from models.messages import Message

# What a live request may be; spam, mistakes and duplicates are set aside or attached, with a reason.
OPEN_CLASSES = (LeadClass.NEW, LeadClass.REPEAT, LeadClass.PARTNER)


def call_it(lead: Lead, klass: str, version: int | None = None) -> Lead:
    """Say by hand that the request is new, a returning client's or a partner's; who said so is its reason."""
    lead = _live(locked(lead))
    check_version(lead, version, {"klass": klass})
    if klass not in OPEN_CLASSES:
        raise Refused(
            _("Choose new, returning or from a partner; everything else is set aside with a reason."), "klass"
        )
    if lead.klass == klass:
        return lead
    was, lead.klass = lead.klass, LeadClass(klass)
    lead.klass_reason = kept("%(name)s said so.", name=current_actor().name)
    record("lead.classified", lead, was=was, now=lead.klass)
    db.session.flush()
    return lead


def attach(lead: Lead, place: Deal | Client) -> Lead:
    """The request belongs to a deal that is there: it is closed and its feed goes there. A client only owns it.

    Reversible: restore() takes it out of the deal again.
    """
    lead = _live(locked(lead))
    if isinstance(place, Client):
        lead.client_id = place.id
        record("lead.recognised", lead, client_id=place.id, client=place.name)
        db.session.flush()
        return lead
    if place.closed_at is not None:
        words = _("Deal № %(number)s is closed. Make a new deal of the request.", number=place.number)
        raise Refused(words, "place")
    before = {"state": lead.state, "owner": lead.owner_id, "waited": lead.answered_at is None}
    lead.state, lead.deal_id, lead.client_id = LeadState.ATTACHED, place.id, place.client_id or lead.client_id
    lead.owner_id = lead.owner_id or current_actor().person_id
    lead.answered_at = lead.answered_at or utcnow()
    said = update(Message).where(Message.lead_id == lead.id, Message.deal_id.is_(None))
    db.session.execute(said.values(deal_id=place.id))
    talks.follow(lead, place)
    record("lead.attached", lead, deal_id=place.id, lead_id=None, **before)
    db.session.flush()
    return lead


def hand_back(lead: Lead, was: int | None) -> Lead:
    """Undo of take and assign: the lead is whose it was, and waits if nobody had it."""
    lead = _live(locked(lead))
    lead.owner_id = was
    if was is None and lead.answered_at is None:
        lead.state = LeadState.WAITING
    record("lead.handed_back", lead, now=was)
    db.session.flush()
    return lead


def _live(lead: Lead) -> Any:
    if lead.state not in LIVE_STATES:
        raise Refused(_("This lead is closed already. Take it back first."))
    return lead
