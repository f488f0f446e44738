"""How papers say sums, quantities and dates: in Russian always, as the law's own forms do."""

import datetime as dt
from decimal import Decimal

from num2words import num2words

from models.ground.money import rounded

NBSP = "\u00a0"
MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip


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
    """10,4, or 33,33 of a percentage: no needless zeros."""
    text = f"{Decimal(quantity):,f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return plain.replace(",", NBSP).replace(".", ",")


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
