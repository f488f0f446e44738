"""Shipments: the list, a card with its lines, and the dialog that records one."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import firms, shipments, trash
from app.wording import money
from models.deals import Deal
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.shipments import Shipment
from views.base import CrmInterface, CrmModelView, committing, require
from views.crud.filters import whole
from views.deals.found import common, deal_or_404
from views.deals.moving import is_fragment
from views.documents import away, deal_link
from views.security import safe_next
from views.shell import say

LINE = "line-"


class Shipments(CrmModelView):
    """What was handed over or done: the figures of the dashboard come from here."""

    datamodel = CrmInterface(Shipment)
    route_base = "/shipments"
    class_permission_name = "Shipments"
    base_permissions = ["can_list", "can_show"]
    include_route_methods = {"list", "show", "ask", "record", "withdraw", "restore"}
    list_title, show_title = _l("Shipments"), _l("Shipment")
    list_columns = ["shipped_on", "deal", "deal.client_name", "amount", "cost", "margin", "seller"]
    # FAB makes these forms although nobody is shown them.
    add_columns = edit_columns = ["comment"]
    show_columns = ["shipped_on", "deal", "amount", "cost", "margin", "seller", "comment"]
    search_columns = ["shipped_on", "amount", "seller", "deal"]
    order_columns = ["shipped_on", "amount"]
    base_order = ("shipped_on", "desc")
    show_template = "shipments/show.html"
    empty = (
        _l("Nothing was shipped yet"),
        _l("A shipment is recorded on the card of its deal; revenue is counted from here."),
    )
    label_columns = {
        "shipped_on": _l("Shipped on"), "deal": _l("Deal"), "deal.client_name": _l("Client"),
        "amount": _l("Sum"), "cost": _l("Cost"), "margin": _l("Margin"), "seller": _l("Seller"),
        "comment": _l("Comment"),
    }  # fmt: skip
    formatters_columns = {**dict.fromkeys(("amount", "cost", "margin"), money), "deal": deal_link}

    def _show(self, pk: Any) -> Any:
        self.extra_args |= {"shipment": self.row_or_404(pk)} | common()
        return super()._show(pk)

    @expose("/ask")
    @require("can_add")
    def ask(self) -> Any:
        """The dialog of a shipment: what is left of the agreed estimate, all of it suggested."""
        return _dialog(deal_or_404(whole(request.args.get("deal", ""))))

    @expose("/record", methods=["POST"])
    @require("can_add")
    def record(self) -> Any:
        """Save the dialog."""
        number = whole(request.form.get("deal", ""))
        typed = {whole(name.removeprefix(LINE)): value for name, value in _lines()}
        try:
            with committing():
                shipment = shipments.ship(
                    deal_or_404(number),
                    typed,
                    request.form.get("shipped_on", ""),
                    request.form.get("comment", ""),
                    request.form.get("request_key", "")[:60],
                )
                words = _("Shipment recorded: %(amount)s.", amount=money(shipment.amount))
                card = url_for("Deals.card", number=number)
                undo = url_for("Shipments.withdraw", pk=shipment.id, next=card)
        except NotFound:
            raise
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(_dialog(deal_or_404(number), refusal), 422)
        say(words, undo=undo)
        return away(url_for("Deals.card", number=number, pane="money"))

    @expose("/<int:pk>/withdraw", methods=["POST"])
    @require("can_edit")
    def withdraw(self, pk: int) -> Any:
        """Take back a shipment recorded by mistake."""
        with committing():
            shipment = shipments.withdraw(_shipment_or_404(pk))
            words = _("Shipment withdrawn: %(amount)s.", amount=money(shipment.amount))
        say(words, undo=url_for("Shipments.restore", pk=pk, next=request.args.get("next")))
        return redirect(safe_next(request.args.get("next") or url_for("Shipments.list")))

    @expose("/<int:pk>/restore", methods=["POST"])
    @require("can_edit")
    def restore(self, pk: int) -> Any:
        """Undo of withdraw."""
        with committing():
            shipment = shipments.restore(trash.find("shipment", pk))
            words = _("Shipment counts again: %(amount)s.", amount=money(shipment.amount))
        say(words)
        return redirect(safe_next(request.args.get("next") or url_for("Shipments.list")))


def _lines() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items() if name.startswith(LINE)]


def _shipment_or_404(pk: int) -> Shipment:
    found = None
    if pk < 2**63:
        wanted = select(Shipment).where(Shipment.id == pk).options(selectinload(Shipment.lines))
        found = db.session.execute(wanted).scalar_one_or_none()
    if found is None:
        abort(404)
    return found


def _dialog(deal: Deal, refusal: Refused | None = None) -> str:
    return render_template(
        "shipments/_dialog.html",
        deal=deal,
        lefts=[left for left in shipments.remaining(deal) if left.quantity],
        today=firms.today_of(firms.own()),
        request_key=request.form.get("request_key") or secrets.token_hex(12),
        typed=request.form,
        refusal=refusal,
        **common(),
    )
