"""Estimates: the list of all versions, and the page of a deal's estimate with its grid."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l

from app.wording import money
from models.estimates import Estimate
from views.base import CrmInterface, CrmModelView, require
from views.documents import TAG
from views.estimates.page import HUES, STATES, EstimatePage

__all__ = ["EstimatePage", "Estimates"]


class Estimates(CrmModelView):
    """All versions; each opens on the page of its deal."""

    datamodel = CrmInterface(Estimate)
    route_base = "/estimates"
    class_permission_name = "Estimates"
    base_permissions = ["can_list", "can_show"]
    include_route_methods = {"list", "show"}
    list_title = _l("Estimates")
    list_columns = ["number", "deal.client_name", "deal.title", "state", "total", "margin", "changed_at"]
    # FAB makes these forms although nobody is shown them.
    add_columns = edit_columns = ["terms"]
    search_columns = ["state", "total", "deal", "changed_at"]
    order_columns = ["total", "changed_at"]
    base_order = ("changed_at", "desc")
    choices_columns = {"state": STATES}
    empty = (_l("No estimates yet"), _l("An estimate is worked out on the card of its deal."))
    label_columns = {
        "number": _l("Number"), "deal.client_name": _l("Client"), "deal.title": _l("What is being made"),
        "state": _l("State"), "total": _l("Total"), "margin": _l("Margin"), "changed_at": _l("Changed"),
        "deal": _l("Deal"),
    }  # fmt: skip
    formatters_columns = {
        "state": lambda state: TAG.format(HUES.get(state, "slate"), dict(STATES).get(state, state)),
        "total": money,
        "margin": money,
    }

    @expose("/show/<pk>")
    @require("can_show")
    def show(self, pk: str) -> Any:
        """A row of the list leads to its deal."""
        row = self.row_or_404(pk)
        return redirect(url_for("EstimatePage.show", number=row.deal.number, v=row.revision))
