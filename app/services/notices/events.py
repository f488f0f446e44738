"""What a person may be told of: each event's name on the screen, its group, and the ways it comes by at first."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

BELL, EMAIL, PUSH, TELEGRAM, APPRISE = "bell", "email", "push", "telegram", "apprise"
ALL = frozenset({BELL, EMAIL, PUSH, TELEGRAM, APPRISE})
# What costs money or rings a second time is asked for by the person.
USUAL = ALL - {APPRISE}
CALM = frozenset({BELL, EMAIL})
# Rings on the phone, and is too short-lived for a letter.
NOW = frozenset({BELL, PUSH, TELEGRAM})
ONLY_BELL = frozenset({BELL})


@dataclass(frozen=True)
class Kind:
    """An event as its line of the switches says it. `urgent` may pass through quiet hours."""

    label: Any
    group: str
    ways: frozenset[str] = USUAL
    urgent: bool = False


GROUPS = {
    "leads": _l("Leads and clients"),
    "tasks": _l("Tasks and visits"),
    "deals": _l("Deals and money"),
    "work": _l("Other"),
}
EVENTS: dict[str, Kind] = {
    "lead.received": Kind(_l("A new lead for me"), "leads", ALL),
    "lead.overdue": Kind(_l("The response target of a lead ran out"), "leads", ALL, urgent=True),
    "lead.escalated": Kind(_l("A lead that nobody answered was handed on"), "leads", ALL, urgent=True),
    "call.missed": Kind(_l("A call was missed"), "leads", ALL),
    "lead.attached": Kind(_l("My client sent another request"), "leads"),
    "message.received": Kind(_l("My client wrote in a chat or by mail"), "leads"),
    "message.failed": Kind(_l("My message did not reach the client"), "leads", NOW),
    "lead.assigned": Kind(_l("A lead was handed over to me"), "leads"),
    "client.asked": Kind(_l("A colleague asks for access to my client"), "leads"),
    "task.added": Kind(_l("I was given a task"), "tasks", NOW),
    "task.due": Kind(_l("A task of mine begins soon"), "tasks", NOW),
    "task.overdue": Kind(_l("A task of mine is late"), "tasks", NOW),
    "task.transferred": Kind(_l("A task was handed over"), "tasks", NOW),
    "visit.planned": Kind(_l("A visit was planned for me"), "tasks"),
    "visit.moved": Kind(_l("A visit of mine was moved"), "tasks"),
    "visit.cancelled": Kind(_l("A visit of mine was cancelled"), "tasks"),
    "visit.done": Kind(_l("A visit for my deal is made"), "tasks", NOW),
    "message.mentioned": Kind(_l("I was mentioned"), "deals"),
    "deal.assigned": Kind(_l("A deal was handed over to me"), "deals"),
    "deal.woken": Kind(_l("A deal put on hold wakes up"), "deals"),
    "document.ready": Kind(_l("A document is ready"), "deals", CALM),
    "document.failed": Kind(_l("A document could not be made"), "deals", CALM),
    "payment.recorded": Kind(_l("A payment came for my deal"), "deals", NOW),
    "shipment.recorded": Kind(_l("My deal was shipped"), "deals", CALM),
    "work.ended": Kind(_l("Long work in the background has ended"), "work", ONLY_BELL),
    "channel.troubled": Kind(_l("A channel stopped working"), "work", ALL, urgent=True),
}


def kind_of(event: str) -> Kind:
    """An event that has no line of its own comes by the usual ways."""
    return EVENTS.get(event) or Kind(event, "work")


# What an address of the company may hear of: events that a rule tells somebody of, in words of nobody's own.
COMPANY: dict[str, Any] = {
    "lead.received": _l("A new lead"),
    "lead.overdue": _l("The response target of a lead ran out"),
    "lead.escalated": _l("A lead that nobody answered was handed on"),
    "call.missed": _l("A call was missed"),
    "message.received": _l("A client wrote in a chat or by mail"),
    "payment.recorded": _l("A payment came"),
}
