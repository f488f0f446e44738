"""What each noun finds: a few rows, the latest first, by indexes alone; access is in every statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from app.wording import day, language, moment, money, phone
from models.clients import Client
from models.deals import WORDS_OF_DEAL, Deal
from models.documents import Document, DocumentKind
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.nearby import WITH_WORDS, few, nearby
from models.leads import Lead
from models.products import Product
from models.staff import Person
from models.tasks import Task
from reports.day import phone_of
from reports.search import index
from reports.search.hits import Hit
from reports.search.question import Question

SHOWN = 5
KINDS = {DocumentKind.QUOTE: _l("Quote"), DocumentKind.INVOICE: _l("Invoice")}


# What a hit of each noun shows, loaded at once.
LOADED: dict[str, Select[Any]] = {
    "deal": select(Deal).options(joinedload(Deal.stage)),
    "client": select(Client).options(selectinload(Client.contacts)),
    "lead": select(Lead),
}


def rows_of(statement: Select[Any]) -> list[Any]:
    """The first few rows."""
    return list(db.session.execute(statement.limit(SHOWN)).scalars())


def deals(asked: Question) -> Iterable[Hit]:
    """By number, by the client's phone, by words of the title, of the address and of the client's name."""
    found = LOADED["deal"].order_by(Deal.id.desc())
    if not asked.digits:
        rows = rows_of(_worded(found, Deal, WORDS_OF_DEAL, asked))
        rows += _of_named(found, asked) if len(rows) < SHOWN else []
        return map(deal_hit, list(dict.fromkeys(rows))[:SHOWN])
    rows = rows_of(found.where(Deal.number == asked.number)) if asked.number else []
    if asked.tail and current_actor().sees("client.phone") and (ids := index.holders(asked.tail)):
        rows += rows_of(found.where(Deal.client_id.in_(ids)))
    return map(deal_hit, list(dict.fromkeys(rows))[:SHOWN])


def _of_named(found: Select[Any], asked: Question) -> list[Deal]:
    """Deals whose client has the words: where very many clients have them, the latest deals are looked through.

    Whoever reaches a deal reaches its client, unless a role says less of clients.
    """
    actor = current_actor()
    if actor.reads(Client.noun) < actor.reads(Deal.noun):
        ids = index.reached(asked)
    else:
        ids = index.having(Client, index.CLIENTS.words, asked)
    if ids is None:
        named = select(index.CLIENTS.id).where(asked.beginnings(index.CLIENTS.words))
        latest = nearby(found.where(Deal.client_id.in_(named)), Deal.id, falls=True, steps=WITH_WORDS)
        if len(rows := rows_of(latest)) == SHOWN:
            return rows
        ids = index.reached(asked)
    return rows_of(found.where(Deal.client_id.in_(ids))) if ids else []


def _worded(found: Select[Any], model: Any, column: Any, asked: Question) -> Select[Any]:
    """The rows with the words: few are named, and of very many the latest are enough."""
    ids = index.having(model, column, asked)
    if ids is None:
        return found.where(asked.beginnings(column)).order_by(None).order_by(model.id.desc())
    return found.where(model.id.in_(ids))


def deal_hit(deal: Deal) -> Hit:
    amount = money(deal.amount) if current_actor().sees("deal.amount") else ""
    notes = _noted([deal.client_name or "", deal.stage.label(language()), amount])
    return Hit("deal", deal.id, f"№ {deal.number} {deal.title}".strip(), notes, "Deals.card", {"number": deal.number})


def clients(asked: Question) -> Iterable[Hit]:
    """By name, phone, INN, e-mail and messenger."""
    actor = current_actor()
    if not asked.digits:
        ids = index.writers(asked.mail) if asked.mail and actor.sees("client.email") else []
        return _client_hits(_named(asked), _by_ids(ids))
    ids = index.holders(asked.tail) if asked.tail and actor.sees("client.phone") else []
    by_inn = [_CLIENTS.where(Client.inn == asked.digits)] if len(asked.digits) in (10, 12) else []
    return _client_hits(_read(by_inn), _by_ids(ids))


# An order that no index has: in that of an index PostgreSQL would walk all clients for the few that are named.
_CLIENTS = select(Client, phone_of(Client.id)).order_by(Client.folded.concat(""), Client.id)


def _named(asked: Question) -> list[Any]:
    """By words of the name: of very many the latest, nearby first."""
    ids = index.having(Client, index.CLIENTS.words, asked)
    if ids is not None:
        return _by_ids(ids)
    latest = _CLIENTS.where(asked.beginnings(index.CLIENTS.words)).order_by(None).order_by(Client.id.desc())
    if current_actor().reads(Client.noun) is Scope.ALL:
        return _read([latest])
    rows = _read([nearby(latest, Client.id, falls=True, steps=WITH_WORDS)])
    return rows if len(rows) == SHOWN else _by_ids(index.reached(asked))


def _by_ids(ids: list[int]) -> list[Any]:
    return _read([few(_CLIENTS.where(Client.id.in_(ids)))]) if ids else []


def _read(ways: list[Select[Any]]) -> list[Any]:
    return [row for way in ways for row in db.session.execute(way.limit(SHOWN))]


def _client_hits(*found: list[Any]) -> list[Hit]:
    rows = {client: number for some in found for client, number in some}
    return [client_hit(client, number or "") for client, number in list(rows.items())[:SHOWN]]


def client_hit(client: Client, number: str | None = None) -> Hit:
    """The first phone is given, or read from the client's contacts."""
    number = client.phone if number is None else number
    shown = phone(number) if number and current_actor().sees("client.phone") else ""
    return Hit("client", client.id, client.name, _noted([shown, client.inn]), "Clients.card", {"pk": client.id})


