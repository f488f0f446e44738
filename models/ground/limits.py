"""What a value may be before the database sees it: dates, money, text (PRODUCT.md, Standards)."""

import datetime as dt
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from flask_babel import gettext as _

from models.ground.refused import Refused

MONEY_LIMIT = Decimal(10) ** 12
TEXT_LIMIT = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2100


def clean_text(value: object, field: str | None = None, limit: int = TEXT_LIMIT) -> str:
    """Text without surrounding blanks, NFC; refuses NUL, lone surrogates and more than `limit` characters."""
    text = unicodedata.normalize("NFC", str(value or "")).strip()
    if "\x00" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise Refused(_("The text has a character that cannot be stored. Remove it and save again."), field)
    if len(text) > limit:
        raise Refused(
            _("The text is too long: %(n)s characters, at most %(limit)s.", n=len(text), limit=limit), field
        )
    return text


def clean_line(value: object, field: str | None = None, limit: int = 250) -> str:
    """One line of text: line breaks and runs of blanks become one blank."""
    return " ".join(clean_text(value, field, limit).split())


def clean_money(value: object, field: str | None = None) -> Decimal:
    """A sum in roubles with kopecks, below 10^12 in size; understands «1 234,50 ₽»."""
    raw = str(value).replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("₽", "").replace(",", ".")
    try:
        money = Decimal(raw)
    except InvalidOperation:
        raise Refused(_("This is not a sum. Type a number, for example 2500."), field) from None
    if not money.is_finite() or abs(money) >= MONEY_LIMIT - Decimal("0.005"):
        raise Refused(_("The sum is too large. It must be below 1 000 000 000 000."), field)
    return money.quantize(Decimal("0.01"), ROUND_HALF_UP)


def clean_date(value: object, field: str | None = None) -> dt.date:
    """A date between 2000 and 2100, from a date, `yyyy-mm-dd` or `dd.mm.yyyy`."""
    day = value.date() if isinstance(value, dt.datetime) else value
    if not isinstance(day, dt.date):
        day = _parsed_date(str(value), field)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(_("The year must be between 2000 and 2100."), field)
    return day


def _parsed_date(text: str, field: str | None) -> dt.date:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise Refused(_("This is not a date. Type it as 31.12.2026."), field)
