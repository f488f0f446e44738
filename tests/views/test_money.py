"""The doors of money: pages by role, dialogs, refusals in words, and what is hidden."""

import re
from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import select

from app.services import documents, estimates, firms
from models.deals import Deal
from models.documents import Document
from models.estimates import Estimate, EstimateLine
from models.firms import Firm
from models.ground.base import utcnow
from models.payments import Payment
from models.products import Product
from models.shipments import Shipment
from models.staff import RoleReach
from tests.money import agreed_1042, deal_of, lines_1042

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


class Rows:
    """What is in the base, looked at between requests; rows come loaded and belong to no session."""

    def __init__(self, system):
        self.system = system

    def all(self, statement):
        with self.system() as session:
            found = session.execute(statement).unique().scalars().all()
            session.expunge_all()
            return found

    def one(self, statement):
        (found,) = self.all(statement)
        return found

    def make(self, act):
        """Do something as the system; what is loaded of it is given back."""
        with self.system() as session:
            made = act(session)
            session.commit()
            if made is not None:
                session.refresh(made)
                session.expunge_all()
            return made


@pytest.fixture
def rows(system):
    return Rows(system)


@pytest.fixture
def deal(rows):
    return rows.make(agreed_1042)


@pytest.fixture
def fresh(rows):
    """The deal without any estimate."""
    return rows.make(deal_of)


def lines_of(rows, revision=3):
    agreed = select(EstimateLine).join(Estimate).where(Estimate.revision == revision)
    return rows.all(agreed.order_by(EstimateLine.position))


PAGES = (
    "/deals/1042/estimate", "/estimates/list/", "/documents/list/", "/invoices/", "/payments/list/",
    "/shipments/list/", "/documents/ask?deal=1042", "/payments/ask?deal=1042", "/shipments/ask?deal=1042",
    "/products/list/", "/firms/", "/products/find?q=ок",
)  # fmt: skip

SEEN = {
    "marina": "yyyyyyyyyyny",
    "anna": "nyyyyynnnyny",
    "nina": "yyyyyyyyyyny",
    "director": "yyyyyynnnyny",
    "pavel": "nnnnnnnnnnnn",
    "sergey": "nnnnnnnnnnnn",
    "admin": "yyyyyyyyyyyy",
}


@pytest.mark.parametrize("who", SEEN)
def test_each_role_opens_its_pages_and_no_others(login, deal, who):
    client = login(who)
    for page, seen in zip(PAGES, SEEN[who], strict=True):
        answer = client.get(page)
        expected = {200} if seen == "y" else {403, 404}
        assert answer.status_code in expected, (page, answer.status_code)


def test_the_estimate_page_shows_1042_as_the_mock_does(login, deal):
    text = login("marina").get("/deals/1042/estimate").get_data(as_text=True).replace("\u00a0", " ")
    for words in ("184 500 ₽", "190 425 ₽", "−5 925 ₽", "56 200 ₽ · 30,5 %", "Окно ПВХ «Парус 70», 2 створки"):
        assert words in text, words
    assert 'data-editable=""' in text


def page_of(client, number=1042):
    text = client.get(f"/deals/{number}/estimate").get_data(as_text=True)
    root = re.search(r'id="estimate"[^>]*>', text).group(0)
    return {name: re.search(f'data-{name}="([^"]*)"', root).group(1) for name in ("id", "version", "editable")}


def test_the_grid_is_saved_and_the_server_answers_with_its_sums(login, fresh, rows):
    client = login("marina")
    opened = page_of(client)
    assert opened == {"id": "", "version": "0", "editable": "y"}
    said = {"id": None, "version": 0, "lines": lines_1042(), "terms": {"prepayment_percent": "70", "terms": "Срок: 14 дней"}}
    answer = client.post("/deals/1042/estimate/lines", json=said, headers=JSON)
    assert answer.status_code == 200
    assert answer.json["totals"]["total"] == "184500.00"
    assert answer.json["totals"]["margin"] == "56200.00"
    assert [line["name"] for line in answer.json["lines"]][0] == "Окно ПВХ «Парус 70», 2 створки"
    again = client.post("/deals/1042/estimate/lines", json=said, headers=JSON)
    assert again.status_code == 409
    assert again.json["error"]["changed_by"] == "Марина Ковалёва"
    estimate = rows.one(select(Estimate))
    assert (estimate.prepayment_percent, estimate.terms) == (D(70), "Срок: 14 дней")
    assert rows.one(select(Deal.amount)) == D("184500.00")


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {}, {"lines": "x"}, {"lines": [1]}, {"lines": [[]]}, {"lines": [{"name": "x", "price": "1e99"}]},
     {"lines": [{"name": "a\x00"}]}, {"lines": [{"name": "x", "quantity": {}}]}, {"lines": [], "terms": {"valid_until": "1.1.9999"}},
     {"lines": [{"name": "x", "price": [1]}]}, {"lines": [], "id": 5}, {"lines": [], "id": "x", "version": "y"},
     {"lines": [], "terms": {"prepayment_percent": "0"}}],
    ids=str,
)  # fmt: skip
def test_bad_lines_are_refused_in_words(login, fresh, rows, body):
    answer = login("marina").post("/deals/1042/estimate/lines", json=body, headers=JSON)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]["words"]


