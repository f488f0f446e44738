"""Verbs of a document: issue (a number and frozen values at once), make its file, try again, cancel."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from jinja2 import TemplateError
from sqlalchemy import func, select

from app import files
from app.queue import enqueue_after_commit, outside
from app.services import estimates, firms
from app.services.documents import bills
from app.services.documents.values import bill_values, quote_values
from app.services.versions import locked, locked_deal
from models.clients import Client
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate
from models.firms import Firm
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.money import ZERO
from models.ground.numbers import next_number
from models.ground.refused import Refused
from models.payments import Payment
from reports import papers, pdf

log = logging.getLogger(__name__)

JOB = "app.jobs.documents.make"
# After so many runs a person looks at it; until then it may have been the disk or the power.
ATTEMPTS = 3
UNPRINTABLE = (pdf.Unprintable, TemplateError, OSError, ValueError, TypeError, ArithmeticError, Refused)
TITLES = {DocumentKind.INVOICE: "Счёт", DocumentKind.QUOTE: "КП"}


def issue(deal: Deal, kind: str, share: object = None, request_key: str = "", payer: Client | None = None) -> Document:
    """Issue an invoice for a share of the agreed estimate (percent; None for its usual part or what is left),
    or the quote of the last version, which is then frozen.

    Number and values are given in the transaction of the issue itself. The same `request_key` gives the same
    document. Raises Refused.
    """
    deal = locked(deal)
    before = _same(deal, request_key)
    if before is not None:
        return before
    firm = firms.own()
    if kind == DocumentKind.QUOTE:
        return _quote(deal, firm, request_key)
    return _invoice(deal, firm, share, request_key, payer)


def _same(deal: Deal, request_key: str) -> Document | None:
    if not request_key:
        return None
    twin = select(Document).where(Document.deal_id == deal.id, Document.request_key == request_key)
    return db.session.execute(twin).scalar_one_or_none()


def _quote(deal: Deal, firm: Firm, request_key: str) -> Document:
    estimate = estimates.last_version(deal)
    if estimate is None:
        raise Refused(_("The estimate is empty. Add lines from the price list first."))
    estimate = estimates.send(estimate)
    quoted = select(Document).where(Document.deal_id == deal.id, Document.kind == DocumentKind.QUOTE)
    before = db.session.execute(quoted.where(Document.number == estimate.number)).scalar_one_or_none()
    if before is not None:
        return before
    document = Document(
        kind=DocumentKind.QUOTE,
        number=estimate.number,
        due_on=estimate.valid_until,
        amount=estimate.total,
        vat=estimate.vat,
        values=quote_values(deal, estimate, firm, firms.today_of(firm)),
    )
    return _issued(document, estimate, firm, request_key)


def _invoice(deal: Deal, firm: Firm, share: object, request_key: str, payer: Client | None) -> Document:
    estimate = estimates.agreed_version(deal)
    if estimate is None:
        raise Refused(_("There is no agreed estimate yet: first mark a version as agreed by the client."))
    payer = payer or deal.payer or deal.client
    if payer is None:
        raise Refused(_("Choose who pays: the invoice needs a name."), "payer")
    firms.require_bank(firm)
    bill = bills.work_out(estimate, firm, share)
    serial = next_number(db.session(), DocumentKind.INVOICE, firm.id, bill.date.year)
    bill = replace(bill, number=str(serial))
    document = Document(
        kind=DocumentKind.INVOICE,
        number=bill.number,
        serial=serial,
        payer_id=payer.id,
        due_on=bill.due,
        share=bill.share,
        amount=bill.amount,
        vat=bill.vat,
        values=bill_values(deal, estimate, firm, payer, bill),
    )
    return _issued(document, estimate, firm, request_key)


def _issued(document: Document, estimate: Estimate, firm: Firm, request_key: str) -> Document:
    today = firms.today_of(firm)
    document.year, document.issued_on = today.year, today
    document.deal_id, document.firm_id, document.estimate_id = estimate.deal_id, firm.id, estimate.id
    document.state = DocumentState.MAKING
    document.request_key = request_key or f"{document.kind}-{document.number}-{today.year}"
    db.session.add(document)
    db.session.flush()
    record("document.issued", document, kind=document.kind, number=document.number, amount=document.amount)
    enqueue_after_commit(JOB, document.id)
    return document


def make(document_id: int) -> None:
    """Make the file of a document, in a job: safe to run twice and to be killed at any moment.

    Number and values are there already, so every run makes the same paper.
    """
    order = _begun(document_id)
    if order is None:
        return
    with outside():
        done = _pressed(*order)
    _finished(document_id, done)


def _begun(document_id: int) -> tuple[str, Mapping[str, Any], str] | None:
    document = _for_update(document_id)
    if document is None or document.state != DocumentState.MAKING:
        return None
    if document.attempts >= ATTEMPTS:
        _failed(document, document.error or "the worker was stopped each time")
        return None
    document.attempts += 1
    return document.kind, dict(document.values), file_name(document)


def _pressed(kind: str, values: Mapping[str, Any], _name: str) -> files.Kept | str:
    """The bytes on the disk, or why there are none."""
    try:
        return files.put(pdf.pdf(papers.html(kind, values)))
    except UNPRINTABLE as error:
        log.exception("a paper could not be made")
        return f"{type(error).__name__}: {error}"[:250]


def _finished(document_id: int, done: files.Kept | str) -> None:
    document = _for_update(document_id)
    if document is None or document.state != DocumentState.MAKING:
        # Another run was faster, or the document was cancelled meanwhile.
        if isinstance(done, files.Kept):
            files.drop(done)
        return
    if isinstance(done, files.Kept):
        document.file = files.attach(done, file_name(document), document.deal_id)
        document.state, document.error, document.made_at = DocumentState.READY, "", utcnow()
        record("document.ready", document, kind=document.kind, number=document.number)
    elif document.attempts >= ATTEMPTS:
        _failed(document, done)
    else:
        document.error = done
        enqueue_after_commit(JOB, document.id)


def _failed(document: Document, why: str) -> None:
    document.state, document.error = DocumentState.FAILED, why
    record("document.failed", document, kind=document.kind, number=document.number)


def _for_update(document_id: int) -> Document | None:
    return db.session.get(Document, document_id, with_for_update={"key_share": True}, populate_existing=True)


def file_name(document: Document) -> str:
    """Счёт № 318 от 20.10.2026.pdf"""
    title = TITLES[DocumentKind(document.kind)]
    return f"{title} № {document.number} от {document.issued_on:%d.%m.%Y}.pdf"


def retry(document: Document) -> Document:
    """Make a failed paper again, under its own number."""
    document = locked(document)
    if document.state == DocumentState.FAILED:
        document.state, document.attempts, document.error = DocumentState.MAKING, 0, ""
        db.session.flush()
        enqueue_after_commit(JOB, document.id)
    return document


def cancel(document: Document) -> Document:
    """Cancel an invoice; its number stays its own. Refused for a paid one, and for a quote."""
    # First the deal: a payment of this invoice may be on its way.
    locked_deal(document)
    document = locked(document)
    if document.kind != DocumentKind.INVOICE:
        raise Refused(_("A quote is not cancelled: make a new version of the estimate."))
    paid = select(func.sum(Payment.amount)).where(Payment.invoice_id == document.id)
    if db.session.execute(paid).scalar():
        raise Refused(_("Invoice %(number)s is paid. Withdraw its payments first.", number=document.number))
    if document.state != DocumentState.CANCELLED:
        document.state = DocumentState.CANCELLED
        db.session.flush()
        record("document.cancelled", document, kind=document.kind, number=document.number)
    return document


def restore(document: Document) -> Document:
    """Undo of `cancel`. Refused when other invoices took its place meanwhile."""
    locked_deal(document)
    document = locked(document)
    if document.state != DocumentState.CANCELLED:
        return document
    others = sum((one.amount for one in bills.live_invoices(document.deal_id)), ZERO)
    agreed = estimates.agreed_version(document.deal)
    if agreed is None or others + document.amount > agreed.total:
        raise Refused(_("Other invoices cover this sum meanwhile, so this one stays cancelled."))
    document.state = DocumentState.READY if document.file_id else DocumentState.MAKING
    db.session.flush()
    if document.state == DocumentState.MAKING:
        enqueue_after_commit(JOB, document.id)
    return document
