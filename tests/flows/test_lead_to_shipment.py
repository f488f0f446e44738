"""The thread: a real body of a site's form becomes a shipment, and the director's dashboard shows the money.

Through HTTP alone, with a real worker beside and a real mail server; rows, words, paper and code are looked at.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.worker import alive
from models.clients import Client
from models.deals import Deal
from models.documents import Document
from models.ground.actor import SYSTEM, acting_as
from models.ground.history import Event, StageVisit
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.messages import Message, RawBody
from models.notices import Delivery, Notice
from models.payments import Payment
from models.shipments import Shipment
from models.staff import Person
from models.tasks import Task
from tests import hooks
from tests.conftest import sign_in
from tests.money import lines_1042

pytestmark = pytest.mark.slow
TOTAL, HALF = 184_500, 92_250
NBSP = "\u00a0"


@pytest.fixture
def crew(app: Flask, smtp: Any, here: Path) -> Iterator[None]:
    """A worker as the supervisor starts it, for as long as the test lasts."""
    config = app.config["CRM"]
    environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
    command = (sys.executable, "-m", "flask", "--app", "app", "crm", "worker")
    process = subprocess.Popen(command, cwd=here, env=environ, process_group=0)
    deadline = time.monotonic() + 40
    with app.app_context():
        while not alive():
            assert time.monotonic() < deadline, "the worker does not start"
            time.sleep(0.1)
    yield
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Story:
    """What happens to one request, step by step; `look` reads rows as the system."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.number = 0

    def browser(self, username: str) -> Any:
        client = self.app.test_client()
        sign_in(self.app, client, username)
        return client

    def look(self, statement: Any) -> list[Any]:
        with self.app.app_context(), acting_as(SYSTEM) as session:
            return list(session.execute(statement).scalars())

    def one(self, statement: Any) -> Any:
        rows = self.look(statement)
        assert len(rows) == 1, rows
        return rows[0]

    def until(self, find: Callable[[], Any], seconds: float = 20) -> Any:
        """What `find` gives, as soon as it gives anything."""
        deadline = time.monotonic() + seconds
        while not (found := find()):
            assert time.monotonic() < deadline, "the worker did not do it in time"
            time.sleep(0.1)
        return found

    def stage(self) -> str:
        return str(self.one(select(Stage.code).join(Deal, Deal.stage_id == Stage.id).where(Deal.number == self.number)))

    def move(self, client: Any, stage: str, **values: Any) -> Any:
        return client.post(f"/deals/{self.number}/move", data={"stage": stage, **values})


@pytest.fixture
def story(app: Flask, crew: None) -> Story:
    with app.app_context(), acting_as(SYSTEM) as session:
        hooks.open_channel(session, settings={"preset": "tilda"})
    return Story(app)


def said(response: Any) -> str:
    return html.unescape(response.get_data(as_text=True)).replace(NBSP, " ")


def test_a_request_of_the_site_becomes_money_on_the_dashboard(story, smtp):
    owner = request_comes(story, smtp)
    seller = story.browser(owner)
    lead_becomes_deal(story, seller)
    measured_and_estimated(story, seller)
    billed(story, seller)
    paid_and_made(story, seller)
    shipped_and_won(story, seller)
    on_the_dashboard(story)


def request_comes(story: Story, smtp: Any) -> str:
    """The body as it comes: kept whole, a lead with an owner, the bell and a letter within five seconds."""
    posted = time.monotonic()
    answer = story.app.test_client().post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    assert answer.status_code == 200
    assert story.one(select(RawBody.body)) == hooks.TILDA.encode()
    lead = story.until(lambda: story.look(select(Lead)))[0]
    assert (lead.name, lead.phone, lead.email) == ("Иван Сидоров", "+79161234567", "ivan@example.ru")
    assert (lead.klass, lead.state, lead.source) == ("new", "waiting", "site")
    assert lead.utm["source"] == "yandex"
    owner = story.one(select(Person).where(Person.id == lead.owner_id))
    letter = story.until(lambda: smtp.to(owner.email))[0]
    assert time.monotonic() - posted < 5
    assert "Новый лид" in letter["Subject"]
    assert "Иван Сидоров" in letter.get_body(("plain",)).get_content()
    assert story.one(select(Notice.person_id)) == owner.id
    sent = select(Delivery.way).where(Delivery.state == "sent").order_by(Delivery.way)
    assert story.until(lambda: story.look(sent) == ["bell", "email"])
    call = story.until(lambda: story.look(select(Task).where(Task.lead_id == lead.id)))[0]
    assert (call.title, call.kind, call.assignee_id) == ("Позвонить", "call", owner.id)
    same = story.app.test_client().post(hooks.ADDRESS, data=hooks.TILDA, content_type=hooks.FORM)
    assert same.status_code == 200
    assert len(story.look(select(RawBody.id))) == 1
    return str(owner.username)


