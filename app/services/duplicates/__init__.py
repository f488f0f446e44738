"""Verbs of duplicates: merge two clients, take it back, say that two are different, look for pairs."""

from app.services.duplicates.behalf import whole_base
from app.services.duplicates.merging import merge, suggested, values_of
from app.services.duplicates.pairs import apart, are_apart, maybe_same, pair_between
from app.services.duplicates.undoing import Conflict, Unresolved, report, undo

__all__ = [
    "Conflict", "Unresolved", "apart", "are_apart", "maybe_same", "merge", "pair_between", "report", "suggested",
    "undo", "values_of", "whole_base",
]  # fmt: skip