def test_a_general_discount_is_counted_by_the_server_and_not_saved(login, fresh, rows):
    client = login("marina")
    lines = [{"name": "А", "quantity": "3", "price": "100"}, {"name": "Б", "quantity": "1", "price": "33.33"}]
    told = client.post("/deals/1042/estimate/price", json={"lines": lines, "total": "300"}, headers=JSON)
    assert [line["discount_sum"] for line in told.json["lines"]] == ["30.00", "3.33"]
    told = client.post("/deals/1042/estimate/price", json={"lines": lines, "percent": "7,5"}, headers=JSON)
    assert [line["discount"] for line in told.json["lines"]] == ["7.5", "7.5"]
    assert rows.all(select(Estimate)) == []
    for bad in ({"total": "0"}, {"total": "333.34"}, {"percent": "101"}, {"percent": None}):
        assert client.post("/deals/1042/estimate/price", json={"lines": lines} | bad, headers=JSON).status_code == 422


def test_from_grid_to_quote_to_agreement_to_the_next_version(login, fresh, rows, worker):
    client = login("marina")
    client.post("/deals/1042/estimate/lines", json={"version": 0, "lines": lines_1042()}, headers=JSON)
    assert client.post("/deals/1042/estimate/quote", data={"request_key": "k"}).status_code == 302
    assert page_of(client)["editable"] == ""
    assert client.post("/deals/1042/estimate/agree").status_code == 302
    assert client.post("/deals/1042/estimate/version").headers["Location"].endswith("v=2")
    assert page_of(client)["editable"] == "y"
    text = client.get("/deals/1042/estimate/compare?with=1&v=2").get_data(as_text=True)
    assert "Строки одинаковы" in text or "The lines are the same" in text
    worker()
    quote = rows.one(select(Document))
    assert (quote.number, quote.state) == ("1042-1", "ready")
    row = client.get(f"/documents/{quote.id}/row").get_data(as_text=True)
    assert f"/files/{quote.file_id}" in row


def test_nobody_else_touches_the_estimate(login, deal):
    for who, status in (("anna", 404), ("nina", 403), ("director", 403), ("pavel", 403), ("sergey", 403)):
        client = login(who)
        for door in ("lines", "price"):
            assert client.post(f"/deals/1042/estimate/{door}", json={"lines": []}, headers=JSON).status_code == status
        for door in ("version", "quote", "agree", "take-back"):
            assert client.post(f"/deals/1042/estimate/{door}").status_code == status, (who, door)


def issue(client, **said):
    return client.post("/documents/issue", data={"deal": "1042", "share": "50", "request_key": "k"} | said, headers=HTMX)


def test_an_invoice_is_issued_once_however_often_the_button_is_pressed(login, deal, rows, worker):
    client = login("marina")
    dialog = client.get("/documents/ask?deal=1042").get_data(as_text=True).replace("\u00a0", " ")
    assert "92 250,00 ₽" in dialog
    assert issue(client).headers["HX-Refresh"] == "true"
    assert issue(client).status_code == 200
    invoice = rows.one(select(Document))
    assert invoice.amount == D("92250.00")
    worker()
    invoice = rows.one(select(Document))
    for who, status in (("marina", 200), ("nina", 200), ("director", 200), ("anna", 404), ("pavel", 404)):
        answer = login(who).get(f"/files/{invoice.file_id}")
        assert answer.status_code == status, who
        if status == 200:
            assert answer.data.startswith(b"%PDF-")
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()
    assert login("marina").get("/files/999999999999999999999").status_code == 404


def test_what_cannot_be_invoiced_is_said_in_the_dialog(login, deal, rows):
    client = login("marina")
    for bad in ({"share": "other", "other": "0"}, {"share": "other", "other": "abc"}, {"share": "101"}, {"payer": "999999"}):
        answer = issue(client, **bad)
        assert answer.status_code == 422
        assert "<dialog" in answer.get_data(as_text=True)
    assert issue(client, deal="x").status_code == 400
    assert issue(client, deal="9999999").status_code == 404
    assert issue(login("director")).status_code == 403
    assert issue(login("anna")).status_code == 404
    assert issue(login("pavel")).status_code == 403
    assert rows.all(select(Document)) == []


