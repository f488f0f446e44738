"""The estimate by hand and eye: keys, search, paste, saving, both values of a conflict, drafts."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.deals import Deal
from models.estimates import Estimate
from models.ground.actor import SYSTEM, acting_as
from tests.browser.deals import number_of

# The browser itself notes every answer of 4xx; a refusal is not a fault of ours.
REFUSAL = "the server responded with a status of 4"


def total(page: Page) -> str:
    return page.inner_text(".e-total [data-total]").replace("\u00a0", " ")


def save(page: Page) -> None:
    page.keyboard.press("Control+S")
    expect(page.locator("[data-saved]")).to_be_visible()


def find(page: Page, text: str) -> None:
    page.click("#e-find")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def forget_refusals(said: list[str]) -> None:
    said[:] = [words for words in said if REFUSAL not in words]


def deal_without_estimate(demo) -> int:
    with demo.app_context(), acting_as(SYSTEM) as session:
        has = select(Estimate.id).where(Estimate.deal_id == Deal.id).exists()
        return session.execute(select(Deal.number).where(~has, Deal.closed_at.is_(None))).scalars().first()


def test_an_estimate_made_by_keyboard_alone(enter, demo):
    number = deal_without_estimate(demo)
    page = enter("Марина")
    page.goto(f"/deals/{number}/estimate")
    # As fast as a machine types, over a network as slow as a telephone's: what comes after Enter is the new line's.
    slow = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    network = page.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", slow)
    find(page, "ок-70-1")
    page.keyboard.type("2", delay=200)
    expect(page.locator("[data-col=quantity]")).to_have_value("2")
    assert total(page) == "29 800 ₽"
    network.send("Network.emulateNetworkConditions", {**slow, "latency": 0})
    page.keyboard.press("Enter")
    page.keyboard.type("монтаж")
    page.keyboard.press("Enter")
    page.keyboard.type("10,4")
    expect(page.locator("[data-col=quantity] >> nth=1")).to_have_value("10,4")
    find(page, "Вынос мусора")
    page.keyboard.type("1500,50")
    expect(page.locator("[data-col=price] >> nth=2")).to_have_value("1500,50")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    assert total(page) == "61 385,48 ₽"
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-col=name] >> nth=1")).to_have_value("Вынос мусора")
    page.keyboard.press("Control+S")
    expect(page.locator(".e-version")).to_have_count(1)
    assert total(page) == "61 385,48 ₽"


def test_lines_from_excel_to_a_sum_and_back(enter):
    page = enter("Марина")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/deals/1042/estimate")
    assert total(page) == "184 500 ₽"
    rows = "№\\tНаименование\\tКол-во\\tЦена\\n1\\tНащельник 60 мм, белый\\t2\\t150\\n2\\tУборка\\t1,5\\t1 000\\n"
    page.evaluate(f"navigator.clipboard.writeText('{rows}')")
    page.click("#e-find")
    page.keyboard.press("Control+V")
    assert total(page) == "186 300 ₽"
    page.click("[data-open='#to-sum']")
    page.fill("#d-total", "180 000")
    page.keyboard.press("Enter")
    expect(page.locator(".e-total [data-total]")).to_have_text("180\u00a0000\u00a0₽")
    save(page)
    page.hover("[data-line] >> nth=0")
    page.click("[data-remove] >> nth=0")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    page.click("[data-put-back]")
    assert total(page) == "180 000 ₽"
    save(page)


def test_two_people_at_one_estimate_see_both_values(enter, said):
    page = enter("Марина")
    page.goto("/deals/1042/estimate")
    other = page.context.new_page()
    other.goto("/deals/1042/estimate")
    other.fill("[data-col=quantity] >> nth=0", "4")
    save(other)
    page.fill("[data-col=quantity] >> nth=0", "5")
    page.keyboard.press("Control+S")
    expect(page.locator("#conflict")).to_be_visible()
    words = page.inner_text("#conflict")
    assert "Марина Ковалёва" in words
    assert "Окно ПВХ «Парус 70», 2 створки: Кол-во" in words
    page.click("[data-keep-mine]")
    expect(page.locator("[data-saved]")).to_be_visible()
    page.reload()
    assert page.input_value("[data-col=quantity] >> nth=0") == "5"
    forget_refusals(said)


def test_what_was_typed_survives_a_refusal_and_a_closed_tab(enter, said):
    page = enter("Марина")
    page.goto("/deals/1042/estimate")
    page.fill("[data-col=quantity] >> nth=0", "абв")
    page.keyboard.press("Control+S")
    expect(page.locator(".v-toast")).to_be_visible()
    assert page.input_value("[data-col=quantity] >> nth=0") == "абв"
    page.fill("[data-col=quantity] >> nth=0", "7")
    page.wait_for_timeout(600)
    again = page.context.new_page()
    again.goto("/deals/1042/estimate")
    again.click(".v-draft button >> nth=0")
    assert again.input_value("[data-col=quantity] >> nth=0") == "7"
    forget_refusals(said)


def test_on_a_phone_nothing_is_wider_than_the_screen(enter):
    page = enter("Марина", phone=True)
    for address in ("/deals/1042/estimate", "/invoices/", "/documents/list/", "/deals/1042?pane=money"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_in_english_sums_keep_their_size(enter, demo):
    page = enter("Марина")
    page.goto("/me/")
    page.select_option("select[name=language]", "en")
    page.click("#settings .btn-primary")
    page.goto(f"/deals/{number_of(demo, 'Вадим Орехов')}/estimate")
    before = total(page)
    assert before == "219,000 ₽"
    page.fill("[data-col=quantity] >> nth=0", "2")
    page.fill("[data-col=quantity] >> nth=0", "1")
    assert total(page) == before
    page.fill("#t-terms", "Production: 14 working days")
    save(page)
    page.reload()
    assert total(page) == before
