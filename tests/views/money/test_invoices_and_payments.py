"""Invoices and payments through their doors: once per press, refused at the field, taken back and restored."""

import re
from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import select

from app.services import documents, firms
from models.documents import Document
from models.firms import Firm
from models.payments import Payment
from tests.money import JSON, agreed_1042, issue, pay


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
    for bad in (
        {"share": "other", "other": "0"},
        {"share": "other", "other": "abc"},
        {"share": "101"},
        {"payer": "999999"},
    ):
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


def test_the_dialog_suggests_what_is_still_owed(login, deal, rows):
    client = login("nina")
    for paid, owed in ((None, "184 500"), ("92 250,00", "92 250"), ("92 250,00", "")):
        if paid:
            assert pay(client, amount=paid, request_key=owed or "last").status_code in {200, 302}
        dialog = client.get("/payments/ask?deal=1042").get_data(as_text=True).replace("\u00a0", " ")
        assert re.search(r'name="amount"[^>]*value="([^"]*)"', dialog)[1] == owed


def test_a_payment_does_not_count_again_by_an_invoice_that_was_cancelled_meanwhile(login, deal, rows):
    client = login("nina")
    issue(client)
    invoice = rows.one(select(Document.id))
    pay(client, invoice=str(invoice))
    payment = rows.one(select(Payment.id))
    client.post(f"/payments/{payment}/withdraw")
    client.post(f"/documents/{invoice}/cancel")
    for door in (f"/payments/{payment}/restore", f"/trash/restore/payment/{payment}"):
        assert login("admin").post(door, headers=JSON).status_code == 409
    assert rows.all(select(Payment)) == []
    client.post(f"/documents/{invoice}/restore")
    assert client.post(f"/payments/{payment}/restore").status_code == 302
    assert len(rows.all(select(Payment))) == 1


def test_a_part_of_nothing_is_not_invoiced(login, fresh, rows):
    body = {"version": 0, "lines": [{"name": "Саморез", "quantity": "1", "price": "0,40"}]}
    client = login("marina")
    client.post("/deals/1042/estimate/lines", json=body, headers=JSON)
    client.post("/deals/1042/estimate/agree")
    assert issue(client, share="1").status_code == 422
    assert rows.all(select(Document)) == []