def test_an_invoice_is_cancelled_and_comes_back(login, deal, rows):
    client = login("nina")
    issue(client)
    pk = rows.one(select(Document.id))
    assert client.post(f"/documents/{pk}/cancel").status_code == 302
    assert rows.one(select(Document).where(Document.id == pk)).state == "cancelled"
    assert client.get(f"/documents/show/{pk}").status_code == 200
    assert client.post(f"/documents/{pk}/restore").status_code == 302
    assert rows.one(select(Document).where(Document.id == pk)).state == "making"
    for who in ("director", "pavel"):
        assert login(who).post(f"/documents/{pk}/cancel").status_code == 403
    assert login("anna").post(f"/documents/{pk}/cancel").status_code == 404


def pay(client, **said):
    return client.post("/payments/record", data={"deal": "1042", "amount": "92 250,00", "request_key": "p"} | said, headers=HTMX)


BAD_PAYMENTS = (
    {"amount": ""}, {"amount": "0"}, {"amount": "-5"}, {"amount": "abc"}, {"amount": "1e30"}, {"amount": "1000000000000"},
    {"paid_on": "32.13.2026"}, {"paid_on": "01.01.1999"}, {"paid_on": "01.01.9999"},
    {"method": "gold"}, {"invoice": "999999"}, {"invoice": "x"}, {"payer": "я" * 251}, {"purpose": "a\x00"},
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD_PAYMENTS, ids=str)
def test_a_bad_payment_is_refused_at_its_field(login, deal, rows, bad):
    answer = pay(login("nina"), **bad)
    assert answer.status_code == 422
    assert 'class="err"' in answer.get_data(as_text=True)
    assert rows.all(select(Payment)) == []


def test_a_payment_of_tomorrow_is_refused(login, deal, rows):
    tomorrow = firms.today_of(rows.one(select(Firm))) + timedelta(days=1)
    assert pay(login("nina"), paid_on=f"{tomorrow:%d.%m.%Y}").status_code == 422


def test_a_payment_is_recorded_once_withdrawn_and_counted_again(login, deal, rows):
    client = login("nina")
    issue(client)
    invoice = rows.one(select(Document))
    listed = client.get("/invoices/").get_data(as_text=True)
    assert f"/documents/show/{invoice.id}" in listed
    for _press in range(2):
        assert pay(client, invoice=str(invoice.id)).status_code == 200
    payment = rows.one(select(Payment))
    assert (payment.amount, payment.invoice_id, payment.payer) == (D("92250.00"), invoice.id, "Ирина Соколова")
    assert f'data-href="/documents/show/{invoice.id}"' not in client.get("/invoices/").get_data(as_text=True)
    assert client.post(f"/documents/{invoice.id}/cancel", headers=JSON).status_code == 409
    for who, status in (("anna", 404), ("director", 403), ("pavel", 403)):
        assert login(who).post(f"/payments/{payment.id}/withdraw").status_code == status
    client.post(f"/payments/{payment.id}/withdraw")
    assert rows.all(select(Payment)) == []
    client.post(f"/payments/{payment.id}/restore")
    assert rows.all(select(Payment.amount)) == [D("92250.00")]


def test_a_payment_by_an_invoice_of_another_deal_is_refused(login, deal, rows):
    invoice = rows.make(lambda session: documents.issue(agreed_1042(session, number=2000), "invoice"))
    assert pay(login("nina"), invoice=str(invoice.id)).status_code == 422


def ship(client, lines, **said):
    values = {f"line-{pk}": quantity for pk, quantity in lines.items()}
    data = {"deal": "1042", "request_key": "s", "shipped_on": "", "comment": ""} | values | said
    return client.post("/shipments/record", data=data, headers=HTMX)


def test_a_shipment_is_never_above_what_was_ordered(login, deal, rows):
    client = login("marina")
    lines = lines_of(rows)
    assert client.get("/shipments/ask?deal=1042").get_data(as_text=True).count("e-qty") == 9
    for bad in ("3", "0,0001", "-1", "abc", "1e9"):
        answer = ship(client, {lines[0].id: bad}, request_key="")
        assert answer.status_code == 422, bad
    assert ship(client, {lines[0].id: ""}).status_code == 422
    assert ship(client, {999999: "1"}).status_code == 404
    assert ship(client, {lines[0].id: "1", lines[4].id: "3,333"}).status_code == 200
    assert ship(client, {lines[0].id: "1"}).status_code == 200  # the same press
    first = rows.one(select(Shipment))
    assert first.amount == D("23560.00") + D("9665.70")
    assert ship(client, {lines[0].id: "2"}, request_key="t").status_code == 422
    rest = {line.id: line.quantity for line in lines} | {lines[0].id: D(1), lines[4].id: D("7.067")}
    assert ship(client, rest, request_key="u").status_code == 200
    amounts = rows.all(select(Shipment))
    assert sum(row.amount for row in amounts) == D("184500.00")
    assert sum(row.cost for row in amounts) == D("128300.00")
    assert ship(client, {lines[0].id: "1"}, request_key="v").status_code == 422


