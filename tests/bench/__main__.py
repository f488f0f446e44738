"""python -m tests.bench: load the base or take the one that is there, measure, print the table.

make bench ARGS="--deals 100000" measures a smaller one; --markdown prints the table of README.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.bench import base, servers
from tests.bench.browser import Browser, cookie_of, timed
from tests.bench.pages import FORM_FIELD, WHO, Measured, pages

TIMES = 50


@dataclass(frozen=True)
class Line:
    """What was found for one page of one person."""

    who: str
    page: Measured
    took: float
    bare: float | None
    statements: int

    @property
    def ratio(self) -> float | None:
        return self.took / self.bare if self.bare else None

    @property
    def is_good(self) -> bool:
        within = self.took <= self.page.limit
        near = self.ratio is not None and self.page.times is not None and self.ratio <= self.page.times
        few = self.page.statements is None or self.statements <= self.page.statements
        return (within or near) and few


def main() -> None:
    """Everything, in order; fails when a page is slower than it may be."""
    given = arguments()
    config = servers.settings(given.var)
    with servers.database_and_queue(given.var):
        app = base.prepared(config, given.deals)
        with servers.programs(config) as places:
            found = [line for who in WHO for line in measure(app, places, who, given)]
    show(found, given)
    if not all(line.is_good for line in found):
        sys.exit(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--var", type=Path, default=servers.ROOT / "var" / "bench")
    parser.add_argument("--only", default="", help="measure only pages whose name contains this")
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def measure(app: Flask, places: servers.Places, who: str, given: argparse.Namespace) -> list[Line]:
    """The pages of one person, one after another, each with its like beside it."""
    person_id, cookie = cookie_of(app, who)
    crm, bare = Browser(places.crm, cookie), Browser(places.bare)
    crm.read_token("/deals/list/")
    found = []
    for page in pages(app, who, person_id):
        if given.only not in page.name:
            continue
        took = statistics.median(timed(asking(crm, page, page.path), given.times))
        like = statistics.median(timed(asking(bare, page, page.bare), given.times)) if page.bare else None
        found.append(Line(who, page, took, like, statements(app, cookie, page)))
        print(".", end="", flush=True)
    return found


def asking(browser: Browser, page: Measured, path: str) -> Callable[[], int]:
    """One request; a save types something else each time."""
    if not page.is_save:
        return lambda: browser.get(path)[0]
    typed = iter(range(10**9))
    return lambda: browser.post(path, {FORM_FIELD: f"Позвонить до обеда, {next(typed)}"})[0]


def statements(app: Flask, cookie: str, page: Measured) -> int:
    """How many statements the page sends to the database, counted in this process, warm."""
    client = app.test_client()
    name, _equals, value = cookie.partition("=")
    client.set_cookie(name, value)
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    app.config["WTF_CSRF_ENABLED"] = False
    for _warm in range(2):
        sent.clear()
        event.listen(Engine, "before_cursor_execute", note)
        if page.is_save:
            client.post(page.path, data={FORM_FIELD: f"Посчитано {_warm}"})
        else:
            client.get(page.path)
        event.remove(Engine, "before_cursor_execute", note)
    return len(sent)


def show(found: list[Line], given: argparse.Namespace) -> None:
    """The table, for eyes or for README."""
    rows = [cells(line) for line in found]
    heads = ("who", "page", "ms", "bare ms", "times", "limit", "SQL", "")
    print(f"\n\n{given.deals:,} deals, medians of {given.times}, {machine()}\n")
    if given.markdown:
        for row in (heads, ("---",) * len(heads), *rows):
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def cells(line: Line) -> tuple[str, ...]:
    page = line.page
    limit = f"{page.limit:.0f} ms" if page.times is None else f"{page.times:.0f} × or {page.limit:.0f} ms"
    return (
        WHO[line.who], page.name, f"{line.took:.1f}",
        f"{line.bare:.1f}" if line.bare else "", f"{line.ratio:.1f}" if line.ratio else "", limit,
        str(line.statements), "ok" if line.is_good else "SLOW",
    )  # fmt: skip


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
