"""Documents: the list, a card with its file, the dialog that issues an invoice, try again, cancel."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import func, select

from app.services import documents, estimates, firms
from app.services.documents import bills
from app.wording import money
from models.clients import Client
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.ground.base import db
from models.ground.money import share_of
from models.ground.refused import NotFound, Refused
from models.payments import Payment
from views.base import CrmInterface, CrmModelView, committing, require
from views.crud.filters import whole
from views.deals.found import common, deal_or_404
from views.deals.moving import is_fragment
from views.look.listing import cell
from views.security import safe_next
from views.shell import say

KINDS = [(DocumentKind.QUOTE.value, _l("Quote")), (DocumentKind.INVOICE.value, _l("Invoice"))]
STATES = [
    (DocumentState.MAKING.value, _l("being made")),
    (DocumentState.READY.value, _l("ready")),
    (DocumentState.FAILED.value, _l("not made")),
    (DocumentState.CANCELLED.value, _l("cancelled")),
]
HUES = {"making": "blue", "ready": "green", "failed": "red", "cancelled": "slate"}
TAG = Markup('<span class="v-tag h-{}">{}</span>')


LINK = Markup('<a href="{}">{}</a>')


def deal_link(deal: Deal | None) -> Any:
    """A deal's number that leads to its card."""
    return LINK.format(url_for("Deals.card", number=deal.number), deal) if deal else cell(None)


def state_tag(state: str) -> Markup:
    """A document's state as a tag."""
    return TAG.format(HUES.get(state, "slate"), dict(STATES).get(state, state))


class Documents(CrmModelView):
    """Numbered papers; they are issued, never typed."""

    datamodel = CrmInterface(Document, load=("file",))
    route_base = "/documents"
    class_permission_name = "Documents"
    base_permissions = ["can_list", "can_show"]
    include_route_methods = {
        "list", "show", "choose", "ask", "issue", "row", "retry", "cancel", "restore",
    }  # fmt: skip
    list_title, show_title = _l("Documents"), _l("Document")
    list_columns = ["number", "kind", "issued_on", "deal", "payer", "amount", "due_on", "state"]
    # FAB makes these forms although nobody is shown them.
    add_columns = edit_columns = ["number"]
    show_columns = [
        "number", "kind", "state", "issued_on", "deal", "payer", "amount", "vat", "share", "due_on", "error",
    ]  # fmt: skip
    search_columns = ["kind", "state", "number", "issued_on", "due_on", "amount", "deal", "payer"]
    order_columns = ["number", "issued_on", "amount"]
    base_order = ("issued_on", "desc")
    choices_columns = {"kind": KINDS, "state": STATES}
    show_template = "documents/show.html"
    empty = (_l("No documents yet"), _l("Quotes and invoices made on a deal come here, each with its file."))
    label_columns = {
        "number": _l("Number"), "kind": _l("Kind"), "issued_on": _l("Issued"), "deal": _l("Deal"),
        "payer": _l("Payer"), "amount": _l("Sum"), "due_on": _l("Valid until"), "state": _l("State"),
        "vat": _l("VAT"), "share": _l("Part of the estimate, %"), "error": _l("What went wrong"),
    }  # fmt: skip
    formatters_columns = {
        "kind": lambda kind: str(dict(KINDS).get(kind, kind)),
        "state": state_tag,
        "deal": deal_link,
        "amount": lambda amount: money(amount, exact=True),
        "vat": lambda amount: money(amount, exact=True),
    }

    def _show(self, pk: Any) -> Any:
        document = self.row_or_404(pk)
        self.extra_args |= {"document": document, "paid": paid_of(document)}
        return super()._show(pk)

    @expose("/ask")
    @require("can_issue")
    def ask(self) -> Any:
        """The dialog of an invoice: which part of the estimate, and who pays."""
        if request.args.get("deal_id"):
            deal = db.session.get(Deal, whole(request.args["deal_id"]))
            return _dialog(deal) if deal is not None else abort(404)
        return _dialog(deal_or_404(whole(request.args.get("deal", ""))))

    @expose("/choose")
    @require("can_issue")
    def choose(self) -> Any:
        """The dialog that asks which deal is to be invoiced."""
        return render_template("documents/_choose.html")

    @expose("/issue", methods=["POST"])
    @require("can_issue")
    def issue(self) -> Any:
        """Issue the invoice of the dialog."""
        number = whole(request.form.get("deal", ""))
        try:
            with committing():
                document = documents.issue(
                    deal_or_404(number),
                    DocumentKind.INVOICE,
                    _share(),
                    request.form.get("request_key", "")[:60],
                    _payer(request.form.get("payer", "")),
                )
                words = _("Invoice %(number)s is issued, the file is being made.", number=document.number)
        except NotFound:
            raise
        except Refused as refusal:
            if not is_fragment():
                raise
            return make_response(_dialog(deal_or_404(number), refusal), 422)
        say(words)
        return away(url_for("Deals.card", number=number, pane="money"))

    @expose("/<int:pk>/row")
    @require("can_show")
    def row(self, pk: int) -> Any:
        """A paper's line on the card, asked for again while the paper is being made."""
        document = document_or_404(pk)
        return render_template("documents/_row.html", document=document, **common())

    @expose("/<int:pk>/retry", methods=["POST"])
    @require("can_issue")
    def retry(self, pk: int) -> Any:
        """Make a failed paper again."""
        with committing():
            documents.retry(document_or_404(pk))
        if is_fragment():
            return render_template("documents/_row.html", document=document_or_404(pk), **common())
        return redirect(safe_next(request.args.get("next", url_for("Documents.show", pk=pk))))

    @expose("/<int:pk>/cancel", methods=["POST"])
    @require("can_issue")
    def cancel(self, pk: int) -> Any:
        """Cancel an invoice; its number stays taken."""
        with committing():
            document = documents.cancel(document_or_404(pk))
            words = _("Invoice %(number)s is cancelled.", number=document.number)
        say(words, undo=url_for("Documents.restore", pk=pk, next=request.args.get("next")))
        return redirect(safe_next(request.args.get("next", url_for("Documents.show", pk=pk))))

    @expose("/<int:pk>/restore", methods=["POST"])
    @require("can_issue")
    def restore(self, pk: int) -> Any:
        """Undo of cancel."""
        with committing():
            document = documents.restore(document_or_404(pk))
            words = _("Invoice %(number)s counts again.", number=document.number)
        say(words)
        return redirect(safe_next(request.args.get("next") or url_for("Documents.show", pk=pk)))


