"""A checked row becomes a lead, once; and an import is taken back, lead by lead."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.rights import actor_of_person
from app.services import leads, trash
from app.services.imports.mapping import understood
from app.wording import speaking, told
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, db
from models.ground.history import Change
from models.ground.refused import Refused
from models.imports import ImportRow, LeadImport, Verdict
from models.leads import Lead, LeadState
from models.staff import Person


@contextmanager
def on_behalf(person: Person | None) -> Iterator[CrmSession]:
    """A session of its own in which history names whoever began it, while it reaches what the rules need."""
    actor = replace(actor_of_person(person), everything=True) if person else SYSTEM
    language, zone = (person.language, person.zone) if person else ("ru", "Europe/Moscow")
    with acting_as(actor) as session, speaking(language, zone):
        yield session


def numbers(job: LeadImport) -> list[int]:
    """The rows that become leads, in their order."""
    wanted = [Verdict.CREATE]
    if job.options.get("duplicates") == "create":
        wanted.append(Verdict.DUPLICATE)
    rows = select(ImportRow.number).where(ImportRow.import_id == job.id, ImportRow.verdict.in_(wanted))
    return list(db.session.execute(rows.order_by(ImportRow.number)).scalars())


def make(import_id: int, number: int) -> str:
    """The lead of one row, in the session at hand; the name of a count. Safe to run twice."""
    job = db.session.get_one(LeadImport, import_id)
    row = _row(import_id, number)
    if row is None or row.done:
        return "skipped"
    said = understood(row.cells, job)
    if said.wrong or said.is_empty:
        raise Refused(told(said.wrong) or _("The row is empty."))
    lead = leads.bring(said.inbound, _owner(job), job, said.day)
    row.lead_id, row.done = lead.id, True
    db.session.flush()
    return "created"


def _row(import_id: int, number: int) -> ImportRow | None:
    wanted = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.number == number).with_for_update()
    return db.session.execute(wanted).scalar_one_or_none()


def _owner(job: LeadImport) -> Person | str | None:
    """Whose the leads become: whoever's turn it is, or one person."""
    chosen = str(job.options.get("owner") or "me")
    if chosen == "turn":
        return chosen
    key = job.person_id if chosen == "me" else int(chosen)
    return db.session.get(Person, key) if key else None


def made(job: LeadImport) -> list[int]:
    """The leads of an import, the latest first."""
    rows = select(Lead.id).where(Lead.import_id == job.id).order_by(Lead.id.desc())
    return list(db.session.execute(rows).scalars())


def take_back(lead_id: int) -> str:
    """One lead of the import goes to the trash, unless somebody has worked on it. Refuses that in words."""
    lead = db.session.execute(select(Lead).where(Lead.id == lead_id)).scalar_one_or_none()
    if lead is None:
        return "skipped"
    if lead.state == LeadState.QUALIFIED or lead.deal_id:
        raise Refused(_("Lead № %(number)s is a deal already: it stays.", number=lead.id))
    if lead.answered_at is not None or _is_touched(lead):
        raise Refused(_("Somebody has worked on lead № %(number)s since: it stays.", number=lead.id))
    trash.erase(lead)
    return "taken_back"


def _is_touched(lead: Lead) -> bool:
    """Whether a person has changed anything of it after it came."""
    rows = select(func.count()).select_from(Change)
    rows = rows.where(Change.table == "lead", Change.row_id == lead.id, Change.actor_id.is_not(None))
    return bool(db.session.execute(rows.where(Change.old.is_not(None))).scalar())
