"""What was said with a client in all deals and requests, how these began and ended, and what was corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.wording import phone
from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.duplicates import Merge
from models.ground.actor import SYSTEM, Scope, acting_as, current_actor
from models.ground.base import db
from models.ground.history import Change, Event
from models.leads import Lead
from models.messages import Message
from reports.clients import KINDS
from reports.deals.feed import Entry
from reports.deals.said import Names, who_did

LONGEST = 100


def feed(client: Client, deals: Sequence[Deal], leads: Sequence[Lead]) -> list[Entry]:
    """The last LONGEST entries, oldest first."""
    found = [*_messages(client, deals, leads), *_events(deals), *_changes(client), *_merges(client)]
    found.sort(key=lambda entry: entry.at)
    return found[-LONGEST:]


def _messages(client: Client, deals: Sequence[Deal], leads: Sequence[Lead]) -> Iterator[Entry]:
    if current_actor().reads("message") is Scope.NONE:
        return
    numbers = {deal.id: deal.number for deal in deals}
    of_leads = Message.lead_id.in_([lead.id for lead in leads])
    of_client = (Message.client_id == client.id) & Message.deal_id.is_(None)
    rows = select(Message).where(or_(Message.deal_id.in_(numbers), of_leads, of_client))
    for message in db.session.execute(rows.order_by(Message.at.desc()).limit(LONGEST)).scalars():
        number = numbers.get(message.deal_id or 0)
        head = _("deal № %(number)s", number=number) if number else ""
        url = f"/deals/{number}" if number else f"/leads/{message.lead_id}" if message.lead_id else ""
        yield Entry(
            message.at, message.kind, "note", message.words, message.author_name, head, url=url, message=message
        )


HEADS = {
    "deal.started": ("circle-plus", _l("Deal was started")),
    "deal.won": ("circle-check", _l("Deal is won")),
    "deal.lost": ("circle-x", _l("Deal is lost")),
}
ENDS = {"deal.won", "deal.lost"}
# A move out of an end takes the deal up again; of other moves the deal itself tells.
MOVED, REOPENED = "deal.moved", ("player-play", _l("Taken up again"))


def _events(deals: Sequence[Deal]) -> Iterator[Entry]:
    numbers = {deal.id: deal.number for deal in deals}
    rows = select(Event).where(Event.deal_id.in_(numbers), Event.name.in_((*HEADS, MOVED))).order_by(Event.id.desc())
    closed: set[int | None] = set()
    for event in reversed(db.session.execute(rows.limit(LONGEST)).scalars().all()):
        if event.name == MOVED and event.deal_id not in closed:
            continue
        closed.discard(event.deal_id)
        if event.name in ENDS:
            closed.add(event.deal_id)
        icon, head = HEADS.get(event.name, REOPENED)
        number = numbers[event.deal_id or 0]
        yield Entry(event.at, "event", icon, f"№ {number}", who_did(event), str(head), url=f"/deals/{number}")


WORDS = {
    "name": _p("client", "Name"), "kind": _l("Who it is"), "full_name": _l("Name in full"), "inn": _l("INN"),
    "kpp": _l("KPP"), "address": _l("Address"), "comment": _l("Comment"), "owner_id": _l("Owner"),
    "promo": _l("Promo code"), "partner_terms": _l("Terms of the partner"),
    # A contact that was taken away.
    "phone": _l("Contact"), "email": _l("Contact"),
}  # fmt: skip


def _changes(client: Client) -> Iterator[Entry]:
    """What was corrected, and contacts as they came and went. Changes are read with a deal; the client is in reach."""
    actor = current_actor()
    points = {point.id: point for point in client.contacts if _is_seen(point)}
    of_client = (Change.table == "client") & (Change.row_id == client.id) & Change.field.in_(WORDS)
    added = (Change.table == "contact_point") & Change.row_id.in_(points) & (Change.field == "")
    with acting_as(SYSTEM) as session:
        rows = select(Change).where(or_(of_client, added)).order_by(Change.at.desc()).limit(LONGEST)
        found = session.execute(rows).scalars().all()
        names = Names(("person", value) for row in found if row.field == "owner_id" for value in (row.old, row.new))
        for row in found:
            who = who_did(row)
            if not row.field:
                yield Entry(row.at, "change", "plus", "", who, _("Contact"), "", _said(points[row.row_id]))
            elif actor.sees(f"client.{row.field}"):
                old, new = (_value(row.field, value, names) for value in (row.old, row.new))
                yield Entry(row.at, "change", "pencil", "", who, str(WORDS[row.field]), old, new)


def _merges(client: Client) -> Iterator[Entry]:
    """With whom the client was merged, and what of it was taken back."""
    rows = select(Merge).where(or_(Merge.survivor_id == client.id, Merge.loser_id == client.id))
    loads = (selectinload(Merge.by), selectinload(Merge.undone_by))
    may_open = current_actor().may("can_merge", "Clients")
    for merge in db.session.execute(rows.options(*loads).order_by(Merge.id.desc()).limit(LONGEST)).scalars():
        other = "loser" if merge.survivor_id == client.id else "survivor"
        name, url = merge.snapshot.get(other, {}).get("name", ""), f"/clients/merges/{merge.id}" if may_open else ""
        who = merge.by.name if merge.by else ""
        yield Entry(merge.at, "event", "git-merge", name, who, _("Merged with"), url=url)
        if merge.undone_at:
            who = merge.undone_by.name if merge.undone_by else ""
            yield Entry(merge.undone_at, "event", "arrow-back-up", name, who, _("The merge is taken back"), url=url)


def _said(point: ContactPoint) -> str:
    signs = {ContactKind.PHONE: phone(point.value), ContactKind.HANDLE: f"@{point.value}"}
    return signs.get(ContactKind(point.kind), point.value)


def _is_seen(point: ContactPoint) -> bool:
    return current_actor().sees("client.email" if point.kind == ContactKind.EMAIL else "client.phone")


def _value(field: str, value: object, names: Names) -> str:
    if value is None or value == "":
        return ""
    if field == "owner_id":
        return names.of("person", value)
    if field == "phone":
        return phone(str(value))
    return str(KINDS.get(value, value)) if field == "kind" else str(value)  # type: ignore[call-overload]
