"""Invoices and quotes: numbers without gaps, parts that add up, values, cancelling, and who may."""

import datetime as dt
import threading
from decimal import Decimal as D

import pytest
from sqlalchemy import select

from app.services import documents, estimates, firms, payments
from models.documents import Document, DocumentState
from models.firms import Firm, VatRate
from models.ground.base import clock_at
from models.ground.refused import NotFound, Refused
from tests.money import acting, agreed_1042, deal_of, lines_1042


def issue(session, deal, share=None, key=""):
    document = documents.issue(deal, "invoice", share, key)
    session.commit()
    return document


def test_an_invoice_of_1042_adds_up(as_system):
    deal = agreed_1042(as_system)
    first = issue(as_system, deal)
    assert (first.number, first.serial, first.amount, first.vat, first.share) == (
        "1", 1, D("92250.00"), D("16635.25"), D(50),
    )  # fmt: skip
    assert first.values["basis"]["number"] == "1042-3"
    assert first.values["purpose"] == (
        f"Оплата по счету № 1 от {first.issued_on:%d.%m.%Y}, КП № 1042-3. В т.ч. НДС 22% - 16635.25 руб."
    )
    rest = issue(as_system, deal)
    assert (rest.amount, rest.values["part"]) == (D("92250.00"), "rest")
    assert first.amount + rest.amount == D("184500.00")
    assert first.vat + rest.vat == D("33270.49")
    with pytest.raises(Refused):
        documents.issue(deal, "invoice")


def test_thirds_leave_no_kopeck(as_system):
    deal = deal_of(as_system)
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, [{"name": "Работа", "quantity": 1, "price": "100.01"}])
    estimates.agree(estimate)
    parts = [issue(as_system, deal, share).amount for share in ("33.33", "33.33", "33.34")]
    assert sum(parts) == D("100.01")


def test_more_than_was_agreed_is_not_invoiced(as_system):
    deal = agreed_1042(as_system)
    issue(as_system, deal, "70")
    with pytest.raises(Refused) as refused:
        documents.issue(deal, "invoice", "31")
    assert "55" in refused.value.words
    for bad in ("0", "-1", "101", "abc", "1e9"):
        with pytest.raises(Refused):
            documents.issue(deal, "invoice", bad)


def test_mixed_rates_are_split_and_add_up(as_system):
    deal = agreed_1042(as_system)
    estimate = estimates.next_version(estimates.agreed_version(deal))
    estimate.lines[0].vat_percent, estimate.lines[1].vat_percent = D(10), None
    estimates._total(estimate)
    estimates.agree(estimate)
    first, rest = issue(as_system, deal, "33"), issue(as_system, deal)
    assert first.amount + rest.amount == estimate.total
    assert first.vat + rest.vat == estimate.vat
    rows = first.values["pay_vat_rows"]
    assert [row["percent"] for row in rows] == ["22.00", "10.00", None]
    assert sum(D(row["gross"]) for row in rows) == first.amount


def test_a_button_pressed_twice_is_one_document(as_system):
    deal = agreed_1042(as_system)
    assert issue(as_system, deal, key="abc") is issue(as_system, deal, key="abc")
    assert len(as_system.execute(select(Document)).scalars().all()) == 1


def test_twenty_at_once_have_no_gap_and_no_twin(app, as_system):
    deals = [agreed_1042(as_system, number=2000 + n).id for n in range(20)]
    errors = []

    def press(deal_id):
        try:
            with acting(app, "nina") as session:
                documents.issue(session.get(documents.Deal, deal_id), "invoice")
                session.commit()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=press, args=(deal_id,)) for deal_id in deals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    numbers = as_system.execute(select(Document.serial)).scalars().all()
    assert sorted(numbers) == list(range(1, 21))


def test_a_refusal_leaves_no_gap(app, as_system):
    deal = agreed_1042(as_system)
    first = deal.id
    with acting(app, "nina") as session:
        documents.issue(session.get(documents.Deal, first), "invoice")
        session.rollback()
    assert issue(as_system, deal).number == "1"


def test_a_cancelled_invoice_keeps_its_number_and_can_come_back(as_system):
    deal = agreed_1042(as_system)
    first = issue(as_system, deal)
    documents.cancel(first)
    second = issue(as_system, deal)
    assert (first.state, second.number, second.amount) == (DocumentState.CANCELLED, "2", D("92250.00"))
    documents.restore(first)
    assert first.state == DocumentState.MAKING
    third = documents.cancel(first)
    issue(as_system, deal, "50")
    with pytest.raises(Refused):
        documents.restore(third)


def test_a_paid_invoice_is_not_cancelled(as_system):
    deal = agreed_1042(as_system)
    invoice = issue(as_system, deal)
    payment = payments.record(deal, {"amount": "10", "invoice": invoice})
    with pytest.raises(Refused):
        documents.cancel(invoice)
    payments.withdraw(payment)
    documents.cancel(invoice)


def test_without_what_an_invoice_needs_it_is_refused(as_system):
    deal = deal_of(as_system)
    with pytest.raises(Refused, match="(?i)agreed|согласован"):
        documents.issue(deal, "invoice")
    estimate = estimates.save_lines(estimates.draft(deal), lines_1042())
    estimates.agree(estimate)
    firm = as_system.execute(select(Firm)).scalars().first()
    firm.account = ""
    with pytest.raises(Refused):
        documents.issue(deal, "invoice")


def test_who_may_issue_and_who_may_not(app, as_system):
    deal = agreed_1042(as_system, "anna")
    for username in ("oleg", "pavel", "sergey", "stranger"):
        with acting(app, username) as session:
            assert session.get(documents.Deal, deal.id) is None
    with acting(app, "director") as session, pytest.raises(NotFound):
        documents.issue(session.get(documents.Deal, deal.id), "invoice")
    for username in ("anna", "marina", "nina"):
        with acting(app, username) as session:
            documents.issue(session.get(documents.Deal, deal.id), "invoice", "10")
            session.commit()


def test_a_rate_of_vat_that_is_no_more_is_not_invoiced_and_the_next_version_takes_todays(as_system):
    deal = agreed_1042(as_system)
    agreed = estimates.agreed_version(deal)
    agreed.lines[0].vat_percent = D(20)
    with pytest.raises(Refused, match="20"):
        documents.issue(deal, "invoice")
    later = estimates.next_version(agreed)
    assert {line.vat_percent for line in later.lines} == {D(22)}
    estimates.agree(later)
    assert documents.issue(deal, "invoice").vat == D("16635.25")


def test_a_rate_of_the_new_year_is_chosen_in_its_first_hour_where_the_firm_is(as_system):
    as_system.add(VatRate(code="reform", label="НДС 25 %", percent=D(25), valid_from=dt.date(2028, 1, 1)))
    midnight = dt.datetime(2027, 12, 31, 21, tzinfo=dt.UTC)
    with clock_at(midnight - dt.timedelta(minutes=1)), pytest.raises(Refused):
        firms.save(firms.own(), {"vat_code": "reform"})
    with clock_at(midnight):
        assert firms.save(firms.own(), {"vat_code": "reform"}).vat_code == "reform"