def lead_becomes_deal(story: Story, seller: Any) -> None:
    page = said(seller.get("/leads/list/"))
    assert "Иван Сидоров" in page
    lead = story.one(select(Lead.id))
    assert "+7 916 123-45-67" in said(seller.get(f"/leads/{lead}"))
    assert seller.post(f"/leads/{lead}/take").status_code in {200, 302}
    answer = seller.post(f"/leads/{lead}/qualify", data={"title": "Лоджия и два окна"})
    assert answer.status_code == 302
    story.number = story.one(select(Deal.number))
    assert story.number == 1001
    assert answer.headers["Location"].endswith("/deals/1001")
    client = story.one(select(Client.name))
    assert client == "Иван Сидоров"
    assert story.one(select(Lead.state)) == "qualified"
    assert story.one(select(Message.words).where(Message.kind == "incoming")) == "Нужна кухня 3 м"
    board = said(seller.get("/deals/board/"))
    assert "Иван Сидоров" in board
    card = said(seller.get("/deals/1001"))
    assert "Лоджия и два окна" in card
    assert "Уточнить задачу клиента" in card


def measured_and_estimated(story: Story, seller: Any) -> None:
    refused = story.move(seller, "measure")
    assert refused.status_code in {409, 422}
    assert "дрес" in said(refused)
    assert story.stage() == "intake"
    story.move(seller, "measure", address="ул. Полевая, 14, кв. 52")
    assert story.stage() == "measure"
    assert story.look(select(Task.id).where(Task.kind == "measure"))
    story.move(seller, "estimate", work_type="balcony")
    assert story.stage() == "estimate"
    saved = seller.post("/deals/1001/estimate/lines", json={"version": 0, "lines": lines_1042()})
    assert saved.status_code == 200, said(saved)
    page = said(seller.get("/deals/1001/estimate"))
    for words in ("184 500", "5 925", "56 200", "30,5 %"):
        assert words in page, words
    assert story.move(seller, "bill").status_code in {409, 422}
    assert seller.post("/deals/1001/estimate/quote", data={"request_key": "q"}).status_code == 302
    assert seller.post("/deals/1001/estimate/agree", data={}).status_code == 302


def billed(story: Story, seller: Any) -> None:
    payer = story.one(select(Client.id))
    day = (dt.date.today() + dt.timedelta(days=14)).isoformat()  # noqa: DTZ011 (any day ahead will do)
    story.move(seller, "bill", payer=payer, production_on=day)
    assert story.stage() == "bill"
    assert story.move(seller, "production").status_code in {409, 422}
    form = {"deal": 1001, "share": "50", "request_key": "once"}
    assert seller.post("/documents/issue", data=form).status_code == 302
    assert seller.post("/documents/issue", data=form).status_code == 302
    made = select(Document).where(Document.kind == "invoice", Document.state == "ready")
    invoice = story.until(lambda: story.look(made))[0]
    assert (invoice.number, invoice.amount) == ("1", HALF)
    with seller.get(f"/files/{invoice.file_id}") as paper:
        assert paper.headers["Content-Disposition"].startswith("attachment")
        check_paper(paper.data, invoice)


