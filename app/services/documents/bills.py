"""Works out an invoice: how much of the agreed estimate it asks for, and the VAT inside."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import firms
from app.services.documents.values import (
    ADVANCE,
    REST,
    WHOLE,
    Bill,
    VatRow,
    vat_rows_of,
    vat_rows_of_part,
)
from app.wording import money, percent
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate
from models.firms import Firm
from models.ground.base import db, utcnow
from models.ground.money import ZERO, rounded, share_of
from models.ground.refused import Refused


def live_invoices(deal_id: int) -> Sequence[Document]:
    """The invoices of a deal that count."""
    found = select(Document).where(
        Document.deal_id == deal_id,
        Document.kind == DocumentKind.INVOICE,
        Document.state != DocumentState.CANCELLED,
    )
    return db.session.execute(found.order_by(Document.id)).scalars().all()


def work_out(estimate: Estimate, firm: Firm, share: object = None) -> Bill:
    """An invoice without its number. `share` is percent of the estimate; None means the usual prepayment,
    and after that whatever is left. Raises Refused when more would be asked for than was agreed.
    """
    before = live_invoices(estimate.deal_id)
    left = estimate.total - sum((one.amount for one in before), ZERO)
    if left <= 0:
        raise Refused(_("Invoices cover the whole estimate already. Cancel one of them to issue another."))
    part_percent, amount = _asked(estimate, before, left, share)
    if not amount:
        raise Refused(_("Type which part of the estimate the invoice asks for, from 1 to 100 percent."), "share")
    if amount > left:
        words = _("At most %(left)s of this estimate is left to invoice.", left=money(left, exact=True))
        raise Refused(words, "share")
    today = firms.today_of(firm)
    _require_rates(estimate, today)
    part = WHOLE if amount == estimate.total else REST if amount == left else ADVANCE
    return Bill(
        number="",
        date=today,
        due=today + dt.timedelta(days=firm.invoice_due_days),
        basis_date=basis_date(estimate, firm),
        amount=amount,
        share=part_percent,
        part=part,
        rest=left - amount,
        vat_rows=_vat_rows(estimate, before, amount, part),
    )


def _require_rates(estimate: Estimate, today: dt.date) -> None:
    """An estimate that crossed a New Year may hold a rate of VAT that no paper may name any more (domain A.2)."""
    in_force = {rate.percent for rate in firms.rates_on(today).values()}
    old = next((line.vat_percent for line in estimate.lines if line.vat_percent not in in_force), None)
    if old is not None:
        words = _("VAT %(rate)s is no longer in force. Make a new version: it takes today's rate.", rate=percent(old))
        raise Refused(words)


def _asked(estimate: Estimate, before: Sequence[Document], left: Decimal, share: object) -> tuple[Decimal, Decimal]:
    """Percent and sum. The invoice that completes a hundred percent takes what is left, to the kopeck."""
    if share in (None, "") and before:
        return rounded(left * 100 / estimate.total), left
    asked = estimate.prepayment_percent if share in (None, "") else firms.clean_percent(share, "share")
    so_far = sum((one.share or Decimal(0) for one in before), Decimal(0))
    if so_far + asked == 100 and _are_of(before, estimate):
        return asked, left
    return asked, share_of(estimate.total, asked)


def _are_of(invoices: Sequence[Document], estimate: Estimate) -> bool:
    return all(one.estimate_id == estimate.id for one in invoices)


def _vat_rows(estimate: Estimate, before: Sequence[Document], amount: Decimal, part: str) -> list[VatRow]:
    """All invoices together hold the VAT of the lines: the last one takes the difference of rounding."""
    whole = vat_rows_of(estimate.lines)
    if part == WHOLE:
        return whole
    rows = vat_rows_of_part(whole, amount)
    if part != REST or not _are_of(before, estimate):
        return rows
    due = estimate.vat - sum((one.vat for one in before), ZERO) - sum((row.vat for row in rows), ZERO)
    place = max((n for n, row in enumerate(rows) if row.percent), key=lambda n: rows[n].gross, default=None)
    if place is not None:
        row = rows[place]
        rows[place] = VatRow(row.percent, row.gross, row.vat + due)
    return rows


def basis_date(estimate: Estimate, firm: Firm) -> dt.date:
    """The date of the quote that an invoice names: its issue, or the day on which it was agreed."""
    quote = select(Document.issued_on).where(Document.estimate_id == estimate.id, Document.kind == DocumentKind.QUOTE)
    issued = db.session.execute(quote.limit(1)).scalar()
    agreed = (estimate.agreed_at or utcnow()).astimezone(ZoneInfo(firm.zone)).date()
    return issued or agreed
