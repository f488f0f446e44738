"""Printed papers: our templates and frozen values become HTML that reports/pdf.py presses."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.papers import words as said
from reports.papers.glyphs import drawable
from reports.papers.pay_qr import picture

FOLDER = Path(__file__).resolve().parents[2] / "app" / "templates" / "papers"
# Longer tables are split: xhtml2pdf grows faster than the rows.
ROWS = 60
FILTERS = (said.rub, said.rubs, said.price, said.qty, said.day, said.dm, said.dots, said.words, said.tight)


def html(kind: str, values: Mapping[str, Any]) -> str:
    """The paper of a kind out of its frozen values: plain text, numbers as text, lists and dicts of them.

    Raises jinja2.UndefinedError when a value is missing: better no paper than one with a hole.
    """
    return environment().get_template(f"{kind}.html").render(**values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja for papers alone: escaping always on, no filters of pages, nothing undefined passes."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=drawable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({one.__name__: one for one in FILTERS}, uri=uri, qr=picture)
    made.globals.update(css=css, rows=ROWS)
    return made


def css(name: str) -> Markup:
    """A style sheet of ours, to stand inside the page."""
    return Markup((FOLDER / name).read_text("utf-8"))  # noqa: S704


def uri(svg: str) -> str:
    """A drawing as a data URI: papers load nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(str(svg).strip().encode()).decode("ascii")
