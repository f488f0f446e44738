"""Clients: the list, the card, everybody we sell to and how to reach them."""

from __future__ import annotations

from views.clients.card import CardPages
from views.clients.changing import ChangingPages
from views.clients.known import KnownPages
from views.clients.table import ClientsTable


class Clients(CardPages, ChangingPages, KnownPages, ClientsTable):
    """/clients/…"""

    route_base = "/clients"
    class_permission_name = "Clients"
