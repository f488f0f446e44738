"""Shipments through their door: never above what was ordered, to the kopeck, taken back and restored."""

from datetime import timedelta
from decimal import Decimal as D

from sqlalchemy import select

from app.services import estimates
from models.estimates import Estimate
from models.ground.base import utcnow
from models.payments import Payment
from models.shipments import Shipment
from tests.money import JSON, deal_of, lines_1042, lines_of, pay, ship


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


def test_what_was_withdrawn_comes_back_after_its_deal_and_not_before(login, deal, rows):
    client = login("admin")
    ship(client, {lines_of(rows)[0].id: "1"})
    pay(client)
    doors = [
        f"/shipments/{rows.one(select(Shipment.id))}", f"/payments/{rows.one(select(Payment.id))}"
    ]  # fmt: skip
    for door in doors:
        assert client.post(f"{door}/withdraw").status_code == 302
    assert client.post(f"/deals/delete/{deal.id}").status_code == 302
    for door in doors:
        assert client.post(f"{door}/restore", headers=JSON).status_code == 409
    client.post(f"/trash/restore/deal/{deal.id}")
    for door in doors:
        assert client.post(f"{door}/restore").status_code == 302
