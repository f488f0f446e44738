"""Verbs of a payment: record what came, withdraw what was recorded by mistake."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import firms
from app.services.versions import locked, locked_deal
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record as note
from models.ground.limits import clean_date, clean_line, clean_money, clean_text
from models.ground.refused import Refused
from models.payments import Payment, PaymentMethod


def record(deal: Deal, values: Mapping[str, Any], request_key: str | None = None) -> Payment:
    """Money that came for a deal: amount, paid_on, method, invoice (its row or id), payer, purpose.

    The same `request_key` gives the same payment: a button pressed twice is paid once. Raises Refused.
    """
    deal = locked(deal)
    before = _same(deal, request_key)
    if before is not None:
        return before
    payment = Payment(deal_id=deal.id, request_key=request_key or None, **_cleaned(deal, values))
    db.session.add(payment)
    db.session.flush()
    note("payment.recorded", payment, amount=payment.amount, invoice=payment.invoice_id)
    return payment


def _same(deal: Deal, request_key: str | None) -> Payment | None:
    if not request_key:
        return None
    twin = select(Payment).where(Payment.deal_id == deal.id, Payment.request_key == request_key)
    return db.session.execute(twin.execution_options(with_deleted=True)).scalar_one_or_none()


def _cleaned(deal: Deal, values: Mapping[str, Any]) -> dict[str, Any]:
    invoice = _invoice(deal, values.get("invoice"))
    return {
        "amount": _amount(values.get("amount")),
        "paid_on": _paid_on(values.get("paid_on")),
        "method": _method(values.get("method") or PaymentMethod.BANK),
        "invoice_id": invoice.id if invoice else None,
        "payer": clean_line(values.get("payer") or _payer_of(deal, invoice), "payer"),
        "purpose": clean_text(values.get("purpose"), "purpose", 1000),
    }


def _amount(value: object) -> Decimal:
    if value is None or value == "":
        raise Refused(_("Type the sum that came."), "amount")
    amount = clean_money(value, "amount")
    if amount <= 0:
        raise Refused(_("A payment is above zero. To take one back, withdraw it."), "amount")
    return amount


def _paid_on(value: object) -> Any:
    today = firms.today_of(firms.own())
    if value is None or value == "":
        return today
    day = clean_date(value, "paid_on")
    if day > today:
        raise Refused(_("This date has not come yet. Choose the day on which the money came."), "paid_on")
    return day


def _method(value: object) -> str:
    try:
        return PaymentMethod(str(value))
    except ValueError:
        raise Refused(_("Choose how the money came: bank, cash, card or SBP."), "method") from None


def _invoice(deal: Deal, value: object) -> Document | None:
    """The invoice that is paid: one of this deal, not cancelled."""
    if value is None or value == "":
        return None
    row = value if isinstance(value, Document) else _by_id(value)
    if row is None or row.deal_id != deal.id or row.kind != DocumentKind.INVOICE:
        raise Refused(_("This invoice is not of this deal. Choose one of its invoices."), "invoice")
    if row.state == DocumentState.CANCELLED:
        raise Refused(_("Invoice %(number)s is cancelled. Choose another one.", number=row.number), "invoice")
    return row


def _by_id(value: object) -> Document | None:
    text = str(value)
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return db.session.get(Document, int(text)) if is_number else None


def _payer_of(deal: Deal, invoice: Document | None) -> str:
    client = invoice.payer if invoice and invoice.payer else deal.payer or deal.client
    return client.name if client else ""


def withdraw(payment: Payment) -> Payment:
    """Take back a payment recorded by mistake: it goes to the trash and is counted no more."""
    payment = locked(payment)
    payment.deleted_at = utcnow()
    payment.deleted_by_id = current_actor().person_id
    db.session.flush()
    note("payment.withdrawn", payment, amount=payment.amount)
    return payment


def restore(payment: Payment) -> Payment:
    """Undo of `withdraw`. Refused when its invoice was cancelled meanwhile."""
    if payment.deleted_at is not None:
        locked_deal(payment)
        invoice = payment.invoice
        if invoice is not None and invoice.state == DocumentState.CANCELLED:
            words = _("Invoice %(number)s is cancelled. Restore it first, or record the payment anew.",
                      number=invoice.number)  # fmt: skip
            raise Refused(words)
        payment.deleted_at = None
        payment.deleted_by_id = None
        db.session.flush()
        note("payment.recorded", payment, amount=payment.amount, invoice=payment.invoice_id)
    return payment
