"""Every row is looked at before anything is made: new, there already, empty, or with a mistake told in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from app.services import clients
from app.services.imports.mapping import Row, understood
from app.wording import kept
from models.clients import Client, ContactKind, ContactPoint
from models.deals import Deal
from models.ground.base import db
from models.imports import ImportRow, ImportState, LeadImport, Verdict
from models.leads import LIVE_STATES, Lead

PIECE = 500
Told = tuple[str, str]


def look_through(job: LeadImport, step: Callable[[int], bool] | None = None) -> bool:
    """Judge all rows anew; False when `step`, called after each piece with its size, says to stop."""
    seen: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for numbers in _pieces(job.total):
        rows = _rows(job, numbers)
        found = [(row, understood(row.cells, job)) for row in rows]
        known = _known([said for _row, said in found])
        for row, said in found:
            row.verdict, row.words = _judged(row, said, seen, known)
            counts[row.verdict] += 1
        db.session.flush()
        if step is not None and not step(len(rows)):
            return False
    job.counts, job.state = dict(counts), ImportState.CHECKED
    db.session.flush()
    return True


def _pieces(total: int) -> Iterable[range]:
    return (range(first, min(first + PIECE, total + 1)) for first in range(1, total + 1, PIECE))


def _rows(job: LeadImport, numbers: range) -> Sequence[ImportRow]:
    rows = select(ImportRow).where(ImportRow.import_id == job.id, ImportRow.number.between(numbers[0], numbers[-1]))
    return db.session.execute(rows.order_by(ImportRow.number)).scalars().all()


def _judged(row: ImportRow, said: Row, seen: dict[str, int], known: dict[str, str]) -> Told:
    if said.is_empty:
        return Verdict.SKIP, kept("The row is empty.")
    if said.wrong:
        return Verdict.ERROR, said.wrong
    contacts = [value for value in (said.phone, said.email, _handle(said)) if value]
    twin = next((seen[value] for value in contacts if value in seen), None)
    for value in contacts:
        seen.setdefault(value, row.number)
    if twin is not None:
        return Verdict.DUPLICATE, kept("The same contact as in row %(number)s.", number=twin)
    there = next((known[value] for value in contacts if value in known), None)
    return (Verdict.DUPLICATE, there) if there else (Verdict.CREATE, "")


def _handle(said: Row) -> str:
    return f"@{said.inbound.handle}" if said.inbound.handle else ""


def _known(rows: Sequence[Row]) -> dict[str, str]:
    """Contacts of a piece with an open deal or a live lead, whoever may see those: told without names."""
    values = {value for row in rows for value in (row.phone, row.email) if value}
    handles = {row.inbound.handle for row in rows if row.inbound.handle}
    found: dict[str, str] = {}
    with clients.everywhere() as session:
        for number, phone, email, handle in session.execute(_live_leads(values, handles)):
            words = kept("Lead № %(number)s with this contact is still open.", number=number)
            found |= dict.fromkeys([one for one in (phone, email, f"@{handle}" if handle else "") if one], words)
        for kind, value, number in session.execute(_open_deals(values, handles)):
            key = f"@{value}" if kind == ContactKind.HANDLE else value
            found[key] = kept("The client has an open deal, № %(number)s.", number=number)
    return found


def _live_leads(values: set[str], handles: set[str]) -> Any:
    same = Lead.phone.in_(values) | Lead.email.in_(values) | Lead.handle.in_(handles)
    return select(Lead.id, Lead.phone, Lead.email, Lead.handle).where(same, Lead.state.in_(LIVE_STATES))


def _open_deals(values: set[str], handles: set[str]) -> Any:
    return (
        select(ContactPoint.kind, ContactPoint.value, Deal.number)
        .join(Client, Client.id == ContactPoint.client_id)
        .join(Deal, Deal.client_id == Client.id)
        .where(ContactPoint.value.in_(values | handles), Deal.closed_at.is_(None))
    )


def begin_anew(job: LeadImport) -> None:
    """Nothing of an earlier check counts any more."""
    rows = update(ImportRow).where(ImportRow.import_id == job.id)
    db.session.execute(rows.values(verdict=Verdict.CREATE, words=""))
    job.counts = {}
