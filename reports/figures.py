"""Charts as Plotly understands them, drawn from rows. Colours are names of CSS variables under `meta.paint`:
the page puts them in (app/static/js/dashboard.js), and again when the theme changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

ACCENT, PALE, OVER = "--v-accent", "--s-pale", "--s-over"
TEXT, MUTED, GRID, LIGHT, BAD = "--v-text", "--v-text-2", "--v-plot-grid", "--s-on-accent", "--v-bad"
CONFIG = {"displayModeBar": False, "responsive": True}


@dataclass(frozen=True)
class Bar:
    """One bar: its name, size, the text on it, the words under the pointer, and the list it opens.

    `hover` and `tick_hover` are in Plotly's HTML: names in them are escaped. `tick` is where the plan or the norm
    lies, `aside` a text at the right edge.
    """

    name: str
    size: float
    text: str
    hover: str
    url: str = ""
    paint: str = ACCENT
    tick: float | None = None
    tick_hover: str = ""
    aside: str = ""
    aside_paint: str = MUTED


@dataclass(frozen=True)
class Look:
    """Margins in pixels, the gap between bars, how numbers are written.

    A bar longer than the share `inside` of the longest has its text on itself.
    """

    left: int = 100
    right: int = 60
    gap: float = 0.32
    separators: str = ", "
    inside: float = 2.0


def lying(bars: Sequence[Bar], look: Look) -> dict[str, Any]:
    """Bars from left to right, one under another."""
    from plotly import graph_objects as go  # half a second and 30 MB: only who looks at charts pays

    top = max((max(bar.size, bar.tick or 0) for bar in bars), default=0) or 1
    is_inside = [bar.size > top * look.inside for bar in bars]
    trace = go.Bar(
        orientation="h",
        y=list(range(len(bars))),
        x=[bar.size for bar in bars],
        textposition=["inside" if inside else "outside" for inside in is_inside],
        insidetextanchor="start",
        textfont={"size": 12},
        cliponaxis=False,
        **_common(bars),
        meta={
            "paint": {
                "marker.color": [bar.paint for bar in bars],
                "textfont.color": [LIGHT if inside else TEXT for inside in is_inside],
            }
        },
    )
    # A text outside its bar needs room at the end of the longest one.
    room = 1.04 if look.inside < 1 else 1.32
    layout = _layout(look, top=2, bottom=8)
    layout |= {
        "xaxis": {"visible": False, "range": [0, top * room], "fixedrange": True},
        "yaxis": {"autorange": "reversed", "showgrid": False, "ticklabelstandoff": 8, **_names(bars)},
        "annotations": [_aside(bar, place) for place, bar in enumerate(bars) if bar.aside],
    }
    paint = {"font.color": MUTED, "yaxis.tickfont.color": TEXT}
    asides = [bar for bar in bars if bar.aside]
    paint |= {f"annotations.{place}.font.color": bar.aside_paint for place, bar in enumerate(asides)}
    traces = [trace, *_ticks(go, bars, "line-ns", is_lying=True)]
    return _figure(go.Figure(traces, {**layout, "meta": {"paint": paint}}))


def standing(bars: Sequence[Bar], look: Look) -> dict[str, Any]:
    """Bars from left to right, side by side, over a grid."""
    from plotly import graph_objects as go

    trace = go.Bar(
        x=list(range(len(bars))),
        y=[bar.size for bar in bars],
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        textfont={"size": 11},
        **_common(bars),
        meta={
            "paint": {
                "marker.color": [bar.paint for bar in bars],
                "textfont.color": [TEXT if bar.paint == PALE else LIGHT for bar in bars],
            }
        },
    )
    layout = _layout(look, top=14, bottom=26)
    layout |= {
        "yaxis": {
            "zeroline": False, "fixedrange": True, "nticks": 5, "rangemode": "tozero", "tickformat": ",~f",
        },
        "xaxis": {"tickangle": 0, "showgrid": False, "zeroline": False, **_names(bars)},
    }  # fmt: skip
    paint = {"font.color": MUTED, "yaxis.gridcolor": GRID, "xaxis.linecolor": GRID}
    traces = [trace, *_ticks(go, bars, "line-ew", is_lying=False)]
    return _figure(go.Figure(traces, {**layout, "meta": {"paint": paint}}))


def _names(bars: Sequence[Bar]) -> dict[str, Any]:
    """Bars stand at 0, 1, 2 …, so that two of one name stay two."""
    return {
        "tickmode": "array", "tickvals": list(range(len(bars))), "ticks": "", "fixedrange": True,
        "ticktext": [escape(bar.name, quote=False) for bar in bars],
    }  # fmt: skip


def _common(bars: Sequence[Bar]) -> dict[str, Any]:
    return {
        "text": [escape(bar.text, quote=False) for bar in bars],
        "customdata": [bar.url for bar in bars],
        "hovertext": [bar.hover for bar in bars],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {"cornerradius": 4},
    }


def _ticks(go: Any, bars: Sequence[Bar], symbol: str, *, is_lying: bool) -> list[Any]:
    """A short line across each bar that has a plan or a norm."""
    marked = [(place, bar) for place, bar in enumerate(bars) if bar.tick is not None]
    if not marked:
        return []
    at, sizes = [place for place, _bar in marked], [bar.tick for _place, bar in marked]
    trace = go.Scatter(
        mode="markers",
        x=sizes if is_lying else at,
        y=at if is_lying else sizes,
        marker={"symbol": symbol, "size": 16 if is_lying else 20, "line": {"width": 2}},
        hovertext=[bar.tick_hover for _place, bar in marked],
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[bar.url for _place, bar in marked],
        cliponaxis=False,
        meta={"paint": {"marker.line.color": TEXT}},
    )
    return [trace]


def _layout(look: Look, *, top: int, bottom: int) -> dict[str, Any]:
    return {
        "margin": {"l": look.left, "r": look.right, "t": top, "b": bottom},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, sans-serif", "size": 12},
        "showlegend": False,
        "bargap": look.gap,
        "separators": look.separators,
        "hoverlabel": {"align": "left", "font": {"family": "Inter, sans-serif", "size": 12}},
        "hovermode": "closest",
        "dragmode": False,
    }


def _aside(bar: Bar, place: int) -> dict[str, Any]:
    return {
        "xref": "paper", "x": 1.02, "xanchor": "left", "y": place, "yref": "y",
        "text": bar.aside, "showarrow": False, "font": {"size": 12},
    }  # fmt: skip


def _figure(figure: Any) -> dict[str, Any]:
    """As JSON takes it; Plotly's own template of colours and fonts is left out, ours is the page's."""
    figure.update_layout(template=None)
    told: dict[str, Any] = figure.to_plotly_json()
    return {"data": told["data"], "layout": told["layout"], "config": CONFIG}
