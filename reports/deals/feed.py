"""The one feed of a deal: what people wrote, what happened, what was changed; oldest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.wording import language, money
from models.deals import Deal
from models.ground.actor import SYSTEM, Scope, current_actor
from models.ground.base import db
from models.ground.history import Change, Event
from models.lowcode import choices
from models.messages import Message, MessageKind
from reports.deals.said import CREATED, Names, column_words, kind_of, value_words

ALL, NOTES, DOCUMENTS, HISTORY = "all", "notes", "documents", "history"
TABS = (ALL, NOTES, DOCUMENTS, HISTORY)
LONGEST = 150
# Nouns with a scope of their own: whoever reads none of them reads nothing of them in history either.
SCOPED = ("estimate", "document", "payment", "shipment", "task")
# Told by an Event in better words.
TOLD = {("deal", "stage_id"), ("deal", "owner_id"), ("deal", "lost_reason")}


@dataclass
class Entry:
    """A line or card of the feed. `kind`: note, incoming, outgoing, event, document, change."""

    at: dt.datetime
    kind: str
    icon: str
    words: str
    who: str = ""
    head: str = ""
    old: str = ""
    new: str = ""
    url: str = ""


@dataclass
class Feed:
    """A page of the feed; `earlier` is the moment before which there is more."""

    entries: list[Entry]
    earlier: dt.datetime | None = None


def feed(deal: Deal, tab: str = ALL, before: dt.datetime | None = None) -> Feed:
    """The last LONGEST entries of a tab, or those before a moment."""
    found: list[Entry] = []
    if tab in {ALL, NOTES}:
        found += _messages(deal, tab, before)
    if tab != NOTES:
        found += _events(deal, tab, before)
    if tab in {ALL, HISTORY}:
        found += _changes(deal, tab, before)
    found.sort(key=lambda entry: entry.at)
    return Feed(found[-LONGEST:], found[-LONGEST].at if len(found) >= LONGEST else None)


def _last(cls: Any, deal: Deal, before: dt.datetime | None) -> Any:
    rows = select(cls).where(cls.deal_id == deal.id).order_by(cls.at.desc(), cls.id.desc()).limit(LONGEST)
    return rows.where(cls.at < before) if before else rows


# ── what people wrote ────────────────────────────────────────────────────────


def _messages(deal: Deal, tab: str, before: dt.datetime | None) -> Iterator[Entry]:
    rows = _last(Message, deal, before)
    if tab == NOTES:
        rows = rows.where(Message.kind == MessageKind.NOTE)
    for message in db.session.execute(rows).scalars():
        who = message.author_name if message.author_name != SYSTEM.name else "Voronka"
        yield Entry(message.at, message.kind, "note", message.words, who)


# ── what happened ────────────────────────────────────────────────────────────


def _events(deal: Deal, tab: str, before: dt.datetime | None) -> Iterator[Entry]:
    rows = _last(Event, deal, before)
    if tab == DOCUMENTS:
        rows = rows.where(Event.name.startswith("document."))
    events = [event for event in db.session.execute(rows).scalars() if _is_told(event, tab)]
    names = Names(("person", event.data.get(key)) for event in events for key in ("was", "now", "assignee_id"))
    stages = {stage.code: stage.label(language()) for stage in deal.funnel.stages}
    for event in events:
        icon, head, words = TELLERS[event.name](event.data, names, stages)
        kind = "document" if event.name.startswith("document.") else "event"
        yield Entry(event.at, kind, icon, words, _who(event), head)


def _is_told(event: Event, tab: str) -> bool:
    loud = event.name not in QUIET or tab == HISTORY
    return loud and event.name in TELLERS and _may_read(event.table)


def _who(row: Any) -> str:
    """Who did it; what rules and jobs do is said to be automatic."""
    return _("automatically") if row.actor_name == SYSTEM.name else str(row.actor_name)


def _may_read(table: str) -> bool:
    actor = current_actor()
    return table not in SCOPED or actor.reads(table) is not Scope.NONE


Told = tuple[str, str, str]


def _moved(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    left, now = data.get("came_from", ""), data.get("stage", "")
    return "arrow-right", f"{stages.get(left, left)} → {stages.get(now, now)}", ""


def _lost(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    reason = choices.label("lost_reason", str(data.get("reason", "")), language())
    return "circle-x", _("Deal is lost"), reason


def _assigned(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
    was = names.of("person", data.get("was")) if data.get("was") else _("nobody")
    return "user-share", _("Owner"), f"{was} → {names.of('person', data.get('now'))}"


def _task(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        words = [str(data.get("title", "")), str(data.get("result", ""))]
        return icon, head(), ". ".join(part for part in words if part)

    return tell


def _money(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    """An event with a sum; `revision` or `number` tells which estimate or paper it is about."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        which = data.get("number") or data.get("revision")
        title = f"{head()} {which}" if which else head()
        total = data.get("amount") or data.get("total")
        shown = total if total and current_actor().sees("deal.amount") else None
        return icon, title, money(Decimal(str(shown))) if shown else ""

    return tell


