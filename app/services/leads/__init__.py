"""Verbs of a lead: receive, enter, take, answer, change, assign, reject, restore, qualify, note."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import clients, contacts, deals
from app.services.leads import doors, escalation, partnering, placing
from app.services.leads.arrivals import enter, receive
from app.services.leads.importing import bring
from app.services.leads.mending import mend, of_raw
from app.services.versions import check_version, locked
from app.wording import kept, phone
from models.clients import Client, ContactKind
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import NotFound, Refused
from models.leads import LIVE_STATES, Lead, LeadClass, LeadState
from models.lowcode.funnels import Funnel
from models.messages import Message, MessageKind
from models.staff import Person
from models.tasks import Task, TaskKind

__all__ = [
    "answer", "assign", "bring", "change", "enter", "hand_over_tasks", "mend", "note", "of_raw", "qualify", "receive",
    "reject", "restore", "take",
]  # fmt: skip


def take(lead: Lead) -> Lead:
    """The actor will answer. Refuses a lead that a colleague still has time to answer."""
    lead = _live(locked(lead))
    actor = current_actor()
    if lead.owner_id == actor.person_id and lead.state == LeadState.TAKEN:
        return lead
    if not _is_free(lead):
        words = _("%(name)s answers this lead and still has time. Ask them or the head.", name=lead.owner)
        raise Refused(words)
    was, state = lead.owner_id, lead.state
    lead.owner_id, lead.state = actor.person_id, LeadState.TAKEN
    escalation.give_time(lead)
    db.session.flush()
    record("lead.taken", lead, was=was, state=state)
    return lead


def _is_free(lead: Lead) -> bool:
    """Nobody's, one's own or one's people's, or overdue."""
    actor = current_actor()
    mine = lead.owner_id is None or lead.owner_id in actor.own_ids or actor.everything
    return mine or lead.is_overdue(utcnow())


def answer(lead: Lead, words: str = "") -> Lead:
    """The client was answered: the timer stops. What was said may be noted."""
    lead = _live(locked(lead))
    if lead.answered_at is None:
        lead.answered_at = utcnow()
        lead.state = LeadState.TAKEN
        lead.owner_id = lead.owner_id or current_actor().person_id
        record("lead.answered", lead, on_time=lead.respond_by is None or lead.answered_at <= lead.respond_by)
        _close_tasks(lead, _("The client was answered."), TaskKind.CALL)
    if words.strip():
        note(lead, words)
    db.session.flush()
    return lead


def change(lead: Lead, values: Mapping[str, Any], version: int | None = None) -> Lead:
    """Correct what was typed: name, phone, email, words. Raises Stale when somebody saved meanwhile.

    A phone or e-mail by which nobody can be reached is refused; an empty one is taken away.
    """
    lead = _live(locked(lead))
    check_version(lead, version, values)
    if not current_actor().sees("lead.phone") and {"phone", "email"} & set(values):
        raise NotFound("")
    for name, value in values.items():
        if name == "phone":
            lead.typed_phone = clean_line(value, name)
            lead.phone = _usable(contacts.phone(value), lead.typed_phone, name)
        elif name == "email":
            lead.email = _usable(contacts.email(value), clean_line(value, name), name)
        else:
            setattr(lead, name, clean_text(value, name) if name == "words" else clean_line(value, name))
    if not any((lead.name, lead.phone, lead.email, lead.handle, lead.words)):
        raise Refused(_("Write at least a name, a phone or what is asked for."), "name")
    db.session.flush()
    return lead


def _usable(understood: str, typed: str, field: str) -> str:
    if typed and not understood:
        raise Refused(_("Nobody can be reached by “%(typed)s”. Check it.", typed=typed[:60]), field)
    return understood


def assign(lead: Lead, person: Person, version: int | None = None) -> Lead:
    """Give the lead to somebody, who is told."""
    lead = _live(locked(lead))
    check_version(lead, version, {"owner_id": person.id})
    if not person.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=person.name), "owner")
    if lead.owner_id == person.id:
        return lead
    was, lead.owner_id = lead.owner_id, person.id
    escalation.give_time(lead)
    record("lead.assigned", lead, was=was, now=person.id)
    db.session.flush()
    return lead


def reject(lead: Lead, reason: str, version: int | None = None) -> Lead:
    """Set the lead aside, with a reason; it can be restored."""
    lead = _live(locked(lead))
    check_version(lead, version, {"reject_reason": reason})
    said = reason_of(reason)
    was, lead.state, lead.reject_reason = lead.state, LeadState.REJECTED, said
    _close_tasks(lead, _("The lead was set aside."))
    record("lead.rejected", lead, reason=said, state=was)
    db.session.flush()
    return lead


def reason_of(said: str) -> str:
    """Why a lead is set aside. Refuses nothing at all."""
    reason = clean_line(said, "reason")
    if not reason:
        raise Refused(_("Choose why the lead is set aside."), "reason")
    return reason


def restore(lead: Lead) -> Lead:
    """Undo of reject, and of what closed a duplicate, a mistake or spam: the lead waits for an answer again."""
    lead = locked(lead)
    if lead.state not in (LeadState.REJECTED, LeadState.ATTACHED):
        raise Refused(_("This lead is not set aside."))
    if lead.klass in (LeadClass.DUPLICATE, LeadClass.MISTAKE, LeadClass.SPAM):
        lead.klass = LeadClass.NEW
        lead.klass_reason = kept("%(name)s took it back.", name=current_actor().name)
    placing.come_back(lead)
    lead.duplicate_of_id = lead.deal_id = None
    lead.reject_reason = ""
    me = current_actor().person_id
    lead.owner_id = lead.owner_id or me
    lead.state = LeadState.TAKEN if me and lead.owner_id == me else LeadState.WAITING
    if lead.answered_at is None:
        escalation.expect_answer(lead, utcnow())
    record("lead.restored", lead)
    db.session.flush()
    return lead


def qualify(
    lead: Lead,
    client: Client | None = None,
    values: Mapping[str, Any] | None = None,
    *,
    funnel: Funnel | None = None,
    owner: Person | None = None,
) -> Deal:
    """The lead becomes a deal at the first stage of a funnel. Without a client a new one is made of the lead.

    `values` are the deal's, by field code, and the `name` of who asked where the lead has none. Its feed and its open
    tasks go to the deal.
    """
    lead = _live(locked(lead))
    said = dict(values or {})
    name = clean_line(said.pop("name", ""), "name")
    lead.name = lead.name or name
    person = owner or _keeper(lead)
    reach = partnering.own_reach(lead)
    client = client or _client_of(lead, person, reach)
    for kind, value in reach:
        clients.add_contact(client, kind, value)
    category = partnering.CATEGORIES.get(LeadClass(lead.klass), "new")
    typed = {"source": lead.source, "category": category, "comment": ""} | said
    deal = deals.start(client, typed, owner=person, funnel=funnel or doors.funnel_of(lead))
    doors.put_on_stage(deal, lead)
    deal.partner_id = deal.partner_id or lead.partner_id
    lead.state, lead.deal_id, lead.client_id = LeadState.QUALIFIED, deal.id, client.id
    lead.owner_id = person.id if person else None
    if lead.answered_at is None:
        lead.answered_at = utcnow()
        _close_tasks(lead, _("The client was answered."), TaskKind.CALL)
    placing.follow(lead, deal)
    record("lead.qualified", lead, deal_id=deal.id, number=deal.number)
    db.session.flush()
    return deal


def _keeper(lead: Lead) -> Person | None:
    """Whose the deal becomes: the lead's owner's, if he is here and the actor may give him deals, else the actor's."""
    actor = current_actor()
    works_here = lead.owner is not None and lead.owner.active
    mine = works_here and (actor.everything or lead.owner_id in actor.own_ids)
    return lead.owner if mine else _person(actor.person_id)