def leads(asked: Question) -> Iterable[Hit]:
    """By words of the name and of the request, by phone and e-mail."""
    found = LOADED["lead"].order_by(Lead.id.desc())
    sees = current_actor().sees("lead.phone")
    if asked.digits:
        rows = rows_of(found.where(Lead.id == asked.number)) if asked.number else []
        if asked.tail and sees:
            ends = func.reverse(Lead.phone).startswith(asked.tail, autoescape=True)
            rows += rows_of(found.where(Lead.phone != "", ends))
    elif "@" in asked.mail:
        rows = rows_of(found.where(Lead.email == asked.mail)) if sees else []
    else:
        rows = rows_of(_worded(found, Lead, Lead.searched, asked))
    return map(lead_hit, list(dict.fromkeys(rows))[:SHOWN])


def lead_hit(lead: Lead) -> Hit:
    shown = phone(lead.phone) if lead.phone and current_actor().sees("lead.phone") else ""
    name = lead.name or shown or _("Lead № %(number)s", number=lead.id)
    notes = _noted([moment(lead.received_at), " ".join(lead.words[:80].split())])
    return Hit("lead", lead.id, name, notes, "Leads.card", {"pk": lead.id})


def tasks(asked: Question) -> Iterable[Hit]:
    """Open tasks in reach by words of their title: one's own, then those of one's people, then all others.

    Open ones are few beside those that are done, and have an index by person and one by term. Whoever has enough
    among his people is not asked for the rest: it costs as much as to look through the deals in his reach.
    """
    if asked.digits:
        return []
    actor = current_actor()
    me = actor.person_id or 0
    near = Task.assignee_id.in_(sorted(actor.own_ids | {me}))
    # The number is asked for the few that are shown.
    number = select(Deal.number).where(Deal.id == Task.deal_id).scalar_subquery()
    found = select(Task, number).where(Task.done_at.is_(None), *_having(Task.title, asked))
    first = found.where(near).order_by((Task.assignee_id == me).desc(), Task.due_at, Task.id)
    rows = list(db.session.execute(first.limit(SHOWN)))
    if len(rows) < SHOWN:
        rest = found.where(~func.coalesce(near, false())).order_by(Task.due_at, Task.id)
        rows += db.session.execute(rest.limit(SHOWN - len(rows)))
    return [_task(row, number) for row, number in rows]


def _task(task: Task, number: int | None) -> Hit:
    notes = _noted([f"№ {number}" if number else "", moment(task.due_at) if task.due_at else ""])
    return Hit("task", task.id, task.title, notes, "Tasks.show", {"pk": task.id})


def documents(asked: Question) -> Iterable[Hit]:
    """By the beginning of their number."""
    text = asked.bare.upper()
    if not any(sign.isdigit() for sign in text):
        return []
    begins = Document.number.startswith(text, autoescape=True)
    found = select(Document).where(begins).options(selectinload(Document.deal))
    return [_document(row) for row in rows_of(found.order_by(Document.number, Document.id.desc()))]


def _document(paper: Document) -> Hit:
    title = f"{KINDS.get(paper.kind, paper.kind)} № {paper.number}"
    notes = _noted([day(paper.issued_on), money(paper.amount), _("deal № %(number)s", number=paper.deal.number)])
    return Hit("document", paper.id, title, notes, "Documents.show", {"pk": paper.id})


def people(asked: Question) -> Iterable[Hit]:
    """Colleagues by name."""
    name = Person.first_name + " " + Person.last_name
    found = select(Person).where(Person.active, *_having(name, asked)).order_by(Person.last_name, Person.id)
    columns = (Person.first_name, Person.last_name, Person.post)
    rows = rows_of(found.options(load_only(*columns)))
    return [Hit("person", row.id, row.name, row.post or "", "People.show", {"pk": row.id}) for row in rows]


def products(asked: Question) -> Iterable[Hit]:
    """The price list by name and article."""
    ways = [asked.beginnings(Product.words), Product.sku.startswith(asked.text.upper(), autoescape=True)]
    rows = rows_of(select(Product).where(or_(*ways)).order_by(Product.name, Product.id))
    return [
        Hit("product", row.id, row.name, _noted([row.sku, money(row.price)]), "Products.show", {"pk": row.id})
        for row in rows
    ]


def _noted(parts: list[str]) -> str:
    return " · ".join(part for part in parts if part)


def _having(column: Any, asked: Question) -> list[ColumnElement[bool]]:
    """Every word begins a word of the column; for the few rows that an index has left.

    One look at each row: to fold its text and search it twice takes twice as long.
    """
    begin = [word.replace("е", "[её]") for word in asked.words]
    return [column.regexp_match(rf"\m{word}", flags="i") for word in begin]
