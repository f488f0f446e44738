"""What is true of a deal, in plain values, gathered once (app/services/deals/facts.py) and asked many times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Facts:
    """A deal as gates, rules and templates see it: values only, never rows.

    `fields` are by code (models/lowcode/fields.py), None or "" when empty; sums are in roubles with VAT;
    `agreed` is the total of the agreed estimate, None without one.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    stage: str = ""
    agreed: Decimal | None = None
    agreed_revision: int | None = None
    issued: frozenset[str] = frozenset()
    paid: Decimal = Decimal(0)
    is_shipped: bool = False
    is_visited: bool = False
    shipped: Decimal = Decimal(0)
    roles: frozenset[str] = frozenset()
    role_names: Mapping[str, str] = field(default_factory=dict)
    sees_money: bool = True

    def has(self, code: str) -> bool:
        """Whether a field is filled in; zero money is not."""
        return bool(self.fields.get(code))
