"""Verbs of the price list: add and change a product; what was sold before keeps its own price."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.services import firms
from app.services.estimates.lines import not_below_zero
from app.services.versions import check_version, locked
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.limits import clean_line, clean_money
from models.ground.refused import Refused
from models.products import Product, ProductKind

LINES = ("sku", "name", "price_list", "unit", "okei")
SUMS = ("price", "cost")


def add(values: Mapping[str, Any]) -> Product:
    """A new row of the price list. Raises Refused."""
    product = Product(**cleaned({"cost": 0, "price": 0, "unit": "шт."} | dict(values)))
    _require(product)
    db.session.add(product)
    db.session.flush()
    return product


def change(product: Product, values: Mapping[str, Any], version: int | None = None) -> Product:
    """Save typed fields; estimates that hold the product keep what they have. Raises Refused, Stale."""
    product = locked(product)
    typed = cleaned(values)
    check_version(product, version, typed)
    for name, value in typed.items():
        setattr(product, name, value)
    _require(product)
    db.session.flush()
    return product


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the columns hold it; a cost that one may not see is left unread. Raises Refused."""
    found: dict[str, Any] = {
        name: clean_line(values[name], name, getattr(Product, name).type.length) for name in LINES if name in values
    }
    for name in SUMS:
        if name in values and current_actor().sees(f"product.{name}"):
            found[name] = not_below_zero(clean_money(values[name] or 0, name), name)
    if "kind" in values:
        found["kind"] = _kind(values["kind"])
    if "vat_code" in values:
        found["vat_code"] = _vat_code(values["vat_code"])
    if "active" in values:
        found["active"] = bool(values["active"])
    return found


def _kind(value: object) -> str:
    try:
        return ProductKind(str(value))
    except ValueError:
        raise Refused(_("Choose goods or works."), "kind") from None


def _vat_code(value: object) -> str | None:
    """None: as the firm usually sells."""
    code = str(value or "")
    if code:
        firms.rate_on(code, firms.today_of(firms.own()))
    return code or None


def _require(product: Product) -> None:
    for name in ("sku", "name", "unit"):
        if not getattr(product, name):
            raise Refused(_("Fill in this field: every line of a paper shows it."), name)
