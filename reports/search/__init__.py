"""One search over everything that a person may see: a few rows of each noun, or what was opened lately."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from models.clients import Client
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.nearby import few
from models.leads import Lead
from models.recent import RecentView
from reports.search import finders
from reports.search.hits import Group, Hit
from reports.search.question import Question

# noun → its name, its icon, the view whose permission opens it, how it is found.
NOUNS: dict[str, tuple[Any, str, str, Callable[[Question], Iterable[Hit]]]] = {
    "deal": (_l("Deals"), "layout-kanban", "Deals", finders.deals),
    "client": (_l("Clients"), "users", "Clients", finders.clients),
    "lead": (_l("Leads"), "inbox", "Leads", finders.leads),
    "task": (_l("Tasks"), "circle-check", "Tasks", finders.tasks),
    "document": (_l("Documents"), "file-invoice", "Documents", finders.documents),
    "product": (_l("Price list"), "package", "Products", finders.products),
    "person": (_l("People"), "users-group", "People", finders.people),
}
RECENT = 8
_OPENED: dict[str, tuple[Any, Callable[[Any], Hit]]] = {
    "deal": (Deal, finders.deal_hit),
    "client": (Client, finders.client_hit),
    "lead": (Lead, finders.lead_hit),
}


def find(typed: str) -> list[Group]:
    """What begins so, five of each noun that the actor may list; those with nothing are left out."""
    asked = Question.of(typed)
    if asked.is_empty:
        return []
    actor = current_actor()
    groups = [
        Group(noun, label, icon, tuple(finder(asked)))
        for noun, (label, icon, view, finder) in NOUNS.items()
        if actor.may("can_list", view)
    ]
    return [group for group in groups if group.hits]


def opened(noun: str, key: int) -> int | None:
    """The id of a row by the key in its address (of a deal its number), if the actor reaches it."""
    if noun not in _OPENED or not current_actor().may("can_show", NOUNS[noun][2]):
        return None
    model: Any = _OPENED[noun][0]
    column = model.number if noun == "deal" else model.id
    return db.session.execute(select(model.id).where(column == key)).scalar_one_or_none()


def recent() -> Group:
    """What the actor opened lately and still reaches, the latest first."""
    mine = select(RecentView).where(RecentView.person_id == (current_actor().person_id or 0))
    rows = db.session.execute(mine.order_by(RecentView.at.desc()).limit(RECENT)).scalars().all()
    found: dict[tuple[str, int], Hit] = {}
    for noun, (model, hit) in _OPENED.items():
        ids = [row.row_id for row in rows if row.what == noun]
        if ids and current_actor().may("can_list", NOUNS[noun][2]):
            asked = few(finders.LOADED[noun].where(model.id.in_(ids)))
            found |= {(noun, row.id): hit(row) for row in db.session.execute(asked).scalars()}
    hits = tuple(found[row.what, row.row_id] for row in rows if (row.what, row.row_id) in found)
    return Group("recent", _l("Opened lately"), "history", hits)
