"""The card of a lead: what was said and done, open tasks, where it belongs, the leads before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.deals import Deal
from models.ground.base import db
from models.ground.history import Event
from models.leads import Lead
from models.messages import Message
from models.tasks import Task
from reports.deals.feed import Entry
from reports.deals.said import Names
from reports.leads import reason, source

LONGEST = 200


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
