"""Invoices and quotes: numbers, frozen values, the paper, its QR, and what happens when things break."""

import io
import json
import threading
from decimal import Decimal as D
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import select

from app import files
from app.services import documents, estimates, payments
from models.documents import Document, DocumentState
from models.firms import Firm
from models.ground.files import StoredFile
from models.ground.history import Event
from models.ground.refused import NotFound, Refused
from reports import papers, pdf
from reports.pay_qr import payment_text
from tests.money import acting, agreed_1042, deal_of, lines_1042

VECTORS = Path(__file__).parent.parent / "vectors"
NBSP = "\u00a0"


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("case", vector("amount_words_ru")["cases"], ids=lambda case: case["amount"])
def test_a_sum_in_words(case):
    assert papers.words(case["amount"]) == case["ru"]


CODES = [case for case in vector("qr_gost56042")["cases"] if "fields" in case]


@pytest.mark.parametrize("case", CODES, ids=lambda case: case["name"])
def test_the_payment_text_is_that_of_the_vectors(case):
    fields = {"Sum": "0", "Purpose": "", "PayeeINN": "", "KPP": ""} | case["fields"]
    seller = {
        "name": fields["Name"],
        "account": fields["PersonalAcc"],
        "bank": fields["BankName"],
        "bic": fields["BIC"],
        "corr_account": fields["CorrespAcc"],
        "inn": fields["PayeeINN"],
        "kpp": fields["KPP"],
    }
    text = payment_text(seller, D(fields["Sum"]) / 100, fields["Purpose"])
    assert text.replace("|Sum=0", "") == case["string"]


def test_another_separator_when_a_value_has_the_usual_one():
    seller = dict.fromkeys(("account", "bank", "bic", "corr_account", "inn", "kpp"), "1") | {"name": 'ООО "А|Б"'}
    assert payment_text(seller, "5.00", "за|что").startswith('ST00012#Name=ООО "А|Б"#PersonalAcc=1#')


def issue(session, deal, share=None, key=""):
    document = documents.issue(deal, "invoice", share, key)
    session.commit()
    return document


def test_an_invoice_of_1042_adds_up(as_system):
    deal = agreed_1042(as_system)
    first = issue(as_system, deal)
    assert (first.number, first.serial, first.amount, first.vat, first.share) == (
        "1", 1, D("92250.00"), D("16635.25"), D("50"),
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


def test_values_are_frozen_at_issue(as_system):
    deal = agreed_1042(as_system)
    document = issue(as_system, deal)
    deal.client.full_name = "Другое имя"
    as_system.execute(select(Firm)).scalars().first().account = "40702810500000000002"
    as_system.commit()
    documents.make(document.id)
    as_system.commit()
    text = text_of(as_system, document)
    assert "Соколова Ирина Викторовна" in text
    assert "40702810200000000001" in text


def text_of(session, document):
    data = files.read(session.get(StoredFile, document.file_id))
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace(NBSP, " ")


def test_the_paper_says_what_was_issued_and_its_code_decodes(app, as_system, worker):
    deal = agreed_1042(as_system)
    document = issue(as_system, deal)
    worker()
    as_system.rollback()
    assert (document.state, document.attempts, document.error) == (DocumentState.READY, 1, "")
    text = text_of(as_system, document)
    for words in (
        "Счёт на оплату № 1",
        "КП № 1042-3",
        "предоплата 50 %",
        "Окно ПВХ «Парус 70», 2 створки, 1450 × 1420 мм",
        "23 560,00",
        "47 120,00",
        "184 500,00",
        "33 270,49",
        "92 250,00",
        "16 635,25",
        "НДС 22/122",
        "Девяносто две тысячи двести пятьдесят рублей 00 копеек",
        "Лаптев В. А.",
        "стр. 1 из 1",
    ):
        assert words in text, words
    stored = as_system.get(StoredFile, document.file_id)
    assert stored.name == f"Счёт № 1 от {document.issued_on:%d.%m.%Y}.pdf"
    page = pypdfium2.PdfDocument(files.read(stored))[0].render(scale=150 / 72).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(page)] == [document.values["pay"]]
    assert document.values["pay"].encode() == zxingcpp.read_barcodes(page)[0].bytes
    assert "Sum=9225000|" in document.values["pay"]


def test_a_quote_freezes_its_version_and_has_one_paper(as_system, worker):
    deal = deal_of(as_system)
    estimate = estimates.draft(deal)
    estimates.save_lines(estimate, lines_1042(), terms={"terms": "Гарантия: 5 лет\nИзготовление: 14 рабочих дней"})
    as_system.commit()
    quote = documents.issue(deal, "quote")
    again = documents.issue(deal, "quote")
    as_system.commit()
    assert quote is again
    assert (quote.number, quote.serial, estimate.state) == ("1042-1", None, "sent")
    worker()
    as_system.rollback()
    text = text_of(as_system, quote)
    for words in ("КП № 1042-1", "184 500 ₽", "5 925", "скидка 5 %", "14 рабочих дней", "Марина Ковалёва"):
        assert words in text, words
    with pytest.raises(Refused):
        documents.cancel(quote)


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


def test_a_paper_that_cannot_be_pressed_fails_and_is_tried_again_under_its_number(as_system, worker):
    deal = agreed_1042(as_system)
    document = issue(as_system, deal)
    good = document.values
    document.values = {**good, "lines": [{**good["lines"][0], "name": "Знак \U0001f600 без рисунка"}]}
    as_system.commit()
    worker()
    as_system.rollback()
    assert (document.state, document.attempts, document.file_id) == (DocumentState.FAILED, 3, None)
    assert document.error
    document.values = good
    documents.retry(document)
    as_system.commit()
    worker()
    as_system.rollback()
    assert (document.state, document.number) == (DocumentState.READY, "1")
    names = as_system.execute(select(Event.name).where(Event.table == "document")).scalars().all()
    assert names == ["document.issued", "document.failed", "document.ready"]


def test_made_twice_there_is_one_file(as_system):
    document = issue(as_system, agreed_1042(as_system))
    documents.make(document.id)
    documents.make(document.id)
    as_system.commit()
    assert len(as_system.execute(select(StoredFile)).scalars().all()) == 1


def test_a_worker_that_died_each_time_leaves_a_failed_paper(as_system):
    document = issue(as_system, agreed_1042(as_system))
    document.attempts = documents.ATTEMPTS
    as_system.commit()
    documents.make(document.id)
    as_system.commit()
    assert document.state == DocumentState.FAILED


def test_a_paper_has_a_time_limit():
    with pytest.raises(pdf.Unprintable, match="longer"):
        pdf.pdf("<p>" + "x " * 10_000, seconds=0.05)


def test_a_paper_loads_nothing_from_the_disk_or_the_net(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    for source in (secret.as_uri(), str(secret), "http://127.0.0.1/x.png", "../../config.py"):
        with pytest.raises(pdf.Unprintable):
            pdf.pdf(f'<html><body><img src="{source}"></body></html>')


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
    with pytest.raises(Refused, match="agreed|согласован"):
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


def test_a_hundred_and_fifty_lines_are_still_a_paper(as_system):
    deal = deal_of(as_system)
    estimate = estimates.draft(deal)
    rows = [{"name": f"Позиция с длинным именем {n}", "quantity": "1,5", "price": "99.99"} for n in range(150)]
    estimates.save_lines(estimate, rows)
    estimates.agree(estimate)
    document = issue(as_system, deal)
    documents.make(document.id)
    as_system.commit()
    assert document.state == DocumentState.READY, document.error
    assert "Позиция с длинным именем 149" in text_of(as_system, document)