def _person(person_id: int | None) -> Person | None:
    return db.session.get(Person, person_id) if person_id else None


def _client_of(lead: Lead, owner: Person | None, reach: partnering.Reach) -> Client:
    name = lead.name or phone(lead.phone) or lead.email or lead.handle
    said = {kind: [value for one, value in reach if one == kind] for kind in ContactKind}
    return clients.create(name, phones=said[ContactKind.PHONE], emails=said[ContactKind.EMAIL], owner=owner)


def note(lead: Lead, words: str) -> Message:
    """A note in the feed of the lead."""
    said = clean_text(words, "words")
    if not said:
        raise Refused(_("The note is empty. Write what should be remembered."), "words")
    actor = current_actor()
    message = Message(
        kind=MessageKind.NOTE,
        lead_id=lead.id,
        deal_id=lead.deal_id,
        words=said,
        author_name=actor.name,
        created_by_id=actor.person_id,
    )
    db.session.add(message)
    db.session.flush()
    return message


def _live(lead: Lead) -> Lead:
    if lead.state in LIVE_STATES:
        return lead
    if lead.state == LeadState.QUALIFIED:
        deal = db.session.get(Deal, lead.deal_id) if lead.deal_id else None
        number = deal.number if deal else ""
        raise Refused(_("This lead is a deal already: № %(number)s.", number=number))
    raise Refused(_("This lead is set aside. Take it back first."))


def _open_tasks(lead: Lead) -> Sequence[Task]:
    found = select(Task).where(Task.lead_id == lead.id, Task.done_at.is_(None))
    return db.session.execute(found).scalars().all()


def _close_tasks(lead: Lead, result: str, kind: TaskKind | None = None) -> None:
    for task in _open_tasks(lead):
        if kind is None or task.kind == kind:
            task.done_at, task.done_by_id, task.result = utcnow(), current_actor().person_id, result


def hand_over_tasks(lead: Lead, was: int | None) -> None:
    """The open tasks of a lead that were its former owner's, or nobody's, are its owner's; whoever is to go still goes.

    Run as the system, since they may be a colleague's.
    """
    for task in _open_tasks(lead):
        if task.assignee_id in (was, None):
            task.assignee_id = lead.owner_id
    db.session.flush()
