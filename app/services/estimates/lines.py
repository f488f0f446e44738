"""The lines of an estimate: cleaned as they were typed, filled in from the price list, discounted."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import firms
from models.estimates import EstimateLine
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import MONEY_LIMIT, clean_line, clean_money, plain_number
from models.ground.money import ZERO, rounded, spread
from models.ground.refused import Refused
from models.products import Product, ProductKind

MOST_LINES = 300
# What a person types; the rest of a line comes from the price list or stays.
TYPED = ("section", "sku", "name", "size", "quantity", "unit", "price", "discount", "discount_sum", "cost")
GOODS, WORK = "goods", "work"
SECTIONS = (GOODS, WORK)
PLAIN = Decimal(10) ** 9


def clean_lines(
    raw: Sequence[Mapping[str, Any]], kept: Mapping[int, EstimateLine] | None = None
) -> list[dict[str, Any]]:
    """Lines by column, goods before works; empty rows are dropped. `kept` are the lines there are, by id.

    Raises Refused; `field` names line and column, for example "2.quantity".
    """
    if not all(isinstance(line, Mapping) for line in raw):
        raise Refused(_("A line of an estimate has named values."))
    filled = [(place, line) for place, line in enumerate(raw, 1) if not _is_empty(line)]
    if len(filled) > MOST_LINES:
        raise Refused(_("An estimate has at most %(n)s lines. Make a second deal of it.", n=MOST_LINES))
    prices, left = PriceList.of([line for _place, line in filled]), dict(kept or {})
    lines = [_clean(line, str(place), prices, left) for place, line in filled]
    lines.sort(key=lambda line: SECTIONS.index(line["section"]))
    if sum((priced(line).full for line in lines), ZERO) >= MONEY_LIMIT:
        raise Refused(_("The total is too large. It must be below 1 000 000 000 000."))
    return lines


def priced(line: Mapping[str, Any]) -> EstimateLine:
    """A line that is in no session, for its sums."""
    return EstimateLine(**{name: value for name, value in line.items() if name != "id"})


def discounted(lines: Sequence[Mapping[str, Any]], percent: object) -> list[dict[str, Any]]:
    """The same discount on every line instead of what they had. Raises Refused."""
    share = firms.clean_percent(percent, "discount")
    return [{**line, "discount": share, "discount_sum": None} for line in lines]


def to_the_sum(lines: Sequence[Mapping[str, Any]], total: object) -> list[dict[str, Any]]:
    """What has to be taken off each line so that all come to a total, exact to the kopeck. Raises Refused."""
    wanted = clean_money(total, "total")
    full = [priced(line).full for line in lines]
    most = sum(full, ZERO)
    if not 0 < wanted <= most:
        words = _("The sum must be above zero and not above the list price. Raise prices to sell dearer.")
        raise Refused(words, "total")
    taken = spread(most - wanted, full)
    return [
        {**line, "discount_sum": off, "discount": _percent_of(off, whole)}
        for line, off, whole in zip(lines, taken, full, strict=True)
    ]


def _percent_of(off: Decimal, whole: Decimal) -> Decimal:
    return rounded(off * 100 / whole) if whole else ZERO


def _is_empty(line: Mapping[str, Any]) -> bool:
    return not any(str(line.get(name) or "").strip() for name in ("name", "sku", "product_id"))


class PriceList:
    """The products that some lines name, read at once: by id, by article and by exact name."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.by_id = {product.id: product for product in products}
        self.by_sku = {product.sku.lower(): product for product in products}
        self.by_name = {product.name.lower(): product for product in products}
        self.firm = firms.own()
        self.rates = firms.rates_on(firms.today_of(self.firm))

    @classmethod
    def of(cls, lines: Sequence[Mapping[str, Any]]) -> "PriceList":
        ids = {number for line in lines if (number := _whole(line.get("product_id"), 2**31)) is not None}
        skus = {clean_line(line.get("sku"), "sku") for line in lines} - {""}
        names = {clean_line(line.get("name"), "name") for line in lines} - {""}
        named = Product.id.in_(ids) | Product.sku.in_(skus) | Product.name.in_(names)
        return cls(db.session.execute(select(Product).where(named)).scalars().all())

    def find(self, line: Mapping[str, Any]) -> Product | None:
        """The product of a line; a pasted one is known by its article or exact name."""
        number = _whole(line.get("product_id"), 2**31)
        if number is not None:
            return self.by_id.get(number)
        sku = clean_line(line.get("sku"), "sku").lower()
        return self.by_sku.get(sku) if sku else self.by_name.get(clean_line(line.get("name"), "name").lower())

    def vat_percent(self, product: Product | None) -> Decimal | None:
        """The rate of today. Raises Refused when it is no longer in force."""
        code = (product.vat_code if product else None) or self.firm.vat_code
        rate = self.rates.get(code) or firms.rate_on(code, firms.today_of(self.firm))
        return rate.percent