def document_or_404(pk: int) -> Document:
    """The document, if the actor reaches it."""
    found = None
    if pk < 2**63:
        found = db.session.execute(select(Document).where(Document.id == pk)).scalar_one_or_none()
    if found is None:
        abort(404)
    return found


def away(place: str) -> Any:
    """After a dialog: the page is loaded anew, by whoever asked."""
    if is_fragment():
        return Response("", 200, {"HX-Refresh": "true"})
    return redirect(safe_next(request.form.get("next", "") or place))


def _share() -> str:
    """The chosen part: a percent, or what is typed beside «other»."""
    chosen = request.form.get("share", "")
    return request.form.get("other", "") if chosen == "other" else "" if chosen == "rest" else chosen


def _payer(text: str) -> Client | None:
    if not text:
        return None
    found = db.session.get(Client, whole(text))
    if found is None:
        raise Refused(_("There is no such client, or you may not see it. Choose one from the list."), "payer")
    return found


def _dialog(deal: Deal, refusal: Refused | None = None) -> str:
    """Suggested parts with their sums; nothing is issued yet."""
    estimate = estimates.agreed_version(deal)
    before = bills.live_invoices(deal.id)
    total = estimate.total if estimate else 0
    left = total - sum(one.amount for one in before)
    usual = estimate.prepayment_percent if estimate else firms.own().prepayment_percent
    shares = [(usual, share_of(total, usual))] if estimate and share_of(total, usual) <= left else []
    return render_template(
        "documents/_dialog.html",
        deal=deal,
        estimate=estimate,
        before=before,
        left=left,
        shares=[one for one in shares if one[1] != left],
        payer=deal.payer or deal.client,
        request_key=request.form.get("request_key") or secrets.token_hex(12),
        typed=request.form,
        refusal=refusal,
        **common(),
    )


def paid_of(document: Document) -> Any:
    """What came for an invoice."""
    paid = select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.invoice_id == document.id)
    return db.session.execute(paid).scalar_one()


__all__ = ["TAG", "Documents", "away", "deal_link", "document_or_404"]
