"""Verbs of the trash: a deleted row lies there for 30 days, can be restored, and then goes for good."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.services import files, payments, shipments
from app.wording import moment
from models.clients import Client, Consent
from models.deals import Deal
from models.documents import Document
from models.ground.access import WITH_DELETED
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.files import StoredFile
from models.ground.history import record
from models.ground.refused import NotFound, Refused
from models.leads import Lead, LeadState
from models.payments import Payment
from models.products import Product
from models.shipments import Shipment
from models.tasks import Task
from models.visits import Visit, VisitState

KEPT_FOR = dt.timedelta(days=30)
# What throwing away and taking back set off (app/automations/engine.py).
THROWN, RESTORED = "trash.thrown", "trash.restored"
DEALS: Any = Deal.__table__.c
LEADS: Any = Lead.__table__.c
VISITS: Any = Visit.__table__.c
# How a deal or lead names clients: whose it is, who pays, who brought it.
NAMES = ("client_id", "payer_id", "partner_id")


@dataclass(frozen=True)
class Bin:
    """A table whose rows can be thrown away, and its name in the plural.

    Rows that everybody may read are restored by whoever may delete them: `view` names the permission.
    """

    model: Any
    label: Any
    view: str = ""


BINS: dict[str, Bin] = {
    "lead": Bin(Lead, _l("Leads")),
    "deal": Bin(Deal, _l("Deals")),
    "client": Bin(Client, _l("Clients")),
    "task": Bin(Task, _l("Tasks")),
    "payment": Bin(Payment, _l("Payments")),
    "shipment": Bin(Shipment, _l("Shipments")),
    "file": Bin(StoredFile, _l("Files")),
    "product": Bin(Product, _l("Price list"), "Products"),
}


def open_bins() -> dict[str, Bin]:
    """Those that the actor may look into."""
    actor = current_actor()
    return {
        noun: bin_
        for noun, bin_ in BINS.items()
        if (actor.may("can_delete", bin_.view) if bin_.view else bin_.model.reading_scope(actor))
    }


def erase(row: Any) -> None:
    """Move a row to the trash; what is to be done on a deal or lead follows it.

    Raises Refused when papers, money or deals depend on it, somebody is to go there, or a deal is made of it.
    """
    if isinstance(row, Deal):
        _check_deal(row)
    if isinstance(row, Lead):
        _check_lead(row)
    if isinstance(row, Client):
        _check_client(row)
    if isinstance(row, Deal | Lead):
        _check_visits(row)
    row.deleted_at = utcnow()
    row.deleted_by_id = current_actor().person_id
    db.session.flush()
    if isinstance(row, Deal | Lead):
        record(THROWN, row)


def _check_deal(deal: Deal) -> None:
    """What was billed, paid or shipped is accounted for: the deal may be lost, but not gone."""
    tables: tuple[Any, ...] = (Document, Payment, Shipment)
    tied = select(or_(*(exists().where(table.deal_id == deal.id) for table in tables)))
    if db.session.execute(tied).scalar_one():
        raise Refused(_("The deal has documents, payments or shipments. Move it to Lost instead of deleting it."))


def _check_lead(lead: Lead) -> None:
    """What the client said and agreed to came with the lead, and is the deal's history since."""
    deal = db.session.get(Deal, lead.deal_id) if lead.state == LeadState.QUALIFIED and lead.deal_id else None
    if deal is not None:
        raise Refused(_("This lead is a deal already: № %(number)s.", number=deal.number))


def _check_client(client: Client) -> None:
    """Whose deals would be: asked of the table, since some may be a colleague's."""
    if _is_named(client, DEALS, DEALS.deleted_at.is_(None)):
        words = _("The client has deals. Merge the client with another one, or throw the deals away first.")
        raise Refused(words)


def _is_named(client: Client, columns: Any, *conditions: Any) -> bool:
    """Whether a deal names the client, as whose it is, who pays for it or who brought it."""
    named = or_(*(columns[name] == client.id for name in NAMES))
    return db.session.execute(select(columns.id).where(named, *conditions).limit(1)).first() is not None


def _check_visits(row: Deal | Lead) -> None:
    """Whoever is on the way there would learn nothing: a visit is cancelled with a reason, and that is told."""
    ahead = (VISITS.state == VisitState.PLANNED, VISITS.deleted_at.is_(None), VISITS.ends_at > utcnow())
    starts = db.session.execute(select(func.min(VISITS.starts_at)).where(_hangs_on(row, VISITS), *ahead)).scalar()
    if starts is not None:
        when = moment(starts)
        raise Refused(_("A visit is planned for %(when)s. Cancel it first: whoever is to go will read why.", when=when))


