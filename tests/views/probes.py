"""Views made for tests over real tables: what every generated screen must keep to, whatever a noun's own does."""

from __future__ import annotations

from typing import Any

from flask import redirect

import app as factory
from app import create_app
from config import Config
from models.clients import Client
from models.deals import Deal
from models.ground.refused import Refused
from models.staff import Team
from views.base import CrmInterface, CrmModelView, action

CALLED: list[list[int]] = []


class ProbeDeals(CrmModelView):
    """Deals with everything FAB offers: filters, order, references, actions."""

    datamodel = CrmInterface(Deal, load=("client.contacts",))
    route_base = "/probe-deals"
    class_permission_name = "Deals"
    list_columns = ["number", "title", "amount", "client.name", "client.phone", "owner", "created_at"]
    show_columns = ["number", "title", "amount", "client", "client.email", "owner"]
    add_columns = ["number", "title", "amount", "client", "funnel", "stage", "owner", "stage_since"]
    edit_columns = ["title", "amount", "client", "owner", "expected_on", "comment", "stage"]
    search_columns = ["title", "amount", "number", "client", "owner", "created_at", "expected_on"]
    order_columns = ["number", "title", "amount", "expected_on"]
    base_order = ("number", "desc")
    quick_words = "title"

    def narrowed(self, query: Any, text: str) -> Any:
        return query.filter(Deal.title.startswith(text, autoescape=True))

    def pre_update(self, item: Any) -> None:
        if item.title == "нельзя":
            raise Refused("Так называть нельзя.", "title")
        if item.title == "совсем нельзя":
            raise Refused("Сейчас нельзя.")

    @action("move", "Move")
    def move(self, items: Any) -> Any:
        CALLED.append([row.id for row in (items if isinstance(items, list) else [items])])
        return redirect("/")

    @action("paint", "Paint")
    def paint(self, items: Any) -> Any:
        raise AssertionError("nobody has can_paint")


class ProbeClients(CrmModelView):
    """Clients with the deals beside the record."""

    datamodel = CrmInterface(Client, load=("contacts",))
    related_views = [ProbeDeals]
    route_base = "/probe-clients"
    class_permission_name = "Clients"
    list_columns = ["name", "phone", "email", "owner"]
    show_columns = ["name", "phone", "email", "comment"]
    add_columns = edit_columns = ["name", "comment", "owner"]
    search_columns = ["name", "comment", "owner"]


class ProbeTeams(CrmModelView):
    """A table with a unique name and no trash."""

    datamodel = CrmInterface(Team)
    route_base = "/probe-teams"
    class_permission_name = "People"
    list_columns = add_columns = edit_columns = show_columns = ["name"]


def probing(settings: Config) -> Any:
    """An application like any other, with these views too."""
    real = factory.register_views

    def register(appbuilder: Any) -> None:
        real(appbuilder)
        for view in (ProbeDeals, ProbeClients, ProbeTeams):
            appbuilder.add_view_no_menu(view)

    factory.register_views = register
    try:
        app = create_app(settings)
    finally:
        factory.register_views = real
    app.config["TESTING"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    return app
