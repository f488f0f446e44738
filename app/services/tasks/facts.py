"""Plain facts of a deal or a lead in words, for the script of a task; a hidden one is not told."""

from collections.abc import Callable

from sqlalchemy import select

from app.wording import day as day_words
from app.wording import moment, money, phone
from models.clients import ContactKind, ContactPoint
from models.deals import Deal
from models.firms import Firm
from models.ground.actor import current_actor
from models.ground.base import db
from models.leads import Lead
from models.tasks import Task
from models.visits import Visit, VisitState

HIDDEN = {"amount": "deal.amount", "phone": "client.phone", "client": "client.name"}


def facts_of(place: Deal | Lead | None, task: Task) -> Callable[[str], str]:
    """What answers a place of a script; asks the database only for what the script names."""
    known = _of_deal(place) if isinstance(place, Deal) else _of_lead(place) if place else {}
    known |= {
        "me": lambda: current_actor().name,
        "firm": _firm,
        "address": lambda: task.address or (place.address if isinstance(place, Deal) else ""),
        "visit": lambda: _visit(place),
    }

    def fact(name: str) -> str:
        hidden = HIDDEN.get(name)
        is_seen = hidden is None or current_actor().sees(hidden)
        return known[name]() if is_seen and name in known else ""

    return fact


def _of_deal(deal: Deal) -> dict[str, Callable[[], str]]:
    return {
        "client": lambda: deal.client_name or "",
        "phone": lambda: phone(_phone(deal.client_id)) if deal.client_id else "",
        "title": lambda: deal.title,
        "amount": lambda: money(deal.amount) if deal.amount else "",
        "number": lambda: str(deal.number),
        "stage": lambda: deal.stage.label(current_actor().language),
        "owner": lambda: deal.owner.name if deal.owner else "",
        "wanted": lambda: day_words(deal.expected_on) if deal.expected_on else "",
    }


def _of_lead(lead: Lead) -> dict[str, Callable[[], str]]:
    is_seen = current_actor().sees("lead.phone")
    return {
        "client": lambda: lead.name,
        "phone": lambda: phone(lead.phone) if is_seen and lead.phone else "",
        "title": lambda: lead.words[:120],
        "owner": lambda: lead.owner.name if lead.owner else "",
    }


def _phone(client_id: int) -> str:
    numbers = select(ContactPoint.value).where(ContactPoint.client_id == client_id)
    first = numbers.where(ContactPoint.kind == ContactKind.PHONE).order_by(ContactPoint.id).limit(1)
    return db.session.execute(first).scalar() or ""


def _firm() -> str:
    firm = db.session.execute(select(Firm).order_by(Firm.id).limit(1)).scalar_one_or_none()
    return (firm.brand or firm.name) if firm else ""


def _visit(place: Deal | Lead | None) -> str:
    if place is None:
        return ""
    whose = Visit.deal_id == place.id if isinstance(place, Deal) else Visit.lead_id == place.id
    planned = select(Visit.starts_at).where(whose, Visit.state == VisitState.PLANNED)
    starts = db.session.execute(planned.order_by(Visit.starts_at).limit(1)).scalar()
    return moment(starts) if starts else ""
