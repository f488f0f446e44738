"""Where a person says that a request belongs, against what the rules would make of it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.services.leads.sorting import Verdict
from app.wording import kept
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.leads import LIVE_STATES, Lead, LeadClass
from models.lowcode.sorting import SortingAction

APART = "apart"
PLACES: dict[str, Any] = {"client": Client, "deal": Deal, "lead": Lead}


def place_of(text: str) -> Any:
    """What a form chose: a client, deal or lead that the actor sees ("deal:12"), APART, or None for the rules' say."""
    if text == APART:
        return APART
    noun, _colon, key = text.partition(":")
    model = PLACES.get(noun)
    if model is None or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return db.session.execute(select(model).where(model.id == int(key))).scalar_one_or_none()


def client_of(place: Any) -> int | None:
    """The client of what was chosen."""
    if isinstance(place, Client):
        return place.id
    return place.client_id if isinstance(place, Deal | Lead) else None


def decided(verdict: Verdict, place: Any) -> Verdict:
    """The verdict as a person changed it; one that they did not is as it was."""
    name = current_actor().name
    said = kept("%(name)s put it there.", name=name)
    if isinstance(place, Deal) and place.closed_at is None:
        attached = replace(verdict, klass=LeadClass.DUPLICATE, action=SortingAction.ATTACH, reason=said)
        return replace(attached, deal_id=place.id, lead_id=None)
    if isinstance(place, Lead) and place.state in LIVE_STATES:
        attached = replace(verdict, klass=LeadClass.DUPLICATE, action=SortingAction.ATTACH, reason=said)
        return replace(attached, lead_id=place.id, deal_id=None)
    if place is None or verdict.klass is not LeadClass.DUPLICATE:
        return verdict
    has_won = verdict.client is not None and verdict.client.has_won
    klass = LeadClass.REPEAT if has_won else LeadClass.NEW
    apart = kept("%(name)s wrote it down as a request of its own.", name=name)
    return replace(verdict, klass=klass, reason=apart, action=SortingAction.MARK, lead_id=None, deal_id=None)
