"""Verbs of an estimate: draft, save lines, next version, send, agree; every sum is that of the lines."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.services import deals, firms
from app.services.estimates.lines import clean_lines
from app.services.versions import locked
from app.wording import number
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate, EstimateLine, EstimateState
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_date, clean_text
from models.ground.money import ZERO
from models.ground.refused import Difference, Refused, Stale
from models.shipments import Shipment, ShipmentLine
from models.staff import Person

# The price of a quote holds for a week, unless somebody says otherwise.
PRICE_DAYS = 7
COPIED = (
    "position", "section", "product_id", "sku", "name", "size", "quantity", "unit", "okei", "price",
    "discount", "discount_sum", "cost", "vat_percent",
)  # fmt: skip
COMPARED = {
    "name": _l("Name"), "size": _l("Size, mm"), "quantity": _l("Quantity"), "unit": _l("Unit"),
    "price": _l("Price"), "discount": _l("Discount"),
}  # fmt: skip


def draft(deal: Deal) -> Estimate:
    """The version that may be edited: the draft there is, or the first or next one."""
    last = last_version(deal)
    if last is None:
        return _start(deal)
    return last if last.state == EstimateState.DRAFT else next_version(last)


def last_version(deal: Deal) -> Estimate | None:
    """The newest version of a deal."""
    newest = select(Estimate).where(Estimate.deal_id == deal.id).order_by(Estimate.revision.desc()).limit(1)
    return db.session.execute(newest).scalar_one_or_none()


def agreed_version(deal: Deal) -> Estimate | None:
    """The version that the client agreed to: the one invoices and shipments are made of."""
    found = select(Estimate).where(Estimate.deal_id == deal.id, Estimate.state == EstimateState.AGREED)
    return db.session.execute(found.order_by(Estimate.revision.desc()).limit(1)).scalar_one_or_none()


def _start(deal: Deal) -> Estimate:
    locked(deal)
    again = last_version(deal)
    if again is not None:
        return again
    firm = firms.own()
    return _added(
        Estimate(
            deal_id=deal.id,
            revision=1,
            state=EstimateState.DRAFT,
            prepayment_percent=firm.prepayment_percent,
            valid_until=firms.today_of(firm) + dt.timedelta(days=PRICE_DAYS),
        )
    )


def _added(estimate: Estimate) -> Estimate:
    db.session.add(estimate)
    db.session.flush()
    return estimate


def next_version(estimate: Estimate) -> Estimate:
    """A draft with the lines of a version; the draft there is already, if there is one.

    A line of it remembers the line it continues: what was shipped stays shipped. A rate of VAT that is no
    longer in force gives way to the firm's usual one.
    """
    deal = locked(estimate.deal)
    last = last_version(deal)
    if last is not None and last.state == EstimateState.DRAFT:
        return last
    firm = firms.own()
    made = _added(
        Estimate(
            deal_id=deal.id,
            revision=(last or estimate).revision + 1,
            state=EstimateState.DRAFT,
            prepayment_percent=estimate.prepayment_percent,
            valid_until=firms.today_of(firm) + dt.timedelta(days=PRICE_DAYS),
            terms=estimate.terms,
        )
    )
    rates = firms.rates_on(firms.today_of(firm))
    for line in estimate.lines:
        values = {name: getattr(line, name) for name in COPIED}
        if line.vat_percent not in {rate.percent for rate in rates.values()}:
            values["vat_percent"] = firms.rate_on(firm.vat_code, firms.today_of(firm)).percent
        made.lines.append(EstimateLine(deal_id=deal.id, root_id=line.root, **values))
    _total(made)
    db.session.flush()
    return made


def save_lines(
    estimate: Estimate,
    lines: Sequence[Mapping[str, Any]],
    version: int | None = None,
    terms: Mapping[str, Any] | None = None,
) -> Estimate:
    """Replace the lines of a draft, and its terms if they are given; the amount of the deal follows.

    Raises Refused, and Stale with both values when somebody saved meanwhile.
    """
    # First the deal, as every verb of its estimates does: its amount follows.
    locked(estimate.deal)
    estimate = locked(estimate)
    if estimate.state != EstimateState.DRAFT:
        words = _("Version %(n)s was sent and no longer changes. Make a new version.", n=estimate.revision)
        raise Refused(words)
    kept = {line.id: line for line in estimate.lines}
    typed = clean_lines(lines, kept)
    if version is not None and version != estimate.version:
        raise _stale(estimate, typed, kept)
    _set_terms(estimate, terms or {})
    _replace(estimate, typed, kept)
    _total(estimate)
    # Lines are other rows: the version must count their changes too.
    estimate.changed_at = utcnow()
    db.session.flush()
    record("estimate.saved", estimate, revision=estimate.revision, total=estimate.total)
    deals.follow_estimate(estimate.deal)
    return estimate


def _stale(estimate: Estimate, typed: Sequence[Mapping[str, Any]], kept: Mapping[int, EstimateLine]) -> Stale:
    """Who saved meanwhile, and line by line what differs."""
    both = [(line, kept[line["id"]]) for line in typed if line["id"]]
    differences = [
        Difference(f"{theirs.name}: {label}", _said(line[name]), _said(getattr(theirs, name)))
        for line, theirs in both
        for name, label in COMPARED.items()
        if getattr(theirs, name) != line[name]
    ]
    sent = {line["id"] for line in typed}
    differences += [Difference(x.name, None, _said(x.sum)) for x in estimate.lines if x.id not in sent]
    differences += [Difference(x["name"], _said(x["quantity"]), None) for x in typed if not x["id"]]
    by = db.session.get(Person, estimate.changed_by_id) if estimate.changed_by_id else None
    return Stale(by.name if by else "Voronka", estimate.changed_at, differences)


def _said(value: Any) -> str:
    return number(value) if isinstance(value, Decimal) else str(value)


def _replace(estimate: Estimate, typed: Sequence[Mapping[str, Any]], kept: Mapping[int, EstimateLine]) -> None:
    rows = []
    for position, values in enumerate(typed, 1):
        row = kept.get(values["id"]) or EstimateLine(deal_id=estimate.deal_id)
        for name, value in values.items():
            if name != "id":
                setattr(row, name, value)
        row.position = position
        rows.append(row)
    estimate.lines = rows


def _total(estimate: Estimate) -> None:
    """Every total is a sum of lines, VAT too: the VAT of the total may differ by kopecks (domain A.2)."""
    lines = estimate.lines
    estimate.total = sum((line.sum for line in lines), ZERO)
    estimate.full = sum((line.full for line in lines), ZERO)
    estimate.cost = sum((line.cost_sum for line in lines), ZERO)
    estimate.vat = sum((line.vat for line in lines), ZERO)


def _set_terms(estimate: Estimate, terms: Mapping[str, Any]) -> None:
    if "prepayment_percent" in terms:
        percent = firms.clean_percent(terms["prepayment_percent"], "prepayment_percent")
        if not percent:
            raise Refused(_("The prepayment is from 1 to 100 percent."), "prepayment_percent")
        estimate.prepayment_percent = percent
    if "valid_until" in terms:
        typed = terms["valid_until"]
        estimate.valid_until = clean_date(typed, "valid_until") if typed else None
    if "terms" in terms:
        estimate.terms = clean_text(terms["terms"], "terms", 2000)


def send(estimate: Estimate) -> Estimate:
    """Freeze a version for its quote (documents.issue makes the paper). One sent before stays as it is."""
    estimate = locked(estimate)
    if estimate.state == EstimateState.DRAFT:
        _require_lines(estimate)
        estimate.state = EstimateState.SENT
        estimate.sent_at = utcnow()
        db.session.flush()
        record("estimate.sent", estimate, revision=estimate.revision, total=estimate.total)
    return estimate


def agree(estimate: Estimate) -> Estimate:
    """The client said yes: this version counts from now on, an earlier one no longer does.

    Refuses one without lines, and one that holds less than was shipped already.
    """
    locked(estimate.deal)
    estimate = locked(estimate)
    if estimate.state == EstimateState.AGREED:
        return estimate
    _require_lines(estimate)
    _require_shipped(estimate)
    before = agreed_version(estimate.deal)
    if before is not None:
        before.state = EstimateState.SENT
    estimate.state = EstimateState.AGREED
    estimate.agreed_at = utcnow()
    db.session.flush()
    record("estimate.agreed", estimate, revision=estimate.revision, total=estimate.total)
    deals.follow_estimate(estimate.deal)
    return estimate


def take_back(estimate: Estimate) -> Estimate:
    """Undo of `agree`: the version counts as sent, and the one that was agreed before it counts again.

    Refused when it is invoiced or shipped already.
    """
    locked(estimate.deal)
    estimate = locked(estimate)
    if estimate.state != EstimateState.AGREED:
        return estimate
    live = Document.state != DocumentState.CANCELLED
    invoices = select(func.count(Document.id)).where(
        Document.estimate_id == estimate.id, Document.kind == DocumentKind.INVOICE, live
    )
    if db.session.execute(invoices).scalar_one() or shipped_by_root(estimate.deal_id):
        words = _("Invoices or shipments are made of this version already. Agree on a new version instead.")
        raise Refused(words)
    estimate.state = EstimateState.SENT
    estimate.agreed_at = None
    db.session.flush()
    before = _agreed_before(estimate)
    if before is not None:
        before.state = EstimateState.AGREED
        db.session.flush()
    deals.follow_estimate(estimate.deal)
    return estimate


def _agreed_before(estimate: Estimate) -> Estimate | None:
    """The version whose place this one took: it keeps the moment of its agreement."""
    rows = select(Estimate).where(Estimate.deal_id == estimate.deal_id, Estimate.agreed_at.is_not(None))
    return db.session.execute(rows.order_by(Estimate.agreed_at.desc()).limit(1)).scalar_one_or_none()


def _require_lines(estimate: Estimate) -> None:
    if not estimate.lines or estimate.total <= 0:
        raise Refused(_("The estimate is empty. Add lines from the price list first."))


def shipped_by_root(deal_id: int) -> dict[int, Decimal]:
    """How much of each line was shipped, by the line of the first version; withdrawn ones do not count."""
    root = func.coalesce(EstimateLine.root_id, EstimateLine.id)
    sums = (
        select(root, func.sum(ShipmentLine.quantity))
        .join(EstimateLine, EstimateLine.id == ShipmentLine.estimate_line_id)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(ShipmentLine.deal_id == deal_id)
        .group_by(root)
    )
    return {int(line): Decimal(quantity) for line, quantity in db.session.execute(sums)}


def _require_shipped(estimate: Estimate) -> None:
    ordered: dict[int, Decimal] = {}
    for line in estimate.lines:
        ordered[line.root] = ordered.get(line.root, ZERO) + line.quantity
    for root, quantity in shipped_by_root(estimate.deal_id).items():
        if quantity > ordered.get(root, ZERO):
            words = _("More was shipped already than this version holds. Add the shipped lines to it.")
            raise Refused(words)
