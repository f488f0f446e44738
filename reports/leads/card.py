"""The card of a lead: what was said and done, open tasks, where it belongs, the leads before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import or_, select, tuple_

from app.wording import phone
from models.clients import Consent
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as, current_actor
from models.ground.base import db
from models.ground.history import Change, Event
from models.leads import Lead
from models.messages import Message
from models.tasks import Task
from reports import files
from reports.deals.feed import Entry
from reports.deals.said import Names, who_did
from reports.leads import CLASSES, reason, source, waiting

LONGEST = 200


def feed(lead: Lead) -> list[Entry]:
    """What was said about the lead and what was done with it, oldest first."""
    found = [*_messages(lead), *_events(lead), *_changes(lead)]
    found.sort(key=lambda entry: entry.at)
    return found[-LONGEST:]


def _messages(lead: Lead) -> Iterator[Entry]:
    rows = select(Message).where(Message.lead_id == lead.id).order_by(Message.at.desc(), Message.id.desc())
    for message in db.session.execute(rows.limit(LONGEST)).scalars():
        yield Entry(message.at, message.kind, "note", message.words, message.author_name, message=message)


def _events(lead: Lead) -> list[Entry]:
    told = or_(Event.name.startswith("lead."), Event.name.startswith("file."))
    rows = select(Event).where(Event.lead_id == lead.id, told).order_by(Event.id.desc())
    events = list(db.session.execute(rows.limit(LONGEST)).scalars())
    names = Names(("person", event.data.get(key)) for event in events for key in ("was", "now"))
    found = []
    for event in events:
        icon, head, words = _told(event, names)
        who = event.actor_name if event.actor_id else ""
        found.append(Entry(event.at, "event", icon, words, who, head))
    return files.gathered(found)


WORDS = {"name": _p("person", "Name"), "phone": _l("Phone"), "email": _l("E-mail"), "words": _l("Request")}


def _changes(lead: Lead) -> Iterator[Entry]:
    """What was corrected by hand. Changes are read with a deal; a lead has none yet, but is in reach itself."""
    hidden = set() if current_actor().sees("lead.phone") else {"phone", "email"}
    rows = select(Change).where(Change.table == "lead", Change.row_id == lead.id, Change.field.in_(set(WORDS) - hidden))
    with acting_as(SYSTEM) as session:
        for change in session.execute(rows.order_by(Change.at.desc()).limit(LONGEST)).scalars():
            said = phone if change.field == "phone" else str
            old, new = (said(value or "") for value in (change.old, change.new))
            yield Entry(change.at, "change", "pencil", "", who_did(change), str(WORDS[change.field]), old, new)


def _told(event: Event, names: Names) -> tuple[str, str, str]:
    data: dict[str, Any] = event.data
    teller = TELLERS.get(event.name)
    if teller is not None:
        return teller(data, names)
    icon, head = PLAIN.get(event.name, ("circle", event.name))
    return icon, str(head), ""


Told = tuple[str, str, str]


def _owner(data: dict[str, Any], names: Names) -> Told:
    was = names.of("person", data["was"]) if data.get("was") else _("nobody")
    now = names.of("person", data["now"]) if data.get("now") else _("nobody")
    return "user-share", _("Owner"), f"{was} → {now}"


def _class(data: dict[str, Any], names: Names) -> Told:
    words = [str(CLASSES[data[key]][0]) if data.get(key) in CLASSES else "" for key in ("was", "now")]
    return "tag", _("Class"), " → ".join(words)


TELLERS: dict[str, Any] = {
    "lead.received": lambda data, _names: ("inbox", _("The request came"), source(str(data.get("source", "")))),
    "lead.rejected": lambda data, _names: ("circle-x", _("Is set aside"), reason(str(data.get("reason", "")))),
    "lead.assigned": _owner,
    "lead.classified": _class,
    "lead.qualified": lambda data, _names: ("layout-kanban", _("Became a deal"), f"№ {data.get('number', '')}"),
    "lead.recognised": lambda data, _names: ("user-check", _("The client is known"), str(data.get("client", ""))),
    "file.added": lambda data, _names: ("paperclip", _("File added"), str(data.get("file", ""))),
    "file.removed": lambda data, _names: ("trash", _("File removed"), str(data.get("file", ""))),
    "file.restored": lambda data, _names: ("arrow-back-up", _("File brought back"), str(data.get("file", ""))),
    "lead.answered": lambda data, _names: (
        "circle-check",
        _("The client was answered"),
        "" if data.get("on_time", True) else _("later than asked"),
    ),
}
PLAIN = {
    "lead.taken": ("hand-stop", _l("Taken")),
    "lead.handed_back": ("arrow-back-up", _l("Given back")),
    "lead.attached": ("copy", _l("Attached as a duplicate")),
    "lead.restored": ("arrow-back-up", _l("Taken back")),
    "lead.overdue": ("bell", _l("Nobody answered in time")),
    "lead.escalated": ("bell", _l("The head was told")),
    "lead.mended": ("refresh", _l("Read anew from what came")),
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


def consents(lead: Lead) -> list[dict[str, Any]]:
    """What its sender agreed to: the sentence, when and from where. Consents are kept out of everybody's reach."""
    if not current_actor().sees("lead.phone"):
        return []
    with acting_as(SYSTEM) as session:
        rows = session.execute(select(Consent).where(Consent.lead_id == lead.id).order_by(Consent.id)).scalars()
        names = ("words", "text_version", "given_at", "address")
        return [{name: getattr(row, name) for name in names} for row in rows]


def neighbours(lead: Lead) -> tuple[int | None, int | None]:
    """The keys of the lead before and after: among those that wait in the order of the list, else by time of coming."""
    actor = current_actor()
    if lead.is_live and lead.answered_at is None and lead.respond_by is not None:
        order, here, within = (Lead.respond_by, Lead.id), (lead.respond_by, lead.id), waiting(actor)
    else:
        order, here, within = (Lead.received_at, Lead.id), (lead.received_at, lead.id), []
    columns = [one.desc() for one in order]
    before = select(Lead.id).where(tuple_(*order) < here, *within).order_by(*columns).limit(1)
    after = select(Lead.id).where(tuple_(*order) > here, *within).order_by(*order).limit(1)
    found = db.session.execute(select(before.scalar_subquery(), after.scalar_subquery())).one()
    # The list of all stands with the newest first: what is after it came earlier.
    return (found[0], found[1]) if within else (found[1], found[0])
