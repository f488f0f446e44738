"""How an event is told to a person: title, words, where it leads, and what its letter shows."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.automations.subject import Subject
from app.wording import language, moment, money, told, zone
from models.ground.actor import Actor
from models.leads import Lead
from models.lowcode.choices import label

LONGEST = 500
NUMBERS = ("formid", "formname", "tranid")


def title_of(subject: Subject, names: Mapping[str, str], language: str) -> str:
    """The rule's words and whom or what it is about: «Новый лид: Ирина Соколова»."""
    head = names.get(language) or next(iter(names.values()), subject.event.name)
    return f"{head}: {subject.name}" if subject.name else str(head)


def words_of(subject: Subject) -> str:
    """The second line: the client's words, a sum, the title of a deal."""
    if subject.event.table == "lead" and subject.lead:
        return _short(subject.lead.words)
    if subject.event.table in ("payment", "shipment") and subject.row is not None:
        return money(subject.row.amount)
    if subject.event.table == "message" and subject.row is not None:
        files = ", ".join(str(one.get("name", "")) for one in subject.row.extra.get("waiting", []))
        return _short(subject.row.words or subject.row.subject or files)
    if subject.event.table == "channel":
        return told(str(subject.event.data.get("words", "")))
    if subject.event.table == "task" and subject.row is not None:
        due, reason = subject.row.due_at, str(subject.event.data.get("reason", ""))
        return ". ".join(part for part in (subject.row.title, moment(due) if due else "", reason) if part)
    if subject.event.table == "visit" and subject.row is not None:
        said = (moment(subject.row.starts_at), subject.row.address, subject.row.reason, subject.row.result)
        return _short(". ".join(part for part in said if part))
    return _short(subject.deal.title) if subject.deal else ""


def url_of(subject: Subject) -> str:
    """The page it leads to."""
    event = subject.event
    if event.name == "lead.attached" and event.data.get("lead_id") and subject.lead is not None:
        return f"/leads/{event.data['lead_id']}"
    if event.table == "channel":
        return f"/channels/{event.row_id}"
    if event.table == "visit" and subject.row is not None and event.name != "visit.done":
        return f"/visits/?day={subject.row.starts_at.astimezone(zone()):%Y-%m-%d}"
    if subject.deal is not None:
        return f"/deals/{subject.deal.number}"
    if event.table == "task" and subject.lead is None:
        return "/tasks/list/"
    return f"/leads/{subject.lead.id}" if subject.lead is not None else ""


def letter_of(subject: Subject, reader: Actor) -> tuple[str, dict[str, Any]]:
    """The letter's template and values, in the language at hand, without what the reader may not see."""
    lead = subject.lead
    if lead is None or subject.event.name != "lead.received" or lead.respond_by is None:
        return "notice", {}
    sees = reader.sees("lead.phone")
    return "lead", {
        "number": lead.id,
        "name": lead.name,
        "phone": lead.phone if sees else "",
        "email": lead.email if sees else "",
        "source": label("source", lead.source, language()),
        "came_at": lead.received_at,
        "answer_by": lead.respond_by,
        "minutes": round((lead.respond_by - lead.received_at).total_seconds() / 60),
        "words": _short(lead.words),
        "facts": _facts(lead),
    }


def _facts(lead: Lead) -> list[tuple[str, str]]:
    """What is known of the client, and what else the form asked, without its sender's own numbers."""
    known = [(_("Client"), told(lead.klass_reason))] if lead.client_id else []
    asked = [(name, str(value)) for name, value in lead.extra.items() if name.lower() not in NUMBERS]
    handle = [(_("Messenger"), lead.handle)] if lead.handle else []
    return [*known, *handle, *asked[:8]]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