def test_a_withdrawn_shipment_comes_back_only_while_there_is_room(login, deal, rows):
    client = login("marina")
    line = lines_of(rows)[1].id
    ship(client, {line: "1"}, request_key="a")
    first = rows.one(select(Shipment.id))
    assert client.post(f"/shipments/{first}/withdraw").status_code == 302
    ship(client, {line: "1"}, request_key="b")
    assert client.post(f"/shipments/{first}/restore", headers=JSON).status_code == 409
    assert client.post(f"/trash/restore/shipment/{first}", headers=JSON).status_code == 409


def test_a_shipment_dated_tomorrow_or_on_a_deal_without_an_agreed_estimate_is_refused(login, rows):
    rows.make(lambda session: estimates.save_lines(estimates.draft(deal_of(session)), lines_1042()))
    assert ship(login("marina"), {}, request_key="x").status_code == 422
    rows.make(lambda session: estimates.agree(session.execute(select(Estimate)).scalar_one()))
    line = lines_of(rows, 1)[0].id
    late = utcnow().date() + timedelta(days=2)
    assert ship(login("marina"), {line: "1"}, shipped_on=f"{late:%d.%m.%Y}").status_code == 422
    for who, status in (("anna", 404), ("director", 403), ("pavel", 403), ("sergey", 403)):
        assert ship(login(who), {line: "1"}).status_code == status


def test_the_price_list_is_edited_by_the_administrator_alone(login, rows):
    admin = login("admin")
    form = {"sku": "Н-1", "name": "Новая", "kind": "goods", "unit": "шт.", "okei": "796", "price": "1 200,50", "cost": "700", "active": "y", "price_list": "", "vat_code": ""}
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
    form = {name: getattr(firm, name) for name in firms.LINES} | {"version": firm.version, "vat_code": "general", "zone": firm.zone}
    assert admin.post("/firms/", data=form | {"head": "Иванов И. И."}).status_code == 302
    form["version"] = firm.version + 1
    for name, bad in (("account", "40702810200000000002"), ("bic", "44525225"), ("corr_account", "30101810400000000226"), ("name", "")):
        assert admin.post("/firms/", data=form | {name: bad, "anyway": "y"}).status_code == 422, name
    doubtful = form | {"inn": "7799010011"}
    refused = admin.post("/firms/", data=doubtful)
    assert refused.status_code == 422
    assert 'name="anyway"' in refused.get_data(as_text=True)
    assert admin.post("/firms/", data=doubtful | {"anyway": "y"}).status_code == 302
    assert admin.post("/firms/", data=form).status_code == 409
    assert login("marina").post("/firms/", data=form).status_code == 403


def hide_costs(rows, role):
    def change(session):
        reach = session.execute(select(RoleReach).where(RoleReach.code == role)).scalar_one()
        reach.hidden = ["estimate.cost", "estimate.margin", "shipment.cost", "shipment.margin", "product.cost"]

    rows.make(change)


def test_hidden_costs_are_nowhere(login, deal, rows):
    client = login("marina")
    ship(client, {lines_of(rows)[0].id: "1"})
    shipment = rows.one(select(Shipment.id))
    pages = ("/deals/1042/estimate", "/deals/1042", f"/shipments/show/{shipment}", "/shipments/list/", "/estimates/list/",
             "/products/list/", "/products/find?q=окно", "/deals/1042?feed=history")  # fmt: skip
    secrets = ("16 900", "16900", "56 200", "128 300", "128300", "6 660", "30,5")
    plain = "".join(client.get(page).get_data(as_text=True) for page in pages).replace("\u00a0", " ")
    assert sum(secret in plain for secret in secrets) >= 5
    hide_costs(rows, "manager")
    for page in pages:
        text = client.get(page).get_data(as_text=True).replace("\u00a0", " ")
        for secret in secrets:
            assert secret not in text, (page, secret)
    for door in ("/estimates/list/?_oc_Estimates=margin", "/products/list/?_flt_1_cost=16899", "/shipments/list/?_flt_1_cost=1"):
        assert client.get(door).status_code in {200, 400}
        assert "16 900" not in client.get(door).get_data(as_text=True).replace("\u00a0", " ")
