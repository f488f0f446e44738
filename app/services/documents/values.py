"""What a paper prints, taken once at issue as plain text: later edits of the deal do not reach it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models.clients import Client
from models.deals import Deal
from models.estimates import Estimate, EstimateLine
from models.firms import Firm
from models.ground.history import plain
from models.ground.money import ZERO, rounded, spread, vat_inside
from reports.papers.pay_qr import PURPOSE, payment_text

SELLER = (
    "brand", "trade", "name", "full_name", "inn", "kpp", "ogrn", "address", "phone", "mail", "site", "bank",
    "bank_city", "bic", "corr_account", "account", "head_post", "head", "accountant",
)  # fmt: skip
WHOLE, ADVANCE, REST = "whole", "advance", "rest"
SECTION_WORDS = {"goods": "Изделия", "work": "Работы и доставка"}


@dataclass(frozen=True)
class VatRow:
    """The VAT of one rate: `percent` None is «без НДС»."""

    percent: Decimal | None
    gross: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Bill:
    """An invoice's numbers before they are frozen: `part` is whole, advance or rest of the estimate."""

    number: str
    date: dt.date
    due: dt.date
    basis_date: dt.date
    amount: Decimal
    share: Decimal
    part: str
    rest: Decimal
    vat_rows: list[VatRow]

    @property
    def vat(self) -> Decimal:
        return sum((row.vat for row in self.vat_rows), ZERO)


def vat_rows_of(lines: Sequence[EstimateLine]) -> list[VatRow]:
    """VAT of the lines by rate: the sum of the lines' VAT, never the VAT of a sum."""
    found: dict[Decimal | None, VatRow] = {}
    for line in lines:
        before = found.get(line.vat_percent, VatRow(line.vat_percent, ZERO, ZERO))
        found[line.vat_percent] = VatRow(line.vat_percent, before.gross + line.sum, before.vat + line.vat)
    return sorted(found.values(), key=lambda row: -1 if row.percent is None else row.percent, reverse=True)


def vat_rows_of_part(whole: Sequence[VatRow], amount: Decimal) -> list[VatRow]:
    """A part of an estimate is laid over its rates; the VAT inside each portion is counted anew."""
    portions = spread(amount, [row.gross for row in whole])
    return [
        VatRow(row.percent, portion, vat_inside(portion, row.percent))
        for row, portion in zip(whole, portions, strict=True)
    ]


def bill_values(deal: Deal, estimate: Estimate, firm: Firm, payer: Client, bill: Bill) -> dict[str, Any]:
    """What an invoice prints."""
    seller = _seller(firm)
    purpose = _purpose(bill, estimate)
    values = _estimate_values(estimate) | {
        "seller": seller,
        "buyer": _buyer(payer, deal),
        "number": bill.number,
        "date": bill.date,
        "due": bill.due,
        "basis": {"number": estimate.number, "date": bill.basis_date},
        "part": bill.part,
        "share": bill.share,
        "amount": bill.amount,
        "rest": bill.rest,
        "pay_vat_rows": [_vat_row(row) for row in bill.vat_rows],
        "purpose": purpose,
        "pay": payment_text(seller, bill.amount, purpose),
    }
    return _frozen(values)


def quote_values(deal: Deal, estimate: Estimate, firm: Firm, date: dt.date) -> dict[str, Any]:
    """What a quote prints."""
    client = deal.client or deal.payer
    prepayment = rounded(estimate.total * estimate.prepayment_percent / 100)
    values = _estimate_values(estimate) | {
        "seller": _seller(firm),
        "buyer": _buyer(client, deal),
        "number": estimate.number,
        "date": date,
        "until": estimate.valid_until,
        "title": deal.title or "Коммерческое предложение",
        "share": estimate.prepayment_percent,
        "prepayment": prepayment,
        "rest": estimate.total - prepayment,
        "terms": _terms(estimate.terms),
        "manager": _manager(deal),
    }
    return _frozen(values)


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    frozen: dict[str, Any] = plain(values)
    return frozen


def _estimate_values(estimate: Estimate) -> dict[str, Any]:
    lines = [_line(number, line) for number, line in enumerate(estimate.lines, 1)]
    sections = [
        {
            "name": SECTION_WORDS.get(code, code),
            "lines": some,
            "sum": sum((line["sum"] for line in some), ZERO),
        }
        for code in SECTION_WORDS
        if (some := [line for line in lines if line["section"] == code])
    ]
    return {
        "lines": lines,
        "sections": sections,
        "total": estimate.total,
        "full": estimate.full,
        "discount": estimate.discount,
        "vat_rows": [_vat_row(row) for row in vat_rows_of(estimate.lines)],
    }


def _line(number: int, line: EstimateLine) -> dict[str, Any]:
    return {
        "n": number,
        "section": line.section,
        "name": line.name,
        "size": line.size,
        "quantity": line.quantity,
        "unit": line.unit,
        "price": line.price,
        "each": price_each(line.sum, line.quantity),
        "discount": line.discount,
        "sum": line.sum,
    }


def price_each(amount: Decimal, quantity: Decimal) -> Decimal:
    """The price after discount, with as many digits (two or more) as give the line's sum times quantity."""
    exact = amount / quantity
    for digits in range(2, 12):
        each = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if rounded(each * quantity) == amount:
            return each
    return exact


def _vat_row(row: VatRow) -> dict[str, Any]:
    return {"percent": row.percent, "gross": row.gross, "vat": row.vat}


def _seller(firm: Firm) -> dict[str, str]:
    return {name: getattr(firm, name) for name in SELLER}


def _buyer(client: Client | None, deal: Deal) -> dict[str, str]:
    if client is None:
        return {"name": "", "inn": "", "kpp": "", "address": deal.address}
    return {
        "name": client.full_name or client.name,
        "inn": client.inn,
        "kpp": client.kpp,
        "address": client.address or deal.address,
    }


def _purpose(bill: Bill, estimate: Estimate) -> str:
    """The number stands early, since bank statements are matched by it (domain A.1)."""
    head = f"Оплата по счету № {bill.number} от {bill.date:%d.%m.%Y}, КП № {estimate.number}."
    taxed = [row for row in bill.vat_rows if row.percent is not None]
    if not taxed:
        tax = "НДС не облагается"
    elif len(taxed) == 1:
        tax = f"В т.ч. НДС {taxed[0].percent.normalize():f}% - {taxed[0].vat} руб."  # type: ignore[union-attr]
    else:
        tax = f"В т.ч. НДС - {bill.vat} руб."
    return f"{head} {tax}"[:PURPOSE]


def _terms(text: str) -> list[dict[str, str]]:
    """«Гарантия: 5 лет» becomes a name and a value; a line without a colon stands alone."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        found.append({"name": name.strip(), "value": value.strip()} if colon else {"name": "", "value": line})
    return found


def _manager(deal: Deal) -> dict[str, str]:
    owner = deal.owner
    if owner is None:
        return {"name": "", "phone": "", "mail": ""}
    return {"name": owner.name, "phone": owner.phone or "", "mail": owner.email or ""}
