"""Our firm: its requisites, as papers print them and banks take them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services import firms
from app.wording import number, percent
from models.firms import Firm
from models.ground.actor import current_actor
from models.ground.refused import Refused, Stale
from views.base import CrmView, committing, require
from views.crud.filters import whole
from views.shell import say

TYPED = (*firms.LINES, *firms.PERCENTS, "invoice_due_days", "vat_code", "zone")
# Zones of Russia and a few neighbours first: the list of all has six hundred.
ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
    "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
    "Europe/Minsk", "Asia/Almaty", "Asia/Tashkent", "Asia/Yerevan", "Asia/Tbilisi", "UTC",
)  # fmt: skip

LABELS = {
    "name": _l("Short name, as on papers"), "brand": _l("Brand"), "full_name": _l("Full name"),
    "trade": _l("What you do, in a few words"), "inn": _l("INN"), "kpp": _l("KPP"), "ogrn": _l("OGRN"),
    "vat_code": _l("VAT"), "address": _l("Address"), "bank": _l("Bank name"), "bank_city": _l("City of the bank"),
    "bic": _l("BIC"), "corr_account": _l("Correspondent account"), "account": _l("Account"),
    "head_post": _l("Post of the head"), "head": _l("Head, surname and initials"),
    "accountant": _l("Chief accountant"), "phone": _l("Phone"), "mail": _l("E-mail"), "site": _l("Site"),
    "prepayment_percent": _l("Usual prepayment"), "invoice_due_days": _l("Days to pay an invoice"),
    "min_margin_percent": _l("Least margin"), "zone": _l("Time zone of the papers"),
}  # fmt: skip


class Firms(CrmView):
    """One firm sells; its form is the page."""

    route_base = "/firms"
    default_view = "list"
    class_permission_name = "Firms"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """The requisites."""
        return self._form(firms.own(), {})

    @expose("/", methods=["POST"])
    @require("can_edit")
    def save(self) -> Any:
        """Save them; a doubtful check digit is accepted when the person insists."""
        typed = {name: request.form[name] for name in TYPED if name in request.form}
        version = None if request.form.get("over") else whole(request.form.get("version", ""))
        try:
            with committing():
                firms.save(firms.own(), typed, version, bool(request.form.get("anyway")))
        except Stale as stale:
            return self._form(firms.own(), typed, stale=stale), 409
        except Refused as refusal:
            return self._form(firms.own(), typed, refusal=refusal), 422
        say(_("Saved."))
        return redirect(url_for("Firms.list"))

    def _form(self, firm: Firm, typed: dict[str, str], **trouble: Any) -> str:
        said = {name: said_value(getattr(firm, name)) for name in TYPED} | typed
        zones = sorted({*ZONES, said["zone"]} & available_timezones() | {said["zone"]})
        return self.page(
            "firms/form.html",
            title=_("Our firm"),
            nav="firms",
            firm=firm,
            said=said,
            rates=rates_offered(),
            zones=[(zone, zone.replace("_", " ")) for zone in zones],
            labels=LABELS,
            rows=_differences(trouble.get("stale")),
            editable=current_actor().may("can_edit", "Firms"),
            **{"stale": None, "refusal": None, **trouble},
        )


def rates_offered() -> list[tuple[str, str]]:
    """Rates in force today, in the reader's language: what papers call them is Russian."""
    rates = firms.rates_on(firms.today_of(firms.own()))
    return [
        (code, _("No VAT") if rate.percent is None else _("VAT %(rate)s", rate=percent(rate.percent)))
        for code, rate in rates.items()
    ]


def said_value(value: Any) -> str:
    """A column's value as a form shows it."""
    return number(value) if isinstance(value, Decimal) else str(value)


def _differences(stale: Stale | None) -> Any:
    """Both values of what somebody else saved meanwhile."""
    found = stale.differences if stale else []
    return [(LABELS.get(one.field, one.field), said_value(one.mine), said_value(one.theirs)) for one in found]
