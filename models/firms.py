"""The seller: requisites as papers print them, the VAT regime, and the dated table of rates."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.access import Public
from models.ground.base import Line, Model, Percent, Stamped, Tracked, Versioned


class VatRate(Public, Model):
    """A VAT rate with the days on which it holds: data, never a constant. `percent` None means «без НДС»."""

    __tablename__ = "vat_rate"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(40))
    percent: Mapped[Percent | None]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]

    def holds_on(self, day: dt.date) -> bool:
        """Whether the rate is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Firm(Public, Tracked, Stamped, Versioned, Model):
    """A legal entity that sells. `vat_code` names the usual rate of its lines, `zone` dates its papers."""

    __tablename__ = "firm"
    tracked = (
        "name", "full_name", "inn", "kpp", "ogrn", "address", "bank", "bic", "corr_account", "account",
        "vat_code", "head", "accountant",
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    brand: Mapped[Line]
    trade: Mapped[Line] = mapped_column(default="")
    name: Mapped[Line]
    full_name: Mapped[Line] = mapped_column(default="")
    inn: Mapped[str] = mapped_column(String(12), default="")
    kpp: Mapped[str] = mapped_column(String(9), default="")
    ogrn: Mapped[str] = mapped_column(String(15), default="")
    address: Mapped[Line] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    mail: Mapped[str] = mapped_column(String(120), default="")
    site: Mapped[str] = mapped_column(String(120), default="")
    bank: Mapped[Line] = mapped_column(default="")
    bank_city: Mapped[str] = mapped_column(String(80), default="")
    bic: Mapped[str] = mapped_column(String(9), default="")
    corr_account: Mapped[str] = mapped_column(String(20), default="")
    account: Mapped[str] = mapped_column(String(20), default="")
    head_post: Mapped[str] = mapped_column(String(80), default="")
    head: Mapped[str] = mapped_column(String(80), default="")
    accountant: Mapped[str] = mapped_column(String(80), default="")
    vat_code: Mapped[str] = mapped_column(String(20), default="none")
    zone: Mapped[str] = mapped_column(String(40), default="Europe/Moscow")
    invoice_due_days: Mapped[int] = mapped_column(default=3)
    prepayment_percent: Mapped[Percent] = mapped_column(default=Decimal(50))
    min_margin_percent: Mapped[Percent] = mapped_column(default=Decimal(25))

    def __repr__(self) -> str:
        return self.name
