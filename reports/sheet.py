"""One look through a lens: every question is asked once, however many tiles show its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from models.deals import Deal
from models.lowcode.funnels import Stage
from reports import funnel, people, shipments, sources
from reports.questions import Lens


@dataclass(frozen=True)
class Opens:
    """The list that a mark opens: its name (reports/lists.py) and what narrows it beside the lens."""

    what: str
    narrowed: tuple[tuple[str, Any], ...] = ()


def opens(what: str, **narrowed: Any) -> Opens:
    """The list called `what`, narrowed by stage, source, person or month."""
    return Opens(what, tuple(narrowed.items()))


@dataclass
class Sheet:
    """The answers. `link` makes an address of Opens, `source_names` are the company's words for its codes."""

    lens: Lens
    link: Callable[[Opens], str]
    source_names: Mapping[str, str]
    language: str
    answer_norm: int

    @cached_property
    def _sold(self) -> tuple[shipments.Sold, shipments.Sold]:
        return shipments.sold(self.lens)

    @property
    def sold(self) -> shipments.Sold:
        return self._sold[0]

    @property
    def sold_before(self) -> shipments.Part:
        return self._sold[1].total

    @cached_property
    def plans(self) -> shipments.Plans:
        return shipments.plans(self.lens)

    @cached_property
    def months(self) -> list[shipments.Month]:
        return shipments.by_month(self.lens, self.plans.by_month)

    @cached_property
    def _leads(self) -> tuple[sources.Leads, int]:
        return sources.leads(self.lens)

    @property
    def leads(self) -> sources.Leads:
        return self._leads[0]

    @property
    def leads_before(self) -> int:
        return self._leads[1]

    @cached_property
    def _began(self) -> tuple[int, int]:
        return funnel.began(self.lens)

    @property
    def began(self) -> int:
        return self._began[0]

    @property
    def began_before(self) -> int:
        return self._began[1]

    @cached_property
    def stages(self) -> Sequence[Stage]:
        return funnel.stages(self.lens)

    @cached_property
    def came(self) -> dict[int, int]:
        return funnel.came(self.lens)

    @cached_property
    def stayed(self) -> dict[int, float]:
        return funnel.stayed(self.lens)

    @cached_property
    def late_count(self) -> int:
        return funnel.late_count(self.lens, self.stages)

    @cached_property
    def latest(self) -> Sequence[Deal]:
        return funnel.latest(self.lens, self.stages)

    @cached_property
    def overdue(self) -> dict[int | None, int]:
        return people.overdue_tasks(self.lens)

    @cached_property
    def people(self) -> list[people.Row]:
        return people.rows(self.lens, (self.leads, self.sold, self.plans, self.overdue))

    @property
    def plan(self) -> Decimal | None:
        """The plan of the month, in roubles."""
        return self.plans.by_month.get(self.lens.month)

    @property
    def plan_so_far(self) -> Decimal | None:
        """The plan of the days that have come."""
        return self.plan * Decimal(str(self.lens.passed)) if self.plan else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to show."""
        return not (self.leads.total.leads or self.came or self.late_count or any(m.amount for m in self.months))

    def source_name(self, code: str) -> str:
        """The company's word for a source; a code of no list is its own word."""
        return self.source_names.get(code, code)
