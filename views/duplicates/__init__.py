"""Duplicates of clients: pairs that were found, two side by side, merges and their way back."""

from __future__ import annotations

from views.base import CrmView
from views.duplicates.merging import MergingPages
from views.duplicates.pairs import PairPages
from views.duplicates.undoing import UndoingPages


class Duplicates(PairPages, MergingPages, UndoingPages, CrmView):
    """/clients/duplicates/… and /clients/merges/…"""

    route_base = "/clients"
    class_permission_name = "Clients"