def _whole(value: object, below: int = 2**63) -> int | None:
    text = str(value or "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else below
    return number if number < below else None


def _given(value: object, otherwise: object) -> object:
    """What was typed, zero too, or what holds for an empty cell."""
    return otherwise if value is None or value == "" else value


def _clean(line: Mapping[str, Any], place: str, prices: PriceList, left: dict[int, EstimateLine]) -> dict[str, Any]:
    # A line that is there twice is a copy the second time: what is kept is one row.
    old = left.pop(_whole(line.get("id")) or 0, None)
    product = prices.find(line)
    found: dict[str, Any] = {
        "id": old.id if old else None,
        "root_id": old.root_id if old else None,
        "product_id": product.id if product else None,
        "section": _section(line, product),
        "sku": clean_line(line.get("sku") or (product.sku if product else ""), f"{place}.sku", 40),
        "name": clean_line(line.get("name") or (product.name if product else ""), f"{place}.name"),
        "size": clean_line(line.get("size"), f"{place}.size", 80),
        "unit": clean_line(line.get("unit") or (product.unit if product else "шт."), f"{place}.unit", 20),
        "okei": product.okei if product else old.okei if old else "796",
        "vat_percent": old.vat_percent if old else prices.vat_percent(product),
        "cost": _cost(line, place, product, old),
    }
    return found | _sums(line, place, product)


def _section(line: Mapping[str, Any], product: Product | None) -> str:
    if line.get("section") in SECTIONS:
        return str(line["section"])
    return WORK if product and product.kind == ProductKind.WORK else GOODS


def _cost(line: Mapping[str, Any], place: str, product: Product | None, old: EstimateLine | None) -> Decimal:
    """Who may not see costs may not change them either: what they send is left unread."""
    typed = line.get("cost")
    if typed not in (None, "") and current_actor().sees("estimate.cost"):
        return not_below_zero(clean_money(typed, f"{place}.cost"), f"{place}.cost")
    return old.cost if old else product.cost if product else ZERO


def _sums(line: Mapping[str, Any], place: str, product: Product | None) -> dict[str, Any]:
    price = _given(line.get("price"), product.price if product else 0)
    found: dict[str, Any] = {
        "quantity": clean_quantity(_given(line.get("quantity"), 1), f"{place}.quantity"),
        "price": not_below_zero(clean_money(price, f"{place}.price"), f"{place}.price"),
        "discount": firms.clean_percent(_given(line.get("discount"), 0), f"{place}.discount"),
        "discount_sum": None,
    }
    full = rounded(found["quantity"] * found["price"])
    if line.get("discount_sum") not in (None, ""):
        off = clean_money(line["discount_sum"], f"{place}.discount")
        if not 0 <= off <= full:
            raise Refused(_("The discount is larger than the line itself."), f"{place}.discount")
        found |= {"discount_sum": off, "discount": _percent_of(off, full)}
    return found


def not_below_zero(amount: Decimal, field: str) -> Decimal:
    """The amount itself. Raises Refused."""
    if amount < 0:
        raise Refused(_("The sum cannot be below zero."), field)
    return amount


def clean_quantity(value: object, field: str) -> Decimal:
    """A quantity above zero with at most three places; understands «10,4». Raises Refused."""
    try:
        quantity = Decimal(plain_number(value))
    except ArithmeticError:
        quantity = Decimal(-1)
    if not quantity.is_finite() or not 0 < quantity < PLAIN:
        raise Refused(_("Type a quantity above zero, for example 2 or 10,4."), field)
    exact = quantity.quantize(Decimal("0.001"), ROUND_HALF_UP)
    if not exact:
        raise Refused(_("Type a quantity above zero, for example 2 or 10,4."), field)
    return exact
