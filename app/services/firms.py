"""Verbs of the selling firm: its requisites are checked before they reach papers; rates of VAT by day."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.services.versions import check_version, locked
from models.firms import Firm, VatRate
from models.ground import requisites
from models.ground.base import db, utcnow
from models.ground.limits import clean_line, plain_number
from models.ground.refused import Refused

DIGITS = ("inn", "kpp", "ogrn", "bic", "corr_account", "account")
LINES = (
    "brand", "trade", "name", "full_name", *DIGITS, "address", "phone", "mail", "site", "bank", "bank_city",
    "head_post", "head", "accountant",
)  # fmt: skip
PERCENTS = ("prepayment_percent", "min_margin_percent")

# A failing check digit is a warning that may be overridden: registers have errors too (domain A.6).
DOUBTFUL: dict[str, tuple[Callable[[str], bool], Any]] = {
    "inn": (requisites.is_inn, _l("The check digit of the INN does not fit. Look at the certificate again.")),
    "kpp": (requisites.is_kpp, _l("A KPP has nine characters, for example 779901001.")),
    "ogrn": (
        requisites.is_ogrn,
        _l("The check digit of the OGRN does not fit. Look at the certificate again."),
    ),
}


def own() -> Firm:
    """The firm that sells. Raises Refused while there is none."""
    firm = db.session.execute(select(Firm).order_by(Firm.id).limit(1)).scalar_one_or_none()
    if firm is None:
        raise Refused(_("There is no firm of ours yet. Ask the administrator to enter its requisites."))
    return firm


def save(firm: Firm, values: Mapping[str, Any], version: int | None = None, anyway: bool = False) -> Firm:
    """Save requisites. `anyway` accepts a check digit that does not fit, except where money would go astray.

    Raises Refused with the field; `details` are the codes of doubtful fields, if only those stand in the way.
    """
    firm = locked(firm)
    typed = cleaned(values)
    check_version(firm, version, typed)
    check({name: typed.get(name, getattr(firm, name)) for name in (*LINES, "vat_code", "zone")}, anyway)
    for name, value in typed.items():
        setattr(firm, name, value)
    db.session.flush()
    return firm


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the columns hold it; unknown names are left out. Raises Refused."""
    found: dict[str, Any] = {}
    for name in LINES:
        if name in values:
            length = getattr(Firm, name).type.length
            line = clean_line(values[name], name, length)
            found[name] = line.replace(" ", "") if name in DIGITS else line
    for name in PERCENTS:
        if name in values:
            found[name] = clean_percent(values[name], name)
    if "invoice_due_days" in values:
        found["invoice_due_days"] = _days(values["invoice_due_days"])
    return found | {name: str(values[name]) for name in ("vat_code", "zone") if name in values}


def clean_percent(value: object, field: str) -> Decimal:
    """A percentage from 0 to 100 with two places. Raises Refused."""
    try:
        percent = Decimal(plain_number(value))
    except ArithmeticError:
        percent = Decimal(-1)
    if not percent.is_finite() or not 0 <= percent <= 100 or percent != round(percent, 2):
        raise Refused(_("Type a number from 0 to 100, at most two digits after the comma."), field)
    return percent


def _days(value: object) -> int:
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > 365:
        raise Refused(_("Type a whole number of days from 0 to 365."), "invoice_due_days")
    return int(text)


def check(values: Mapping[str, Any], anyway: bool) -> None:
    """Refuse requisites that papers or banks would not take."""
    for name in ("name", "brand"):
        if not values[name]:
            raise Refused(_("Fill in this field: it stands on every paper."), name)
    _check_bank(values)
    if values["zone"] not in available_timezones():
        raise Refused(_("There is no such time zone. Choose one from the list."), "zone")
    rate_on(values["vat_code"], utcnow().astimezone(ZoneInfo(values["zone"])).date())
    doubtful = [name for name in DOUBTFUL if values[name] and not DOUBTFUL[name][0](values[name])]
    if doubtful and not anyway:
        raise Refused(str(DOUBTFUL[doubtful[0]][1]), doubtful[0], doubtful)


def _check_bank(values: Mapping[str, Any]) -> None:
    """The bank's fields go into the payment QR: nothing but right ones, or none."""
    bic, account, corr = values["bic"], values["account"], values["corr_account"]
    if bic and not requisites.is_bic(bic):
        words = _("A BIC has nine digits and begins with 04. Excel may have dropped the first zero.")
        raise Refused(words, "bic")
    if account and not requisites.is_account(account, bic):
        words = _("The account does not fit this BIC. Check all 20 digits and the bank.")
        raise Refused(words, "account")
    if corr and not requisites.is_corr_account(corr, bic):
        words = _("The correspondent account does not fit this BIC. Check its digits and the bank.")
        raise Refused(words, "corr_account")


def today_of(firm: Firm) -> dt.date:
    """The firm's date: papers are dated where the firm is, not where the reader sits."""
    return utcnow().astimezone(ZoneInfo(firm.zone)).date()


def rate_on(code: str, day: dt.date) -> VatRate:
    """The rate of a code in force on a day. Raises Refused when there is none."""
    rates = db.session.execute(select(VatRate).where(VatRate.code == code)).scalars()
    found = next((rate for rate in rates if rate.holds_on(day)), None)
    if found is None:
        raise Refused(_("There is no VAT rate “%(code)s” on this day. Choose one.", code=code), "vat_code")
    return found


def rates_on(day: dt.date) -> dict[str, VatRate]:
    """All rates in force on a day, by code."""
    rates = db.session.execute(select(VatRate).order_by(VatRate.id)).scalars()
    return {rate.code: rate for rate in rates if rate.holds_on(day)}


def require_bank(firm: Firm) -> None:
    """Refuse to issue an invoice that nobody could pay."""
    if not (firm.bank and firm.bic and firm.account):
        words = _("The bank requisites of %(firm)s are missing. Enter them in “Our firm”.", firm=firm.name)
        raise Refused(words)
