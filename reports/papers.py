"""Printed papers: our templates and frozen values become HTML that reports/pdf.py presses."""

import base64
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from num2words import num2words

from models.ground.money import rounded
from reports.pay_qr import picture

FOLDER = Path(__file__).resolve().parent.parent / "app" / "templates" / "papers"
NBSP = "\u00a0"
MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
# Longer tables are split: xhtml2pdf grows faster than the rows.
ROWS = 60


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
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        rub=rub, rubs=rubs, price=price, qty=qty, day=day, dm=dm, dots=dots, words=words, uri=uri, qr=picture,
        tight=tight, pc=pc,
    )  # fmt: skip
    made.globals.update(css=css, rows=ROWS)
    return made


def css(name: str) -> Markup:
    """A style sheet of ours, to stand inside the page."""
    return Markup((FOLDER / name).read_text("utf-8"))  # noqa: S704


def rub(amount: str | Decimal) -> str:
    """1 234,50: legal papers always print kopecks."""
    return f"{rounded(Decimal(amount)):,.2f}".replace(",", NBSP).replace(".", ",")


def rubs(amount: str | Decimal) -> str:
    """184 500, but 100 182,50: selling papers print kopecks when there are any."""
    return rub(amount).removesuffix(",00")


def price(amount: str | Decimal) -> str:
    """A price per unit: two digits, or as many as multiply back to the sum of the line."""
    whole, _dot, part = f"{Decimal(amount):,f}".partition(".")
    return whole.replace(",", NBSP) + "," + part.rstrip("0").ljust(2, "0")


def qty(quantity: str | Decimal) -> str:
    """10,4: no needless zeros."""
    text = f"{Decimal(quantity):,f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return plain.replace(",", NBSP).replace(".", ",")


def pc(percent: str | Decimal) -> str:
    """33,33 without needless zeros."""
    return qty(percent)


def day(date: str) -> str:
    """20 октября 2026 г.; never before a full stop."""
    return f"{dm(date)}{NBSP}{dt.date.fromisoformat(date).year}{NBSP}г."


def dm(date: str) -> str:
    """20 октября."""
    that = dt.date.fromisoformat(date)
    return f"{that.day}{NBSP}{MONTHS[that.month - 1]}"


def dots(date: str) -> str:
    """20.10.2026."""
    return f"{dt.date.fromisoformat(date):%d.%m.%Y}"


def words(amount: str | Decimal) -> str:
    """Девяносто две тысячи двести пятьдесят рублей 00 копеек."""
    exact = rounded(Decimal(amount))
    said = num2words(exact, lang="ru", to="currency", currency="RUB", cents=False, separator="")
    return str(said[0].upper() + said[1:])


def tight(text: str) -> str:
    """A unit such as «п. м» that may not be torn apart."""
    return text.replace(" ", NBSP)


def uri(svg: str) -> str:
    """A drawing as a data URI: papers load nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(str(svg).strip().encode()).decode("ascii")
