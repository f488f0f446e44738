"""How an event is told to a person: title, words, where it leads, and what its letter shows."""

from collections.abc import Mapping
from typing import Any

from app.automations.subject import Subject
from app.wording import money, phone
from models.ground.actor import Actor
from models.leads import Lead

LONGEST = 500


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
    if subject.event.table == "task" and subject.row is not None:
        return str(subject.row.title)
    return _short(subject.deal.title) if subject.deal else ""


def url_of(subject: Subject) -> str:
    """The page it leads to."""
    event = subject.event
    if event.name == "lead.attached" and event.data.get("lead_id"):
        return f"/leads/{event.data['lead_id']}"
    if subject.deal is not None:
        return f"/deals/{subject.deal.number}"
    return f"/leads/{subject.lead.id}" if subject.lead is not None else ""


def letter_of(subject: Subject, reader: Actor) -> tuple[str, dict[str, Any]]:
    """The template of the letter and its values, without what the reader's roles hide."""
    lead = subject.lead
    if lead is None or subject.event.table != "lead":
        return "notice", {}
    sees = reader.sees("lead.phone")
    return "lead", {
        "number": lead.id,
        "name": lead.name,
        "phone": phone(lead.phone) if sees else "",
        "tel": lead.phone if sees else "",
        "email": lead.email if reader.sees("client.email") else "",
        "handle": lead.handle,
        "klass": lead.klass,
        "reason": lead.klass_reason,
        "source": lead.source,
        "received_at": lead.received_at,
        "respond_by": lead.respond_by,
        "extra": _few(lead),
    }


def _few(lead: Lead) -> dict[str, str]:
    """What else the form asked, without the numbers that only its sender understands."""
    shown = {k: str(v) for k, v in lead.extra.items() if k.lower() not in ("formid", "formname", "tranid")}
    return dict(list(shown.items())[:8])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
