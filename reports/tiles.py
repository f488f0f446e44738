"""The tiles of the dashboard: to add one, write a function that fills it and a line in TILES."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape
from typing import Any

from babel.dates import format_date, get_month_names
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext as _p

from app.wording import NBSP, money, month, number, percent, short_money
from models.ground.actor import current_actor
from reports import figures
from reports.figures import ACCENT, BAD, MUTED, OVER, PALE, Bar, Look
from reports.sheet import Opens, Sheet, opens

# Below this share of the step before, a step of the funnel is said in red.
THIN = 62
# More may come to a step in a month than to the one before it: that is no share of it.
WHOLE = 100
SOURCES_SHOWN = 8
MILLION = Decimal(10**6)


@dataclass(frozen=True)
class Tile:
    """`span` of twelve columns; `shape` names its template; `needs` is a field that one must be allowed to see."""

    title: Any
    span: int
    shape: str
    fill: Callable[[Sheet], dict[str, Any]]
    needs: str = ""


@dataclass(frozen=True)
class Table:
    """The figures behind a chart: heads and rows of cells; the first cell of a row opens its list."""

    heads: Sequence[str]
    rows: Sequence[tuple[Opens, Sequence[str]]]
    words: str = field(default="")


def filled(sheet: Sheet) -> list[tuple[str, Tile, dict[str, Any]]]:
    """The tiles that this reader may see, with what they show."""
    actor = current_actor()
    shown = [(key, tile) for key, tile in TILES.items() if not tile.needs or actor.sees(tile.needs)]
    return [(key, tile, tile.fill(sheet)) for key, tile in shown]


def funnel(sheet: Sheet) -> dict[str, Any]:
    """Leads, deals, then each stage by how many came to it in the month, and what was shipped."""
    steps = [
        (_("Leads"), sheet.leads.total.leads, opens("leads")),
        (_("Deals"), sheet.began, opens("deals")),
        *((stage.label(sheet.language), sheet.came.get(stage.id, 0), opens("entered", stage=stage.id))
          for stage in _after_the_first(sheet)),
        (_("Shipped"), sheet.sold.total.deals, opens("shipped")),
    ]  # fmt: skip
    shares = [
        None,
        *(_share(count, steps[place][1]) for place, (_name, count, _list) in enumerate(steps[1:])),
    ]
    bars = [
        Bar(
            name, count, number(count), _hover(name, number(count), _("click: the list")), sheet.link(where),
            aside=percent(share, 0) if share is not None and share <= WHOLE else "",
            aside_paint=BAD if share is not None and share < THIN else MUTED,
        )
        for (name, count, where), share in zip(steps, shares, strict=True)
    ]  # fmt: skip
    table = Table(
        (_("Step"), _("Came"), _("% of the step before")),
        [(where, (name, number(count), percent(share, 0) if share is not None else ""))
         for (name, count, where), share in zip(steps, shares, strict=True)],
        _("Of %(leads)s leads and %(deals)s new deals, %(shipped)s deals were shipped.",
          leads=number(steps[0][1]), deals=number(steps[1][1]), shipped=number(steps[-1][1])),
    )  # fmt: skip
    look = Look(left=_margin(bars), right=64, gap=0.26, inside=0.25, separators=_separators(sheet))
    return {"figure": figures.lying(bars, look), "table": table, "note": _("% of the step before")}


def shipments(sheet: Sheet) -> dict[str, Any]:
    """Twelve months of shipped money against the plan; a month that is not over is pale."""
    unit, word = _unit(max((m.amount for m in sheet.months), default=Decimal(0)))
    names = get_month_names("abbreviated", "stand-alone", sheet.language)
    bars = []
    for one in sheet.months:
        is_open = one.first == sheet.lens.month and sheet.lens.is_current
        bars.append(
            Bar(
                names[one.first.month][:3], float(one.amount / unit), _short(one.amount / unit),
                _hover(month(one.first), money(one.amount), _("click: the list")),
                sheet.link(opens("shipments", month=f"{one.first:%Y-%m}")), PALE if is_open else ACCENT,
                float(one.plan / unit) if one.plan else None,
                _hover(_("Plan"), money(one.plan)) if one.plan else "",
            )
        )  # fmt: skip
    rows = [
        (opens("shipments", month=f"{one.first:%Y-%m}"),
         (month(one.first), money(one.amount), money(one.plan) if one.plan else "",
          percent(one.amount * 100 / one.plan, 0) if one.plan else ""))
        for one in reversed(sheet.months)
    ]  # fmt: skip
    whole = sum((one.amount for one in sheet.months), Decimal(0))
    table = Table(
        (_("Month"), _("Shipped"), _("Plan"), _p("plan", "Done")), rows,
        _("In twelve months %(money)s were shipped.", money=short_money(whole)),
    )  # fmt: skip
    look = Look(left=34, right=12, separators=_separators(sheet))
    return {
        "figure": figures.standing(bars, look),
        "table": table,
        "legend": _("actual, %(unit)s", unit=word),
    }


def sources(sheet: Sheet) -> dict[str, Any]:
    """Shipped money by where the client came from, and how many of its leads came to a shipment."""
    parts = sorted(sheet.sold.by_source.items(), key=lambda item: -item[1].amount)
    others = [(code, None) for code in sheet.leads.by_source if code not in sheet.sold.by_source]
    unit, word = _unit(max((part.amount for _code, part in parts), default=Decimal(0)))
    bars, rows = [], []
    for code, part in [*parts, *others]:
        name = sheet.source_name(code) if code else _("not named")
        amount, deals = (part.amount, part.deals) if part else (Decimal(0), 0)
        leads = sheet.leads.by_source[code].leads if code in sheet.leads.by_source else 0
        share = _share(deals, leads)
        said = percent(share, 0) if share is not None else ""
        where = opens("shipments", source=code or "-")
        hover = _hover(name, money(amount), _("%(share)s of leads", share=said) if said else "")
        if amount:
            size = amount / unit
            bars.append(Bar(name, float(size), _short(size), hover, sheet.link(where), aside=said))
        rows.append((where, (name, money(amount), number(deals), number(leads), said)))
    table = Table(
        (_("Source"), _("Shipped"), _("Deals"), _("Leads"), _("Conversion")), rows,
        _("Shipped money by where the client came from."),
    )  # fmt: skip
    look = Look(left=_margin(bars), right=44, gap=0.42, separators=_separators(sheet))
    chart = figures.lying(bars[:SOURCES_SHOWN], look)
    return {"figure": chart, "table": table, "note": _("%(unit)s and conversion", unit=word)}


def people(sheet: Sheet) -> dict[str, Any]:
    """What each person did; the last row is everybody together and equals the figures above."""
    note = ""
    if sheet.plan_so_far and current_actor().sees("deal.amount"):
        words = {"date": _date(sheet), "money": short_money(sheet.plan_so_far)}
        note = _("plan as of %(date)s: %(money)s", **words)
    return {"rows": sheet.people, "note": note}


def stays(sheet: Sheet) -> dict[str, Any]:
    """Days on each stage, the average of the stays that ended in the month; a tick is the norm."""
    bars, rows = [], []
    for stage in sheet.stages:
        days, norm = sheet.stayed.get(stage.id), stage.norm_hours / 24 if stage.norm_hours else None
        name, where = stage.label(sheet.language), opens("left", stage=stage.id)
        said, normal = number(days, 1) if days is not None else "", number(norm) if norm else ""
        is_over = days is not None and norm is not None and days > norm * 1.1
        hover = _hover(name, _("%(days)s days on average", days=said)) if said else ""
        tick = _("norm %(days)s days", days=normal) if normal else ""
        bars.append(
            Bar(
                name,
                days or 0,
                f"  {said}" if said else "",
                hover,
                sheet.link(where),
                OVER if is_over else ACCENT,
                norm,
                tick,
            )
        )
        rows.append((where, (name, said, normal)))
    words = _("How long deals stayed on each stage before they went on.")
    table = Table((_("Stage"), _("Days"), _("Norm")), rows, words)
    look = Look(left=_margin(bars), right=22, gap=0.42, separators=_separators(sheet))
    return {"figure": figures.lying(bars, look), "table": table, "note": _("tick: the norm")}


def late(sheet: Sheet) -> dict[str, Any]:
    """The dearest of the deals that stay on their stage longer than its norm."""
    return {"deals": sheet.latest, "count": sheet.late_count, "all": opens("late")}


TILES: dict[str, Tile] = {
    "funnel": Tile(_l("Funnel"), 4, "chart", funnel),
    "shipments": Tile(_l("Shipped by month"), 5, "chart", shipments, "deal.amount"),
    "sources": Tile(_l("Sources"), 3, "chart", sources, "deal.amount"),
    "people": Tile(_l("People"), 6, "people", people),
    "stays": Tile(_l("Days on a stage"), 3, "chart", stays),
    "late": Tile(_l("Over the norm"), 3, "late", late),
}


# ── how things are said ──────────────────────────────────────────────────────


def _after_the_first(sheet: Sheet) -> list[Any]:
    """A new deal stands on the first stage of its funnel: that step is "deals" already."""
    firsts = {}
    for stage in sheet.stages:
        firsts.setdefault(stage.funnel_id, stage.id)
    return [stage for stage in sheet.stages if stage.id not in firsts.values()]


def _share(part: int, whole: int) -> float | None:
    return part * 100 / whole if whole else None


def _unit(largest: Decimal) -> tuple[Decimal, str]:
    """In what a chart counts, so that its numbers stay short: millions, thousands or roubles."""
    if largest >= MILLION:
        return MILLION, _("m ₽")
    if largest >= 10_000:
        return Decimal(1000), _("k ₽")
    return Decimal(1), "₽"


def _short(value: Decimal) -> str:
    return number(value, 0 if value >= 100 else 1 if value >= 2 else 2)


def _hover(name: str, *lines: str) -> str:
    """What the pointer shows, in Plotly's HTML. Not in bold: Plotly makes that by a style attribute, which the
    page's policy forbids.
    """
    return "<br>".join(escape(line) for line in (name, *lines) if line)


def _margin(bars: Sequence[Bar]) -> int:
    """Room for the longest name, in pixels."""
    return min(24 + 7 * max((len(bar.name) for bar in bars), default=8), 130)


def _separators(sheet: Sheet) -> str:
    return ",\u00a0" if sheet.language == "ru" else ".,"


def _date(sheet: Sheet) -> str:
    day: dt.date = min(sheet.lens.today, sheet.lens.span.until - dt.timedelta(days=1))
    return format_date(day, "d MMMM", locale=sheet.language).replace(" ", NBSP)
