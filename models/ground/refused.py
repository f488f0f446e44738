"""The two ways a verb says no: a refusal in words, and a stale save with both values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """A business rule says no; `words` tell the user what happened and what to do.

    One handler turns it into a form message, a 409 answer or a line of a rule's log.
    """

    status = 409

    def __init__(self, words: str, field: str | None = None, details: Sequence[Any] = ()) -> None:
        super().__init__(words)
        self.words = str(words)
        self.field = field
        self.details = list(details)


class NotFound(Refused):
    """The row is missing or hidden: both answer alike."""

    status = 404


@dataclass(frozen=True)
class Difference:
    """One field of a stale save: what the sender typed and what another person saved meanwhile."""

    field: str
    mine: Any
    theirs: Any


@dataclass
class Stale(Exception):
    """The row was changed by somebody else after it was opened."""

    by: str
    at: Any
    differences: list[Difference] = field(default_factory=list)
    version: int | None = None
    status = 409

    def __str__(self) -> str:
        return f"changed by {self.by}"