def _plain(icon: str, head: Callable[[], str]) -> Callable[..., Told]:
    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        return icon, head(), ""

    return tell


def _document(icon: str, heads: dict[str, Callable[[str], str]]) -> Callable[..., Told]:
    """What happened to a paper, said by its kind and number; with its sum when the event knows it."""

    def tell(data: dict[str, Any], names: Names, stages: dict[str, str]) -> Told:
        head = heads.get(str(data.get("kind")), heads["invoice"])(str(data.get("number", "")))
        total = data.get("amount")
        shown = total if total and current_actor().sees("deal.amount") else None
        return icon, head, money(Decimal(str(shown))) if shown else ""

    return tell


TELLERS: dict[str, Callable[..., Told]] = {
    "lead.qualified": _plain("inbox", lambda: _("Lead became a deal")),
    "deal.started": _plain("circle-plus", lambda: _("Deal was started")),
    "deal.moved": _moved,
    "deal.won": _plain("circle-check", lambda: _("Deal is won")),
    "deal.lost": _lost,
    "deal.assigned": _assigned,
    "task.added": _task("circle", lambda: _("Task")),
    "task.finished": _task("circle-check", lambda: _("Done")),
    "estimate.saved": _money("calculator", lambda: _("Estimate, version")),
    "estimate.sent": _money("send", lambda: _("Quote was sent, version")),
    "estimate.agreed": _money("rosette-discount", lambda: _("Estimate is agreed, version")),
    "document.issued": _document(
        "file-invoice",
        {
            "invoice": lambda n: _("Invoice № %(number)s is issued", number=n),
            "quote": lambda n: _("Quote № %(number)s is made", number=n),
        },
    ),
    "document.ready": _document(
        "file-type-pdf",
        {
            "invoice": lambda n: _("Invoice № %(number)s: the file is ready", number=n),
            "quote": lambda n: _("Quote № %(number)s: the file is ready", number=n),
        },
    ),
    "document.failed": _document(
        "alert-circle",
        {
            "invoice": lambda n: _("Invoice № %(number)s: the file could not be made", number=n),
            "quote": lambda n: _("Quote № %(number)s: the file could not be made", number=n),
        },
    ),
    "document.cancelled": _document("ban", {"invoice": lambda n: _("Invoice № %(number)s is cancelled", number=n)}),
    "payment.recorded": _money("cash", lambda: _("Payment")),
    "payment.withdrawn": _money("arrow-back-up", lambda: _("Payment is withdrawn")),
    "shipment.recorded": _money("truck", lambda: _("Shipment")),
    "shipment.withdrawn": _money("arrow-back-up", lambda: _("Shipment is withdrawn")),
}
# The plan of a stage adds several tasks at once, and a paper is ready a second after its issue: the panels show
# them, and the full history.
QUIET = {"task.added", "document.ready"}


# ── what was changed ─────────────────────────────────────────────────────────


def _changes(deal: Deal, tab: str, before: dt.datetime | None) -> Iterator[Entry]:
    rows = _last(Change, deal, before)
    if tab == ALL:
        rows = rows.where(Change.table == "deal", Change.field != "")
    changes = [change for change in db.session.execute(rows).scalars() if _shown(change, tab)]
    kinds = {change.id: kind_of(change.table, change.field) for change in changes}
    names = Names((kinds[change.id], value) for change in changes for value in (change.old, change.new))
    for change in changes:
        if not change.field:
            words = str(CREATED.get(change.table, change.table))
            yield Entry(change.at, "change", "plus", "", _who(change), words)
            continue
        old, new = (value_words(kinds[change.id], value, names) for value in (change.old, change.new))
        head = column_words(change.table, change.field)
        yield Entry(change.at, "change", "pencil", "", _who(change), head, old, new)


def _shown(change: Change, tab: str) -> bool:
    """Hidden fields are hidden in history too; what an event tells stands only in the full history."""
    name = "deal.amount" if (change.table, change.field) == ("deal", "budget") else f"{change.table}.{change.field}"
    if not _may_read(change.table) or not current_actor().sees(name):
        return False
    return tab == HISTORY or (change.table, change.field) not in TOLD
