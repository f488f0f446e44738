"""What the search shows: a name, a note beside it, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Hit:
    """One row found. `endpoint` with `values` is its page; the view that draws it makes the address."""

    noun: str
    id: int
    name: str
    note: str
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Hits of one noun under its name."""

    noun: str
    label: Any
    icon: str
    hits: tuple[Hit, ...]
