"""The price list and the firm's requisites: who edits them, and what is checked."""

from decimal import Decimal as D

from sqlalchemy import select

from app.services import firms
from models.firms import Firm
from models.products import Product
from models.staff import Person


def test_the_price_list_is_edited_by_the_administrator_alone(login, rows):
    admin = login("admin")
    form = {
        "sku": "Н-1",
        "name": "Новая",
        "kind": "goods",
        "unit": "шт.",
        "okei": "796",
        "price": "1 200,50",
        "cost": "700",
        "active": "y",
        "price_list": "",
        "vat_code": "",
    }
    assert admin.post("/products/add", data=form).status_code == 302
    product = rows.one(select(Product).where(Product.sku == "Н-1"))
    assert (product.price, product.cost, product.vat_code) == (D("1200.50"), D("700.00"), None)
    assert admin.post("/products/add", data=form).status_code == 409
    assert admin.post("/products/add", data=form | {"sku": "Н-2", "price": "-1"}).status_code == 422
    assert admin.get(f"/products/edit/{product.id}").status_code == 200
    for who in ("marina", "nina", "director", "pavel"):
        assert login(who).post("/products/add", data=form | {"sku": "Н-3"}).status_code in {302, 403}
    assert rows.all(select(Product).where(Product.sku == "Н-3")) == []


def test_requisites_are_checked(login, rows):
    admin = login("admin")
    firm = rows.one(select(Firm))
    form = {name: getattr(firm, name) for name in firms.LINES} | {
        "version": firm.version,
        "vat_code": "general",
        "zone": firm.zone,
    }
    assert admin.post("/firms/", data=form | {"head": "Иванов И. И."}).status_code == 302
    form["version"] = firm.version + 1
    for name, bad in (
        ("account", "40702810200000000002"),
        ("bic", "44525225"),
        ("corr_account", "30101810400000000226"),
        ("name", ""),
    ):
        assert admin.post("/firms/", data=form | {name: bad, "anyway": "y"}).status_code == 422, name
    doubtful = form | {"inn": "7799010011"}
    refused = admin.post("/firms/", data=doubtful)
    assert refused.status_code == 422
    assert 'name="anyway"' in refused.get_data(as_text=True)
    assert admin.post("/firms/", data=doubtful | {"anyway": "y"}).status_code == 302
    assert admin.post("/firms/", data=form).status_code == 409
    assert login("marina").post("/firms/", data=form).status_code == 403


def test_a_rate_of_vat_is_said_in_the_readers_language(login, rows):
    def english(session):
        session.execute(select(Person).where(Person.username == "admin")).scalar_one().language = "en"

    admin = login("admin")
    for page in ("/firms/", "/products/add"):
        assert "НДС 22\u00a0%" in admin.get(page).get_data(as_text=True)
    rows.make(english)
    for page in ("/firms/", "/products/add"):
        text = admin.get(page).get_data(as_text=True)
        assert "VAT 22%" in text and "No VAT" in text and "НДС" not in text
