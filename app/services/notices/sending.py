"""What every way has in common: to whom it could go, what is needed to send one delivery, and how it is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.channels.inbound import ChannelError
from models.notices import Delivery
from models.staff import Person


@dataclass(frozen=True)
class Target:
    """One address of a person: in words, and the row it is kept in, if any."""

    words: str
    row_id: int | None = None

    @property
    def mark(self) -> str:
        """What tells the deliveries of one notice by one way apart."""
        return f":{self.row_id}" if self.row_id else ""


@dataclass(frozen=True)
class Sending:
    """One delivery, ready to leave: `go` sends it without the database and says what was answered.

    `names` are those under which OUTBOUND_ALLOW may let demo data send there; `lacks` says what is not set up.
    """

    go: Callable[[], str]
    names: frozenset[str] = field(default_factory=frozenset)
    is_demo: bool = False
    lacks: str = ""


@dataclass(frozen=True)
class Way:
    """A way to tell a person. `refused` hears of an answer that will not change, `arrived` that it was taken."""

    label: Any
    icon: str
    targets: Callable[[Person], list[Target]]
    prepare: Callable[[Delivery], Sending]
    refused: Callable[[Delivery, ChannelError], None] = lambda _delivery, _error: None
    arrived: Callable[[Delivery], None] = lambda _delivery: None
