"""What the grid of an estimate counts in the browser is what the server counts: to the kopeck, on many lines."""

import os
import random
import shutil
from decimal import Decimal as D

import pytest
from playwright.sync_api import sync_playwright

from models.estimates import EstimateLine

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="there is no Chromium here"),
]

SUMS = "line => { const s = V.lineSums({...line, off: line.off === null ? null : V.parse(line.off, 2)}); return [s.full, s.sum, s.cost, s.tax].map(String); }"


@pytest.fixture(scope="module")
def page(here):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.evaluate("window.V = {lang: 'ru'}")
        opened.add_script_tag(path=here / "app/static/js/sums.js")
        yield opened
        browser.close()


def some_lines(count: int):
    lots = random.Random(1042)
    for _n in range(count):
        line = {
            "quantity": D(lots.randrange(1, 10**6)).scaleb(-3),
            "price": D(lots.randrange(0, 10**8)).scaleb(-2),
            "discount": D(lots.choice([0, 500, 1000, lots.randrange(0, 10001)])).scaleb(-2),
            "cost": D(lots.randrange(0, 10**7)).scaleb(-2),
            "vat_percent": lots.choice([None, D(0), D(5), D(10), D(22)]),
        }
        off = EstimateLine(**line).full * lots.choice([0, D("0.5")]) if lots.random() < 0.3 else None
        yield EstimateLine(**line, discount_sum=None if off is None else off.quantize(D("0.01")))


def test_sums_of_lines_are_the_servers(page):
    for line in some_lines(400):
        said = {name: f"{getattr(line, name)}" for name in ("quantity", "price", "discount", "cost")}
        said |= {"vat": "" if line.vat_percent is None else f"{line.vat_percent}"}
        said |= {"off": None if line.discount_sum is None else f"{line.discount_sum}"}
        expected = [str(int(amount * 100)) for amount in (line.full, line.sum, line.cost_sum, line.vat)]
        assert page.evaluate(SUMS, said) == expected, said


@pytest.mark.parametrize(
    ("typed", "places", "expected"),
    [("1 234,5", 2, "123450"), ("10,4", 3, "10400"), ("0,0005", 3, "1"), ("0,0004", 3, "0"), ("", 2, "0"),
     ("1.005", 2, "101"), ("24\u00a0800 ₽", 2, "2480000"), ("5 %", 2, "500"), ("abc", 2, None), ("1,2,3", 2, None),
     ("-5", 2, None), ("1e5", 2, None), (",", 2, None)],
)  # fmt: skip
def test_numbers_as_people_type_them(page, typed, places, expected):
    said = page.evaluate(
        "([text, n]) => { const v = V.parse(text, n); return v === null ? null : String(v); }", [typed, places]
    )
    assert said == expected


def test_commas_between_thousands_are_read_in_english(page, here):
    page.evaluate("window.V = {lang: 'en'}")
    page.add_script_tag(path=here / "app/static/js/sums.js")
    assert page.evaluate("['175,200', '1,234.50', '1,5'].map(text => String(V.parse(text, 2)))") == [
        "17520000",
        "123450",
        "150",
    ]
    assert page.evaluate("[V.money(17520000n), V.money(123450n)]") == ["175,200\u00a0₽", "1,234.50\u00a0₽"]
    page.evaluate("window.V = {lang: 'ru'}")
    page.add_script_tag(path=here / "app/static/js/sums.js")
    assert page.evaluate("String(V.parse('175,200', 2))") == "17520"


@pytest.mark.parametrize(
    ("kopecks", "expected"),
    [
        (18450000, "184\u00a0500\u00a0₽"),
        (10018250, "100\u00a0182,50\u00a0₽"),
        (-592500, "\u22125\u00a0925\u00a0₽"),
        (0, "0\u00a0₽"),
        (5, "0,05\u00a0₽"),
    ],
)
def test_sums_are_written_as_the_server_writes_them(page, kopecks, expected):
    assert page.evaluate("n => V.money(BigInt(n))", kopecks) == expected
