"""The menu: which pages there are, which of them a role sees first, and what may be created from anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l

from models.ground.actor import Actor

SHOWN = 8


@dataclass(frozen=True)
class Place:
    """A page of the menu. `view` is the class whose permission opens it; `go` is the letter after G."""

    key: str
    label: Any
    icon: str
    endpoint: str
    view: str
    permission: str = "can_list"
    go: str = ""
    setup: bool = False


PLACES = {
    place.key: place
    for place in (
        Place("day", _l("My day"), "sun", "Day.show", "Day", "can_show", go="D"),
        Place("leads", _l("Leads"), "inbox", "Leads.list", "Leads", go="L"),
        Place("deals", _l("Deals"), "layout-kanban", "Deals.board", "Deals", go="S"),
        Place("visits", _l("My visits"), "map-pin", "Visits.route", "Visits", go="V"),
        Place("tasks", _l("Tasks"), "circle-check", "Tasks.list", "Tasks", go="T"),
        Place("calendar", _l("Calendar"), "calendar", "Calendar.show", "Calendar", go="A"),
        Place("clients", _l("Clients"), "users", "Clients.list", "Clients", go="K"),
        Place("estimates", _l("Estimates"), "calculator", "Estimates.list", "Estimates"),
        Place("documents", _l("Invoices and payments"), "file-invoice", "Invoices.list", "Documents"),
        Place("payments", _l("Payments"), "cash", "Payments.list", "Payments"),
        Place("shipments", _l("Shipments"), "truck", "Shipments.list", "Shipments"),
        Place("dashboard", _l("Dashboard"), "chart-bar", "Dashboard.show", "Dashboard", "can_show", go="R"),
        Place("plans", _l("Plans"), "target-arrow", "Plans.list", "Plans"),
        Place("people", _l("People"), "users-group", "People.list", "People", setup=True),
        Place("absences", _l("Absences"), "beach", "Absences.list", "Absences"),
        Place("worktime", _l("Working time"), "clock", "Worktime.show", "Worktime", setup=True),
        Place("roles", _l("Roles and rights"), "shield-lock", "Roles.list", "Roles", setup=True),
        Place("playbooks", _l("Plans of stages"), "checklist", "Playbooks.list", "Playbooks", setup=True),
        Place("channels", _l("Channels"), "plug-connected", "Channels.list", "Channels", setup=True),
        Place("sorting", _l("Sorting of leads"), "filter", "Sorting.list", "Sorting", setup=True),
        Place("firms", _l("Our firm"), "building", "Firms.list", "Firms", setup=True),
        Place("products", _l("Price list"), "package", "Products.list", "Products", setup=True),
        Place("failed", _l("Failed jobs"), "alert-triangle", "DeadLetters.list", "DeadLetters", setup=True),
        Place("deliveries", _l("Deliveries"), "send", "Deliveries.list", "DeadLetters", setup=True),
        Place("duplicates", _l("Duplicates"), "copy", "Duplicates.list", "Clients", "can_merge"),
        Place("trash", _l("Trash"), "trash", "Trash.list", "Trash"),
    )
}

# What each role sees first; the rest of what it may open goes under "More" (PRODUCT.md: at most 8 in a menu).
MENUS = {
    "manager": "day leads deals tasks clients estimates documents shipments",
    "surveyor": "visits tasks calendar deals clients",
    "master": "tasks calendar deals",
    "accountant": "documents payments shipments clients deals tasks",
    "director": "dashboard deals leads tasks clients documents payments shipments",
    "administrator": "leads deals clients people roles channels firms products",
}

# What the button with a plus may make: the place, the words, the endpoint.
CREATES = (
    ("leads", _l("Lead"), "Leads.add"),
    ("deals", _l("Deal"), "Deals.add"),
    ("tasks", _l("Task"), "Tasks.add"),
    ("clients", _l("Client"), "Clients.add"),
)


def address_of(endpoint: str) -> str:
    """The page's address, or nothing when there is no such page."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def entries(actor: Actor) -> list[dict[str, Any]]:
    """What this person may open: first the order of their roles, then everything else."""
    wanted: list[str] = []
    for role, order in MENUS.items():
        if role in actor.roles or (role == "administrator" and actor.everything):
            wanted += order.split()
    keys = dict.fromkeys([*wanted, *PLACES])
    found = [entry for key in keys if (entry := _entry(PLACES[key], actor))]
    shown, rest = found[:SHOWN], found[SHOWN:]
    # Within what is shown, work stands before setup; sorting is stable.
    return sorted(shown, key=lambda entry: entry["setup"]) + rest


def _entry(place: Place, actor: Actor) -> dict[str, Any] | None:
    if not actor.may(place.permission, place.view) or place.endpoint not in current_app.view_functions:
        return None
    return {
        "key": place.key, "label": str(place.label), "icon": place.icon, "url": url_for(place.endpoint),
        "go": place.go, "setup": place.setup, "count": None, "hot": False,
    }  # fmt: skip


def creatable(actor: Actor) -> list[dict[str, Any]]:
    return [
        {"key": key, "label": str(words), "icon": PLACES[key].icon, "url": url_for(endpoint)}
        for key, words, endpoint in CREATES
        if actor.may("can_add", PLACES[key].view) and endpoint in current_app.view_functions
    ]
