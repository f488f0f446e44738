"""Payments: the list, and the dialog that records one."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.services import firms, payments, trash
from app.services.documents import bills
from app.wording import money
from models.deals import Deal
from models.ground.base import db
from models.ground.money import ZERO
from models.ground.refused import NotFound, Refused
from models.payments import Payment, PaymentMethod
from reports.money import deal_money
from views.base import CrmInterface, CrmModelView, committing, require
from views.crud.filters import whole
from views.deals.found import common, deal_or_404
from views.deals.moving import is_fragment
from views.documents import away, deal_link
from views.security import safe_next
from views.shell import say

METHODS = [
    (PaymentMethod.BANK.value, _l("Bank transfer")),
    (PaymentMethod.SBP.value, _l("SBP")),
    (PaymentMethod.CARD.value, _l("Card")),
    (PaymentMethod.CASH.value, _l("Cash")),
]
TYPED = ("amount", "paid_on", "method", "invoice", "payer", "purpose")


class Payments(CrmModelView):
    """Money that came; it is recorded and withdrawn, never rewritten."""

    datamodel = CrmInterface(Payment)
    route_base = "/payments"
    class_permission_name = "Payments"
    base_permissions = ["can_list", "can_show"]
    include_route_methods = {"list", "show", "ask", "record", "withdraw", "restore"}
    list_title, show_title = _l("Payments"), _l("Payment")
    list_columns = ["paid_on", "amount", "payer", "method", "invoice.number", "deal"]
    # FAB makes these forms although nobody is shown them.
    add_columns = edit_columns = ["amount"]
    show_columns = ["paid_on", "amount", "method", "payer", "purpose", "invoice.number", "deal"]
    search_columns = ["paid_on", "amount", "method", "payer", "deal"]
    order_columns = ["paid_on", "amount"]
    base_order = ("paid_on", "desc")
    choices_columns = {"method": METHODS}
    show_template = "payments/show.html"
    empty = (_l("No payments yet"), _l("What came for a deal is recorded on its card or on an invoice."))
    label_columns = {
        "paid_on": _l("Came on"), "amount": _l("Sum"), "payer": _l("Payer"), "method": _l("How"),
        "invoice.number": _l("Invoice"), "deal": _l("Deal"), "purpose": _l("Purpose"),
    }  # fmt: skip
    formatters_columns = {
        "method": lambda method: str(dict(METHODS).get(method, method)),
        "amount": lambda amount: money(amount, exact=True),
        "deal": deal_link,
    }

    def _show(self, pk: Any) -> Any:
        self.extra_args |= {"payment": self.row_or_404(pk)}
        return super()._show(pk)

    @expose("/ask")
    @require("can_add")
    def ask(self) -> Any:
        """The dialog of a payment, with what is still to be paid."""
        deal = deal_or_404(whole(request.args.get("deal", "")))
        return _dialog(deal, request.args.get("invoice", ""))

    @expose("/record", methods=["POST"])
    @require("can_add")
    def record(self) -> Any:
        """Save the dialog."""
        number = whole(request.form.get("deal", ""))
        typed = {name: request.form[name] for name in TYPED if name in request.form}
        try:
            with committing():
                key = request.form.get("request_key", "")[:60]
                payment = payments.record(deal_or_404(number), typed, key)
                words = _("Payment recorded: %(amount)s.", amount=money(payment.amount))
                undo = url_for("Payments.withdraw", pk=payment.id, next=url_for("Deals.card", number=number))
        except NotFound:
            raise
        except Refused as refusal:
            if not is_fragment():
                raise
            page = _dialog(deal_or_404(number), request.form.get("invoice", ""), refusal)
            return make_response(page, 422)
        say(words, undo=undo)
        return away(url_for("Deals.card", number=number, pane="money"))

    @expose("/<int:pk>/withdraw", methods=["POST"])
    @require("can_edit")
    def withdraw(self, pk: int) -> Any:
        """Take back a payment recorded by mistake."""
        with committing():
            payment = payments.withdraw(_payment_or_404(pk))
            words = _("Payment withdrawn: %(amount)s.", amount=money(payment.amount))
        say(words, undo=url_for("Payments.restore", pk=pk, next=request.args.get("next")))
        return redirect(safe_next(request.args.get("next") or url_for("Payments.list")))

    @expose("/<int:pk>/restore", methods=["POST"])
    @require("can_edit")
    def restore(self, pk: int) -> Any:
        """Undo of withdraw."""
        with committing():
            payment = payments.restore(trash.find("payment", pk))
            words = _("Payment counts again: %(amount)s.", amount=money(payment.amount))
        say(words)
        return redirect(safe_next(request.args.get("next") or url_for("Payments.list")))


def _payment_or_404(pk: int) -> Payment:
    found = None
    if pk < 2**63:
        found = db.session.execute(select(Payment).where(Payment.id == pk)).scalar_one_or_none()
    if found is None:
        abort(404)
    return found


def _dialog(deal: Deal, invoice: str, refusal: Refused | None = None) -> str:
    paid = select(Payment.invoice_id, func.sum(Payment.amount)).where(Payment.deal_id == deal.id)
    came = dict(db.session.execute(paid.group_by(Payment.invoice_id)).all())
    invoices = [(one, one.amount - came.get(one.id, ZERO)) for one in bills.live_invoices(deal.id)]
    open_ones = [(one, left) for one, left in invoices if left > 0]
    chosen = invoice or (str(open_ones[0][0].id) if open_ones else "")
    return render_template(
        "payments/_dialog.html",
        deal=deal,
        invoices=invoices,
        chosen=chosen,
        left=next((left for one, left in open_ones if str(one.id) == chosen), deal_money(deal).left),
        today=firms.today_of(firms.own()),
        methods=METHODS,
        request_key=request.form.get("request_key") or secrets.token_hex(12),
        typed=request.form,
        refusal=refusal,
        **common(),
    )
