"""Deals: board, list, card, and everything that is done with them there."""

from __future__ import annotations

from views.deals.board import BoardPages
from views.deals.card import CardPages
from views.deals.holding import HoldingPages
from views.deals.many import ManyPages
from views.deals.moving import MovingPages
from views.deals.notes import NotePages
from views.deals.people import PeoplePages
from views.deals.table import DealsTable


class Deals(
    BoardPages, CardPages, NotePages, PeoplePages, HoldingPages, MovingPages, ManyPages, DealsTable
):  # fmt: skip
    """/deals/…"""

    route_base = "/deals"
    class_permission_name = "Deals"
    default_view = "board"
