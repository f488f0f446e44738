"""The page of an estimate: the grid is saved, refused in words, sent, agreed; nobody else touches it."""

import re
from decimal import Decimal as D

import pytest
from sqlalchemy import select

from models.deals import Deal
from models.documents import Document
from models.estimates import Estimate
from tests.money import JSON, lines_1042, lines_of


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
    said = {
        "id": None,
        "version": 0,
        "lines": lines_1042(),
        "terms": {"prepayment_percent": "70", "terms": "Срок: 14 дней"},
    }
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


def test_a_line_that_is_sent_twice_is_two_lines(login, fresh, rows):
    client = login("marina")
    body = {"version": 0, "lines": [{"name": "Окно", "quantity": "1", "price": "100"}]}
    saved = client.post("/deals/1042/estimate/lines", json=body, headers=JSON).json
    again = client.post("/deals/1042/estimate/lines", json=saved | {"lines": saved["lines"] * 2}, headers=JSON)
    assert again.json["totals"]["total"] == "200.00"
    assert [line.sum for line in lines_of(rows, 1)] == [D(100), D(100)]


def test_an_agreement_taken_back_gives_the_one_before_it_its_place(login, deal, rows):
    client = login("marina")
    client.post("/deals/1042/estimate/version")
    draft = page_of(client)
    body = {"version": int(draft["version"]), "lines": [{"name": "Окно", "quantity": "1", "price": "100"}]}
    assert client.post("/deals/1042/estimate/lines", json=body, headers=JSON).status_code == 200
    client.post("/deals/1042/estimate/agree?v=4")
    assert rows.one(select(Deal)).amount == D(100)
    said = client.post("/deals/1042/estimate/take-back?v=4", follow_redirects=True).get_data(as_text=True)
    assert "Версия 3 согласована: 184 500 ₽" in said.replace("\u00a0", " ").replace("\u202f", " ")
    assert rows.one(select(Deal)).amount == D(184_500)
    assert rows.one(select(Estimate.revision).where(Estimate.state == "agreed")) == 3
    client.post("/deals/1042/estimate/take-back?v=3")
    assert rows.all(select(Estimate).where(Estimate.state == "agreed")) == []
