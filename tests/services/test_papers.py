"""Papers: the text, the sum in words, the payment code, and what happens when pressing one breaks."""

import io
import json
from decimal import Decimal as D
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import select

from app import files
from app.services import documents, estimates
from models.documents import DocumentState
from models.firms import Firm
from models.ground.files import StoredFile
from models.ground.history import Event
from models.ground.refused import Refused
from reports import pdf
from reports.papers import words as said
from reports.papers.pay_qr import payment_text
from tests.money import agreed_1042, deal_of, lines_1042

VECTORS = Path(__file__).parent.parent / "vectors"
NBSP = "\u00a0"


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("case", vector("amount_words_ru")["cases"], ids=lambda case: case["amount"])
def test_a_sum_in_words(case):
    assert said.words(case["amount"]) == case["ru"]


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


def text_of(session, document):
    data = files.read(session.get(StoredFile, document.file_id))
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace(NBSP, " ")


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


def test_a_paper_that_cannot_be_pressed_fails_and_is_tried_again_under_its_number(as_system, worker):
    deal = agreed_1042(as_system)
    document = issue(as_system, deal)
    good = document.values
    document.values = {name: value for name, value in good.items() if name != "lines"}
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
    names = as_system.execute(select(Event.name).where(Event.table == "document").order_by(Event.id)).scalars().all()
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


def test_rare_signs_and_hostile_names_do_not_stop_a_paper(as_system):
    deal = agreed_1042(as_system)
    deal.client.full_name = "Ирина 😀👩\u200d👧 ☑ שלום <script>alert(1)</script> {{ 7*7 }} \u202e"
    document = issue(as_system, deal)
    documents.make(document.id)
    as_system.commit()
    assert document.state == DocumentState.READY, document.error
    text = text_of(as_system, document)
    assert "script>alert(1)</script>" in text
    assert "{{ 7*7 }}" in text
    assert "☑" in text
