"""Invoices and payments: the accountant's first screen."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import firms
from models.ground.actor import current_actor
from reports import invoices as report
from views.base import CrmView, require
from views.crud.filters import whole
from views.deals.found import common

LAST_PAGE = 10_000


class Invoices(CrmView):
    """/invoices/"""

    route_base = "/invoices"
    default_view = "list"
    class_permission_name = "Documents"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """Invoices that wait for money, what came last, and deals that wait for an invoice."""
        which = request.args.get("show", report.ALL)
        if which not in report.FILTERS:
            raise BadRequest
        page = whole(request.args.get("page", "0"), LAST_PAGE)
        today = firms.today_of(firms.own())
        rows, is_more = report.waiting(which, today, page)
        sees_payments = current_actor().may("can_list", "Payments")
        return self.page(
            "documents/invoices.html",
            title=_("Invoices and payments"),
            nav="documents",
            tabs=_tabs(sees_payments),
            which=which,
            rows=rows,
            is_more=is_more,
            number=page,
            totals=report.totals(today),
            payments=report.last_payments() if sees_payments else [],
            billable=report.billable(),
            **common(),
        )


def _tabs(sees_payments: bool) -> Any:
    kinds = url_for("Documents.list", _flt_0_kind="invoice")
    tabs = [
        {"label": _("For today"), "url": url_for("Invoices.list"), "on": True},
        {"label": _("Invoices"), "url": kinds, "on": False},
    ]
    if sees_payments:
        tabs.append({"label": _("Payments"), "url": url_for("Payments.list"), "on": False})
    return tabs