def settle_tasks(table: str, row_id: int, was: dt.datetime | None = None) -> None:
    """Open tasks lie in the trash while their deal or lead does: nobody is reminded of what is not there.

    Runs as the system, since some are others'. `was`: since when those lay there that come back with it.
    """
    row = db.session.get(BINS[table].model, row_id, execution_options={WITH_DELETED: True})
    if row is None or (was is None) is (row.deleted_at is None):
        # Taken back, or thrown away again, meanwhile: that is told by an event of its own.
        return
    mine = (_hangs_on(row, Task), Task.done_at.is_(None), Task.deleted_at.is_not_distinct_from(was))
    found = db.session.execute(select(Task).where(*mine).execution_options(**{WITH_DELETED: True})).scalars()
    for task in found:
        task.deleted_at, task.deleted_by_id = row.deleted_at, row.deleted_by_id
    db.session.flush()


def _hangs_on(row: Deal | Lead, columns: Any) -> Any:
    """What came to a deal by its lead is the deal's."""
    if isinstance(row, Deal):
        return columns.deal_id == row.id
    return (columns.lead_id == row.id) & columns.deal_id.is_(None)


def restore(row: Any) -> None:
    """Take a row out of the trash."""
    if row.deleted_at is None:
        return
    if getattr(row, "merged_into_id", None) is not None:
        raise Refused(_("This client is part of another one now. Take the merge back instead."))
    if isinstance(row, Payment | Shipment):
        # Money that counts again is an event, and goods may have been shipped otherwise meanwhile.
        (payments.restore if isinstance(row, Payment) else shipments.restore)(row)
        return
    if isinstance(row, StoredFile):
        files.restore(row)
        return
    was, row.deleted_at, row.deleted_by_id = row.deleted_at, None, None
    db.session.flush()
    if isinstance(row, Deal | Lead):
        record(RESTORED, row, was=was)


def find(noun: str, row_id: int) -> Any:
    """A row of the trash that the actor may see; raises NotFound."""
    bin_ = open_bins().get(noun)
    if bin_ is None:
        raise NotFound("")
    wanted = in_trash(bin_.model).where(bin_.model.id == row_id)
    row = db.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise NotFound("")
    return row


def in_trash(model: Any) -> Select[Any]:
    """The thrown away rows of a table that the actor may see, the latest first."""
    thrown = select(model).where(model.deleted_at.is_not(None)).order_by(model.deleted_at.desc(), model.id.desc())
    if model is Client:
        # What was merged is no rubbish: its address leads to the client that it became part of.
        thrown = thrown.where(Client.merged_into_id.is_(None))
    return thrown.execution_options(**{WITH_DELETED: True})


def forget(limit: int = 1000) -> int:
    """Delete for good what lies in the trash longer than 30 days; returns how many rows. For the periodic job.

    A row that others still need stays where it is.
    """
    gone = 0
    line = utcnow() - KEPT_FOR
    for bin_ in BINS.values():
        old = in_trash(bin_.model).where(bin_.model.deleted_at < line, *_of_use_to_nobody(bin_.model))
        for row in db.session.execute(old.limit(limit)).scalars():
            gone += _forget_row(row)
    return gone


def _forget_row(row: Any) -> int:
    try:
        with db.session.begin_nested():
            _forget_files(row)
            if isinstance(row, Lead):
                _leave_consents(row)
            if not isinstance(row, StoredFile):
                db.session.delete(row)
            db.session.flush()
    except IntegrityError:
        return 0
    return 1


def _leave_consents(lead: Lead) -> None:
    """What its sender agreed to stays with the client that the lead was of."""
    table: Any = Consent.__table__
    theirs = update(table).where(table.c.lead_id == lead.id, table.c.client_id.is_not(None))
    db.session.execute(theirs.values(lead_id=None))


def _of_use_to_nobody(model: Any) -> list[Any]:
    """Not a lead whose words, tasks and consents a deal has, nor a client of deals and leads: theirs would go too.

    Asked in the statement: what stays for ever would stand before what is to go.
    """
    if model is Lead:
        return [Lead.deal_id.is_(None)]
    if model is not Client:
        return []
    named = ((columns, name) for columns in (DEALS, LEADS) for name in NAMES if name in columns)
    return [~exists().where(columns[name] == Client.id) for columns, name in named]


def _forget_files(row: Any) -> None:
    columns: dict[type, str] = {StoredFile: "id", Deal: "deal_id", Lead: "lead_id", Client: "client_id"}
    if type(row) in columns:
        files.forget(columns[type(row)], row.id)
