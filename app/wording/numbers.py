"""Numbers, money, percents and sizes, as they are written in the reader's language."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext as _

from app.wording.reader import language

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "\u2014"
MILLION = Decimal(10**6)
MILLIARD = Decimal(10**9)

Amount = Decimal | int | float


def number(value: Amount | None, digits: int | None = None) -> str:
    """1 234 567,5. `digits` fixes the places after the comma; without it only those that are needed."""
    if value is None:
        return DASH
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if digits is not None:
        exact = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(exact):,f}"
    whole, _dot, part = text.partition(".")
    if digits is None:
        part = part.rstrip("0")
    group, comma = (NBSP, ",") if language() == "ru" else (",", ".")
    said = whole.replace(",", group) + (comma + part if part else "")
    return (MINUS if exact < 0 and said.strip("0,.") else "") + said


def money(value: Amount | None, exact: bool = False, sign: str = "₽") -> str:
    """184 500 ₽: kopecks only if there are any, or always when exact."""
    if value is None:
        return DASH
    amount = value if isinstance(value, Decimal) else Decimal(str(value))
    has_kopecks = exact or amount != amount.to_integral_value()
    said = number(amount, 2 if has_kopecks else 0)
    return f"{said}{NBSP}{sign}" if sign else said


def short_money(value: Amount | None) -> str:
    """1,48 млн ₽: for sums from a million up; smaller ones are said whole, without kopecks."""
    if value is None:
        return DASH
    amount = Decimal(str(value))
    if abs(amount) >= MILLIARD:
        return _("%(number)s bn ₽", number=number(_short(amount / MILLIARD))).replace(" ", NBSP)
    if abs(amount) >= MILLION:
        return _("%(number)s m ₽", number=number(_short(amount / MILLION))).replace(" ", NBSP)
    return money(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _short(amount: Decimal) -> Decimal:
    """Three digits are enough to compare by eye."""
    places = "0.01" if abs(amount) < 10 else "0.1" if abs(amount) < 100 else "1"
    return amount.quantize(Decimal(places), ROUND_HALF_UP)


def percent(value: Amount | None, digits: int | None = None) -> str:
    """30,5 %. The value is in percent, not a share."""
    if value is None:
        return DASH
    exact = Decimal(str(value))
    places = digits if digits is not None else (0 if exact == exact.to_integral_value() else 1)
    return number(exact, places) + (f"{NBSP}%" if language() == "ru" else "%")


def filesize(value: int | None) -> str:
    """12 КБ, 3,4 МБ."""
    if value is None:
        return DASH
    if value < 1024 * 1024:
        return _("%(number)s KB", number=number(max(1, round(value / 1024)))).replace(" ", NBSP)
    return _("%(number)s MB", number=number(value / 1024 / 1024, 1)).replace(" ", NBSP)
