"""Leads as screens ask for them: the tabs of the list with their counts, the feed of one lead, its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, select

from app.wording import language, told
from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import Event
from models.leads import LIVE_STATES, Lead, LeadClass, LeadState
from models.lowcode import choices
from models.messages import Message
from models.tasks import Task
from reports.deals.feed import Entry
from reports.deals.said import Names

NEEDED, MINE, UNOWNED, WEEK = "needed", "mine", "unowned", "week"
TABS = {
    NEEDED: _l("Needs an answer"),
    MINE: _l("Mine"),
    UNOWNED: _l("Without an owner"),
    WEEK: _l("All of the week"),
}
CLASSES = {
    LeadClass.NEW: (_l("New"), "slate"),
    LeadClass.REPEAT: (_l("Returning"), "blue"),
    LeadClass.PARTNER: (_l("From a partner"), "violet"),
    LeadClass.DUPLICATE: (_l("Duplicate"), "warn"),
    LeadClass.SPAM: (_l("Spam"), "bad"),
    LeadClass.MISTAKE: (_l("Mistake"), "orange"),
    LeadClass.NOT_CUSTOMER: (_l("Not a customer"), "slate"),
}
STATES = {
    LeadState.WAITING: _l("Waits"),
    LeadState.TAKEN: _l("Taken"),
    LeadState.QUALIFIED: _l("Became a deal"),
    LeadState.ATTACHED: _l("Attached"),
    LeadState.REJECTED: _l("Is set aside"),
}
CAP = 1000
LONGEST = 200


def within(tab: str) -> list[ColumnElement[bool]]:
    """The conditions of a tab of the list."""
    live = Lead.state.in_(LIVE_STATES)
    if tab == NEEDED:
        return [live, Lead.answered_at.is_(None)]
    if tab == MINE:
        return [live, Lead.owner_id == current_actor().person_id]
    if tab == UNOWNED:
        return [live, Lead.owner_id.is_(None)]
    return [Lead.received_at >= utcnow() - dt.timedelta(days=7)]


def counts() -> dict[str, int]:
    """How many leads stand under each tab, up to a thousand; in one statement."""
    columns = [
        select(func.count()).select_from(select(Lead.id).where(*within(tab)).limit(CAP).subquery()).scalar_subquery()
        for tab in TABS
    ]
    return dict(zip(TABS, db.session.execute(select(*columns)).one(), strict=True))


# ── the feed ─────────────────────────────────────────────────────────────────


def feed(lead: Lead) -> list[Entry]:
    """What was said about the lead and what was done with it, oldest first."""
    found = [*_messages(lead), *_events(lead)]
    found.sort(key=lambda entry: entry.at)
    return found[-LONGEST:]


def _messages(lead: Lead) -> Iterator[Entry]:
    rows = select(Message).where(Message.lead_id == lead.id).order_by(Message.at.desc(), Message.id.desc())
    for message in db.session.execute(rows.limit(LONGEST)).scalars():
        yield Entry(message.at, message.kind, "note", message.words, message.author_name)


def _events(lead: Lead) -> Iterator[Entry]:
    rows = select(Event).where(Event.lead_id == lead.id, Event.name.startswith("lead.")).order_by(Event.id.desc())
    events = list(db.session.execute(rows.limit(LONGEST)).scalars())
    names = Names(("person", event.data.get(key)) for event in events for key in ("was", "now"))
    for event in events:
        icon, head, words = _told(event, names)
        who = event.actor_name if event.actor_id else ""
        yield Entry(event.at, "event", icon, words, who, head)


def _told(event: Event, names: Names) -> tuple[str, str, str]:
    data: dict[str, Any] = event.data
    if event.name == "lead.received":
        return "inbox", _("The request came"), source(str(data.get("source", "")))
    if event.name == "lead.rejected":
        return "circle-x", _("Is set aside"), reason(str(data.get("reason", "")))
    if event.name == "lead.assigned":
        was = names.of("person", data["was"]) if data.get("was") else _("nobody")
        return "user-share", _("Owner"), f"{was} → {names.of('person', data.get('now'))}"
    if event.name == "lead.qualified":
        return "layout-kanban", _("Became a deal"), f"№ {data.get('number', '')}"
    if event.name == "lead.answered":
        return "circle-check", _("The client was answered"), "" if data.get("on_time", True) else _("later than asked")
    icon, head = PLAIN.get(event.name, ("circle", event.name))
    return icon, str(head), ""


PLAIN = {
    "lead.taken": ("hand-stop", _l("Taken")),
    "lead.attached": ("copy", _l("Attached as a duplicate")),
    "lead.restored": ("arrow-back-up", _l("Taken back")),
    "lead.overdue": ("bell", _l("Nobody answered in time")),
}


# ── words ────────────────────────────────────────────────────────────────────


def source(code: str) -> str:
    """Where it came from, in words."""
    return choices.label("source", code, language()) if code else ""


def reason(code: str) -> str:
    """Why it was set aside, in words."""
    return choices.label("reject_reason", code, language()) if code else ""


def reasons() -> list[tuple[str, str]]:
    """What one may choose from when setting a lead aside."""
    return [(one.code, one.label(language())) for one in choices.choices("reject_reason")]


def klass_of(lead: Lead) -> tuple[str, str, str]:
    """The class in words, its hue, and why."""
    label, hue = CLASSES.get(LeadClass(lead.klass), (lead.klass, "slate"))
    return str(label), hue, told(lead.klass_reason)


# ── around it ────────────────────────────────────────────────────────────────


def same_people(lead: Lead) -> list[Client]:
    """The client that the lead was recognised as, if the actor may see it."""
    return [lead.client] if lead.client is not None else []


def open_tasks(lead: Lead) -> list[Task]:
    """What is still to be done about it."""
    rows = select(Task).where(Task.lead_id == lead.id, Task.done_at.is_(None)).order_by(Task.due_at, Task.id)
    return list(db.session.execute(rows.limit(20)).scalars())


def place_of(lead: Lead) -> Deal | Lead | None:
    """The deal it became or belongs to, or the lead that it repeats."""
    if lead.deal is not None or lead.duplicate_of_id is None:
        return lead.deal  # type: ignore[no-any-return]
    found = select(Lead).where(Lead.id == lead.duplicate_of_id)
    return db.session.execute(found).scalar_one_or_none()


def sources() -> list[tuple[str, str]]:
    """Where requests come from, for a filter."""
    return [(one.code, one.label(language())) for one in choices.choices("source")]


def source_codes() -> set[str]:
    """What a form may say about where a request came from."""
    return {one.code for one in choices.choices("source")}