def check_paper(paper: bytes, invoice: Document) -> None:
    """What it says, and what a bank's application reads from its code."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    plain = re.sub(r"\s+", " ", text.replace(NBSP, " "))
    for words in (
        "Счёт на оплату № 1", "ООО «Парус»", "7799010010", "Иван Сидоров", "КП № 1001-1", "92 250,00",
        "Девяносто две тысячи двести пятьдесят рублей", "16 635,25",
    ):  # fmt: skip
        assert words in plain, words
    page = pypdfium2.PdfDocument(paper)[0].render(scale=150 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(page)
    assert code.text.startswith("ST00012|Name=ООО «Парус»|PersonalAcc=40702810200000000001|")
    assert "|Sum=9225000|" in code.text
    assert f"Оплата по счету № 1 от {invoice.issued_on:%d.%m.%Y}" in code.text
    assert "|PayeeINN=7799010010|KPP=779901001" in code.text


def paid_and_made(story: Story, seller: Any) -> None:
    nina = story.browser("nina")
    assert "Иван Сидоров" in said(nina.get("/invoices/"))
    invoice = story.one(select(Document.id).where(Document.kind == "invoice"))
    form = {"deal": 1001, "amount": "92 250", "invoice": invoice, "request_key": "first"}
    assert nina.post("/payments/record", data=form).status_code == 302
    assert [int(amount) for amount in story.look(select(Payment.amount))] == [HALF]
    story.move(seller, "production")
    assert story.stage() == "production"
    assert story.look(select(Task.id).where(Task.kind == "production"))
    assert "1001" in said(story.browser("sergey").get("/tasks/list/"))
    story.move(seller, "shipping")
    assert story.stage() == "shipping"


def shipped_and_won(story: Story, seller: Any) -> None:
    refused = story.move(seller, "won")
    assert refused.status_code in {409, 422}
    dialog = said(seller.get("/shipments/ask?deal=1001"))
    lines = dict(re.findall(r'name="(line-\d+)"[^>]*value="([^"]*)"', dialog))
    assert len(lines) == 9
    form = {"deal": 1001, "request_key": "all", **lines}
    assert seller.post("/shipments/record", data=form).status_code == 302
    shipment = story.one(select(Shipment))
    assert (shipment.amount, shipment.cost) == (TOTAL, 128_300)
    assert "184 500" in said(seller.get("/shipments/list/"))
    rest = {"deal": 1001, "amount": "92250", "request_key": "rest"}
    assert story.browser("nina").post("/payments/record", data=rest).status_code == 302
    won = story.until(lambda: story.stage() == "won")
    assert won
    deal = story.one(select(Deal))
    assert deal.closed_at is not None
    visits = select(Stage.code).join(StageVisit, StageVisit.stage_id == Stage.id).order_by(StageVisit.id)
    assert story.look(visits) == ["intake", "measure", "estimate", "bill", "production", "shipping", "won"]
    names = set(story.look(select(Event.name).where(Event.deal_id == deal.id)))
    assert names >= {
        "deal.started", "deal.moved", "estimate.agreed", "document.issued", "payment.recorded", "shipment.recorded",
        "deal.won",
    }  # fmt: skip


def on_the_dashboard(story: Story) -> None:
    """The director sees the money; each mark opens the list that it counts."""
    boss = story.browser("director")
    page = boss.get("/dashboard/").get_data(as_text=True)
    assert f"184{NBSP}500{NBSP}₽" in page
    months = json.loads(re.search(r'id="plot-shipments">(.*?)</script>', page, re.DOTALL)[1])["data"][0]
    assert (months["y"][-1], sum(months["y"])) == (184.5, 184.5)
    shipped = boss.get(months["customdata"][-1]).get_data(as_text=True)
    assert 'data-count="1" data-amount="184500.00"' in shipped
    assert "Иван Сидоров" in shipped
    steps = json.loads(re.search(r'id="plot-funnel">(.*?)</script>', page, re.DOTALL)[1])["data"][0]
    assert steps["x"] == [1] * 8
    sources = json.loads(re.search(r'id="plot-sources">(.*?)</script>', page, re.DOTALL)[1])
    assert sources["layout"]["yaxis"]["ticktext"] == ["Сайт"]
