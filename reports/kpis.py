"""The row of six figures, each with its change against the period before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.wording import DASH, MINUS, NBSP, money, number, percent, short_money
from models.ground.actor import current_actor
from reports.sheet import Opens, Sheet, opens


@dataclass(frozen=True)
class Kpi:
    """A figure in words; `change` is ok, warn or bad by `hue`, and `was` says what it is compared with."""

    label: str
    value: str
    opens: Opens
    change: str = ""
    was: str = ""
    hue: str = ""
    is_bad: bool = False


def row(sheet: Sheet) -> list[Kpi]:
    """The six figures; those of money only for who may see it."""
    made = [_began(sheet), _conversion(sheet), _cycle(sheet), _overdue(sheet)]
    if current_actor().sees("deal.amount"):
        made.insert(0, _shipped(sheet))
        made.insert(3, _average(sheet))
    return made


def _shipped(sheet: Sheet) -> Kpi:
    amount, plan = sheet.sold.total.amount, sheet.plan_so_far
    label, where = _("Shipped"), opens("shipments")
    if not plan:
        was = sheet.sold_before.amount
        change, hue = _change(amount, was)
        return Kpi(label, short_money(amount), where, change, _was(short_money(was)) if was else "", hue)
    done = amount * 100 / plan
    words = _("%(percent)s of the plan", percent=percent(done, 0))
    hue = "ok" if round(done) >= 100 else "warn" if done >= 80 else "bad"
    return Kpi(label, short_money(amount), where, words, _("so far") if sheet.lens.is_current else "", hue)


def _began(sheet: Sheet) -> Kpi:
    change, hue = _change(sheet.began, sheet.began_before)
    return Kpi(
        _("New deals"), number(sheet.began), opens("deals"), change, _was(number(sheet.began_before)), hue
    )


def _conversion(sheet: Sheet) -> Kpi:
    now = _share(sheet.sold.total.deals, sheet.leads.total.leads)
    was = _share(sheet.sold_before.deals, sheet.leads_before)
    label, where = _("From lead to shipment"), opens("shipped")
    if now is None or was is None:
        return Kpi(label, percent(now), where)
    change, hue = _signed(now - was, lambda value: _("%(number)s pp", number=number(value, 1)))
    return Kpi(label, percent(now, 1), where, change, "", hue)


def _average(sheet: Sheet) -> Kpi:
    now, was = sheet.sold.total.average, sheet.sold_before.average
    label, where = _("Average deal"), opens("shipped")
    if now is None:
        return Kpi(label, DASH, where)
    change, hue = _change(now, was or 0)
    return Kpi(label, money(round(now)), where, change, _was(number(round(was))) if was else "", hue)


def _cycle(sheet: Sheet) -> Kpi:
    now, was = sheet.sold.total.cycle, sheet.sold_before.cycle
    label, where = _("Length of a deal"), opens("shipped")
    if now is None:
        return Kpi(label, DASH, where)
    value = _n("%(days)s day", "%(days)s days", _plural_of(now), days=number(now, 1))
    if was is None:
        return Kpi(label, value, where)
    change, hue = _signed(now - was, _days, is_less_better=True)
    return Kpi(label, value, where, change, "", hue)


def _overdue(sheet: Sheet) -> Kpi:
    tasks, deals = sum(sheet.overdue.values()), sheet.late_count
    value = _n("%(count)s task", "%(count)s tasks", tasks, count=number(tasks))
    also = _n(
        "and %(count)s deal over the norm", "and %(count)s deals over the norm", deals, count=number(deals)
    )
    return Kpi(_("Overdue"), value, opens("tasks"), "", also, is_bad=tasks > 0)


def _days(value: Any) -> str:
    rounded = round(value, 1)
    return _n("%(days)s day", "%(days)s days", _plural_of(rounded), days=number(rounded, 1))


def _plural_of(value: float) -> int:
    """Russian says «20,5 дня»: a fraction takes the form of two."""
    return int(value) if float(value).is_integer() else 2


def _share(part: int, whole: int) -> float | None:
    return part * 100 / whole if whole else None


def _was(words: str) -> str:
    return _("was %(figure)s", figure=words)


def _change(now: Decimal | float, was: Decimal | float) -> tuple[str, str]:
    """+12 %, and whether it is good; nothing to compare with says nothing."""
    if not was:
        return "", ""
    return _signed((Decimal(now) - Decimal(was)) * 100 / Decimal(was), lambda value: percent(value, 0))


def _signed(value: Any, say: Callable[[Any], str], *, is_less_better: bool = False) -> tuple[str, str]:
    if abs(value) < 0.05:
        return _("no change"), ""
    sign = "+" if value > 0 else MINUS
    words = sign + say(abs(value)).replace(" ", NBSP)
    return words, "ok" if (value > 0) != is_less_better else "bad"
