"""Where a person puts a lead: to another class, to a deal or client that is there already, back to whose it was."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, update

from app.services import clients, files, visits
from app.services.leads import talks
from app.services.versions import check_version, locked
from app.wording import kept
from models.clients import Client, Consent
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.files import StoredFile
from models.ground.history import Event, record
from models.ground.refused import Refused
from models.leads import LIVE_STATES, Lead, LeadClass, LeadState
from models.messages import Message
from models.tasks import Task
from models.visits import Visit

# What a live request may be; spam, mistakes and duplicates are set aside or attached, with a reason.
OPEN_CLASSES = (LeadClass.NEW, LeadClass.REPEAT, LeadClass.PARTNER)
# The tables themselves: consents are out of everybody's reach, and an event may be of a deal that is.
CONSENTS: Any = Consent.__table__
EVENTS: Any = Event.__table__


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
        consents_follow(lead)
        record("lead.recognised", lead, client_id=place.id, client=place.name)
        db.session.flush()
        return lead
    if place.closed_at is not None:
        words = _("Deal № %(number)s is closed. Make a new deal of the request.", number=place.number)
        raise Refused(words, "place")
    waited = lead.answered_at is None
    before: dict[str, Any] = {"state": lead.state, "owner": lead.owner_id, "waited": waited, "client": lead.client_id}
    lead.state, lead.deal_id, lead.client_id = LeadState.ATTACHED, place.id, place.client_id or lead.client_id
    lead.owner_id = lead.owner_id or current_actor().person_id
    lead.answered_at = lead.answered_at or utcnow()
    follow(lead, place)
    record("lead.attached", lead, deal_id=place.id, lead_id=None, **before)
    db.session.flush()
    return lead


def follow(lead: Lead, deal: Deal) -> None:
    """What was said, filed, planned and is to be done about the lead is the deal's from now on."""
    said = update(Message).where(Message.lead_id == lead.id, Message.deal_id.is_(None))
    db.session.execute(said.values(deal_id=deal.id))
    files.follow(lead, deal)
    talks.follow(lead, deal)
    for task in _open_tasks(lead):
        task.deal_id, task.client_id = deal.id, deal.client_id
    visits.follow_lead(lead, deal)
    consents_follow(lead)


def consents_follow(lead: Lead) -> None:
    """What its sender agreed to is kept with the client that the lead is of, and goes with them wherever they go."""
    of_lead = CONSENTS.update().where(CONSENTS.c.lead_id == lead.id)
    db.session.execute(of_lead.values(client_id=lead.client_id))


def come_back(lead: Lead) -> None:
    """The lead is taken out of the deal or lead that it was attached to, with what it brought there.

    It is again of the client that it was of before a person attached it.
    """
    if lead.deal_id is None:
        if lead.duplicate_of_id is not None:
            _take_copies_back(lead, Message.lead_id == lead.duplicate_of_id)
        return
    for model in (Message, StoredFile):
        brought = update(model).where(model.lead_id == lead.id, model.deal_id == lead.deal_id)
        db.session.execute(brought.values(deal_id=None))
    _take_copies_back(lead, Message.deal_id == lead.deal_id)
    lead.client_id = _client_before(lead)
    consents_follow(lead)
    talks.come_back(lead)
    planned = db.session.execute(select(Visit).where(Visit.lead_id == lead.id)).scalars().all()
    brought_along: tuple[Task | Visit, ...] = (*_open_tasks(lead), *planned)
    for row in brought_along:
        row.deal_id, row.client_id = None, lead.client_id


def _client_before(lead: Lead) -> int | None:
    """Whose it was before it came to its deal; whom the rules knew by a contact, they know still."""
    attached = (EVENTS.c.lead_id == lead.id, EVENTS.c.deal_id == lead.deal_id, EVENTS.c.name == "lead.attached")
    last = select(EVENTS.c.data).where(*attached).order_by(EVENTS.c.id.desc()).limit(1)
    told: dict[str, Any] = db.session.execute(last).scalar() or {}
    was: int | None = told.get("client", lead.client_id)
    return was and (clients.became(was) or was)


def _take_copies_back(lead: Lead, there: ColumnElement[bool]) -> None:
    """The words that a duplicate left in another's feed are nobody else's."""
    copies = select(Message).where(there, Message.extra["lead_id"].as_integer() == lead.id)
    for message in db.session.execute(copies).scalars():
        message.deleted_at, message.deleted_by_id = utcnow(), current_actor().person_id
    db.session.flush()


def _open_tasks(lead: Lead) -> Sequence[Task]:
    found = select(Task).where(Task.lead_id == lead.id, Task.done_at.is_(None))
    return db.session.execute(found).scalars().all()


def hand_back(lead: Lead, was: int | None, state: str = "") -> Lead:
    """Undo of take and assign: the lead is whose it was, and waits again if it did."""
    lead = _live(locked(lead))
    lead.owner_id = was
    if state in LIVE_STATES and lead.answered_at is None:
        lead.state = LeadState(state)
    record("lead.handed_back", lead, now=was)
    db.session.flush()
    return lead


def _live(lead: Lead) -> Any:
    if lead.state not in LIVE_STATES:
        raise Refused(_("This lead is closed already. Take it back first."))
    return lead
