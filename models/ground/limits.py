"""What a value may be before the database sees it: dates, money, text (PRODUCT.md, Standards)."""

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from flask import has_app_context
from flask_babel import get_locale
from flask_babel import gettext as _

from models.ground.refused import Refused

MONEY_LIMIT = Decimal(10) ** 12
TEXT_LIMIT = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
# 1,234,567 and 1,234.50: commas between thousands, whoever types it; 1,500 alone is so in English only.
THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")


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


def plain_number(value: object) -> str:
    """Digits with a point out of a number as people write it: «1 234,50 ₽», and 1,234.50 of the English page."""
    text = re.sub(r"[\s\u00a0\u202f₽%]", "", str(value)).replace("\u2212", "-")
    if THOUSANDS.fullmatch(text) and (text.count(",") > 1 or "." in text or _speaks_english()):
        return text.replace(",", "")
    return text.replace(",", ".")


def _speaks_english() -> bool:
    locale = get_locale() if has_app_context() else None
    return locale is not None and locale.language == "en"


def clean_money(value: object, field: str | None = None) -> Decimal:
    """A sum in roubles with kopecks, below 10^12 in size; understands «1 234,50 ₽»."""
    try:
        money = Decimal(plain_number(value))
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
