"""Who opens which page of money, and that hidden costs are nowhere."""

import pytest
from sqlalchemy import select

from models.shipments import Shipment
from models.staff import RoleReach
from tests.money import lines_of, ship

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
    for door in (
        "/estimates/list/?_oc_Estimates=margin",
        "/products/list/?_flt_1_cost=16899",
        "/shipments/list/?_flt_1_cost=1",
    ):
        assert client.get(door).status_code in {200, 400}
        assert "16 900" not in client.get(door).get_data(as_text=True).replace("\u00a0", " ")


@pytest.mark.parametrize("page", ["/shipments/list/", "/estimates/list/"])
def test_a_margin_stands_at_the_right_as_all_money(login, deal, rows, page):
    client = login("marina")
    ship(client, {lines_of(rows)[0].id: "1"})
    heads = client.get(page).get_data(as_text=True).partition("<thead>")[2].partition("</thead>")[0]
    margin = next(head for head in heads.split("<th")[1:] if "Маржа" in head)
    assert margin.startswith(' class="num"'), heads
