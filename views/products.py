"""The price list, and the search of it that lines of estimates ask."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_

from app.services import products
from app.wording import money
from models.products import Product, ProductKind
from reports import products as report
from views.base import CrmInterface, CrmModelView, require
from views.crud.asked import search
from views.firms import rates_offered

KINDS = [(ProductKind.GOODS.value, _l("Goods")), (ProductKind.WORK.value, _l("Works"))]
FIELDS = ["sku", "name", "kind", "price_list", "unit", "okei", "price", "cost", "vat_code", "active"]


def vat_choices() -> list[tuple[str, Any]]:
    """Rates in force today; none means as the firm usually sells."""
    return [("", _l("As the firm sells")), *rates_offered()]


class Products(CrmModelView):
    """What may be put into an estimate."""

    datamodel = CrmInterface(Product)
    route_base = "/products"
    class_permission_name = "Products"
    list_title, show_title = _l("Price list"), _l("Price list")
    add_title, edit_title = _l("New product"), _l("Product")
    list_columns = ["sku", "name", "price_list", "kind", "unit", "price", "cost", "active"]
    show_columns = FIELDS
    add_columns = edit_columns = FIELDS
    search_columns = ["name", "sku", "kind", "price_list", "price", "active"]
    order_columns = ["sku", "name", "price", "price_list"]
    base_order = ("name", "asc")
    choices_columns = {"kind": KINDS, "vat_code": vat_choices}
    quick_words = _l("Name or article")
    empty = (_l("The price list is empty"), _l("Add what you sell: estimates are made of it."))
    label_columns = {
        "sku": _l("Article"), "name": _l("Name"), "price_list": _l("Section"), "kind": _l("Kind"),
        "unit": _l("Unit"), "okei": _l("OKEI code"), "price": _l("Price with VAT"),
        "cost": _l("Cost with VAT"), "vat_code": _l("VAT"), "active": _l("In use"),
    }  # fmt: skip
    formatters_columns = {
        "kind": lambda kind: str(dict(KINDS).get(kind, kind)),
        "price": money,
        "cost": money,
    }

    def narrowed(self, query: Any, text: str) -> Any:
        """By the beginning of a name or an article."""
        folded = text.lower().replace("ё", "е")
        by_name = Product.folded.startswith(folded, autoescape=True)
        return query.filter(or_(by_name, func.lower(Product.sku).startswith(text.lower(), autoescape=True)))

    def create(self, form: Any) -> Any:
        return products.add({field.name: field.data for field in form})

    def change(self, row: Any, form: Any) -> None:
        products.change(row, {field.name: field.data for field in form})

    @expose("/find")
    @require("can_list")
    def find(self) -> Any:
        """What the search row of an estimate shows."""
        found = report.find(search())
        return jsonify(results=[_found(one) for one in found])


def _found(one: report.Found) -> dict[str, Any]:
    return {
        "product_id": one.id, "sku": one.sku, "name": one.name, "unit": one.unit,
        "section": "work" if one.kind == ProductKind.WORK else "goods", "price": str(one.price),
        "cost": None if one.cost is None else str(one.cost), "said": money(one.price),
        "price_list": one.price_list,
    }  # fmt: skip
