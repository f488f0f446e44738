"""The one feed of a deal: what people wrote, what happened, what was changed; oldest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from app.wording import language
from models.deals import Deal
from models.ground.actor import SYSTEM, Scope, current_actor
from models.ground.base import db
from models.ground.history import Change, Event
from models.messages import Message, MessageKind
from reports import files
from reports.deals.said import CREATED, Names, column_words, kind_of, value_words, who_did
from reports.deals.told import QUIET, TELLERS

ALL, TALK, NOTES, CALLS, DOCUMENTS, HISTORY = "all", "talk", "notes", "calls", "documents", "history"
TABS = (ALL, TALK, NOTES, CALLS, DOCUMENTS, HISTORY)
LONGEST, SEARCHED = 80, 1000
CALL_CHANNELS = ("call", "phone", "mango", "uis")
# Nouns with a scope of their own: whoever reads none of them reads nothing of them in history either.
SCOPED = ("estimate", "document", "payment", "shipment", "task")
# Told by an Event in better words.
TOLD = {
    ("deal", column)
    for column in (
        "stage_id", "funnel_id", "owner_id", "lost_reason", "lost_words", "competitor", "held_until", "held_reason",
    )
}  # fmt: skip


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
    message: Message | None = None

    def has(self, text: str) -> bool:
        """Whether the line says this, whatever the case and the letter ё."""
        return text in f"{self.words} {self.who} {self.head} {self.old} {self.new}".lower().replace("ё", "е")


@dataclass(frozen=True)
class Wanted:
    """Which part of the feed: a tab, what is older than a moment, what says something."""

    tab: str = ALL
    before: dt.datetime | None = None
    text: str = ""

    @property
    def is_first(self) -> bool:
        """The page that one begins with: what is pinned stands above it."""
        return not self.before and not self.text

    @property
    def limit(self) -> int:
        """A page; a search looks further back."""
        return SEARCHED if self.text else LONGEST


@dataclass
class Feed:
    """A page of the feed; `earlier` is the moment before which there is more, `pins` stand above it."""

    entries: list[Entry]
    earlier: dt.datetime | None = None
    pins: list[Message] = field(default_factory=list)
    wanted: Wanted = field(default_factory=Wanted)
    changes: list[Change] = field(default_factory=list)
    files: dict[int, list[Any]] = field(default_factory=dict)


def feed(deal: Deal, wanted: Wanted) -> Feed:
    """The last entries of a tab with what is pinned, or those before a moment, or those that say a text."""
    found: list[Entry] = []
    edges: list[dt.datetime] = []
    pinned: list[Message] = []
    changes: list[Change] = []
    if wanted.tab in {ALL, TALK, NOTES, CALLS}:
        found += _messages(deal, wanted, edges, pinned)
    elif wanted.is_first:
        pinned += db.session.execute(select(Message).where(*_is_pinned(deal))).scalars()
    if wanted.tab in {ALL, DOCUMENTS, HISTORY}:
        found += _events(deal, wanted, edges)
    if wanted.tab in {ALL, HISTORY}:
        changes = _read_changes(deal, wanted, edges)
        found += _changes(changes, wanted.tab)
    if wanted.text:
        folded = wanted.text.lower().replace("ё", "е")
        found = [entry for entry in found if entry.has(folded)]
    found.sort(key=lambda entry: entry.at)
    if len(found) > LONGEST:
        edges.append(found[-LONGEST].at)
    # A source that was cut off is known only back to its edge: what is older comes with the next page.
    earlier = max(edges, default=None)
    pinned.sort(key=lambda message: message.pinned_at or message.at, reverse=True)
    return Feed([one for one in found if not earlier or one.at >= earlier], earlier, pinned, wanted, changes)


def _is_pinned(deal: Deal) -> tuple[Any, ...]:
    return Message.deal_id == deal.id, Message.pinned_at.is_not(None)


def _last(cls: Any, deal: Deal, wanted: Wanted, edges: list[dt.datetime], *narrower: Any) -> list[Any]:
    """The last rows of a source; where it was cut off is noted in `edges`."""
    rows = select(cls).where(cls.deal_id == deal.id, *narrower).order_by(cls.at.desc(), cls.id.desc())
    if wanted.before:
        rows = rows.where(cls.at < wanted.before)
    found = list(db.session.execute(rows.limit(wanted.limit)).scalars())
    if len(found) == wanted.limit:
        edges.append(found[-1].at)
    return found


# ── what people wrote ────────────────────────────────────────────────────────


PARTS: dict[str, tuple[Any, ...]] = {
    NOTES: (Message.kind == MessageKind.NOTE,),
    TALK: (Message.kind != MessageKind.NOTE, Message.channel.not_in(CALL_CHANNELS)),
    CALLS: (Message.channel.in_(CALL_CHANNELS),),
}


def _messages(deal: Deal, wanted: Wanted, edges: list[dt.datetime], pinned: list[Message]) -> Iterator[Entry]:
    """Those of the tab; the first page brings what is pinned in the same statement."""
    narrower = PARTS.get(wanted.tab, ())
    if not wanted.is_first:
        for message in _last(Message, deal, wanted, edges, *narrower):
            yield entry_of(message)
        return
    latest = select(Message.id).where(Message.deal_id == deal.id, *narrower)
    latest = latest.order_by(Message.at.desc(), Message.id.desc()).limit(wanted.limit)
    rows = select(Message, Message.id.in_(latest)).where(
        Message.deal_id == deal.id, or_(Message.pinned_at.is_not(None), Message.id.in_(latest))
    )
    found = db.session.execute(rows.order_by(Message.at.desc(), Message.id.desc())).all()
    pinned += [message for message, _is_latest in found if message.pinned_at]
    shown = [message for message, is_latest in found if is_latest]
    if len(shown) == wanted.limit:
        edges.append(shown[-1].at)
    yield from map(entry_of, shown)


def entry_of(message: Message) -> Entry:
    """A message as a line of the feed."""
    who = message.author_name if message.author_name != SYSTEM.name else "Voronka"
    kind = "call" if message.channel in CALL_CHANNELS and message.kind != MessageKind.NOTE else message.kind
    return Entry(message.at, kind, "note", message.words, who, message.subject, message=message)


# ── what happened ────────────────────────────────────────────────────────────


def _events(deal: Deal, wanted: Wanted, edges: list[dt.datetime]) -> list[Entry]:
    papers = or_(Event.name.startswith("document."), Event.name.startswith("file."))
    narrower = (papers,) if wanted.tab == DOCUMENTS else ()
    events = [event for event in _last(Event, deal, wanted, edges, *narrower) if _is_told(event, wanted.tab)]
    names = Names(("person", event.data.get(key)) for event in events for key in ("was", "now", "assignee_id"))
    stages = {stage.code: stage.label(language()) for stage in deal.funnel.stages}
    found = []
    for event in events:
        icon, head, words = TELLERS[event.name](event.data, names, stages)
        kind = "document" if event.name.startswith("document.") else "event"
        found.append(Entry(event.at, kind, icon, words, who_did(event), head))
    return files.gathered(found)


def _is_told(event: Event, tab: str) -> bool:
    loud = event.name not in QUIET or tab == HISTORY
    return loud and event.name in TELLERS and _may_read(event.table)


def _may_read(table: str) -> bool:
    actor = current_actor()
    return table not in SCOPED or actor.reads(table) is not Scope.NONE


# ── what was changed ─────────────────────────────────────────────────────────


def _read_changes(deal: Deal, wanted: Wanted, edges: list[dt.datetime]) -> list[Change]:
    """Those that the actor may see, newest first."""
    narrower = (Change.table == "deal", Change.field != "") if wanted.tab == ALL else ()
    return [one for one in _last(Change, deal, wanted, edges, *narrower) if _may_see(one)]


def _changes(changes: list[Change], tab: str) -> Iterator[Entry]:
    """What an event tells stands only in the full history."""
    changes = [change for change in changes if tab == HISTORY or (change.table, change.field) not in TOLD]
    kinds = {change.id: kind_of(change.table, change.field) for change in changes}
    names = Names((kinds[change.id], value) for change in changes for value in (change.old, change.new))
    for change in changes:
        if not change.field:
            words = str(CREATED.get(change.table, change.table))
            yield Entry(change.at, "change", "plus", "", who_did(change), words)
            continue
        old, new = (value_words(kinds[change.id], value, names) for value in (change.old, change.new))
        head = column_words(change.table, change.field)
        yield Entry(change.at, "change", "pencil", "", who_did(change), head, old, new)


def _may_see(change: Change) -> bool:
    """Hidden fields are hidden in history too."""
    name = "deal.amount" if (change.table, change.field) == ("deal", "budget") else f"{change.table}.{change.field}"
    return _may_read(change.table) and current_actor().sees(name)
