"""The thread by hand: a request becomes a deal, goes through the stages by clicks, and ends on the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Locator, Page, expect

pytestmark = [pytest.mark.browser]
CLIENT = "ООО «Северный двор»"


def window(page: Page) -> Locator:
    """The dialog that is open."""
    return page.locator(".v-dlg:visible").last


def next_step(page: Page, number: str) -> None:
    """The primary button of the deal: its next stage."""
    page.goto(f"/deals/{number}")
    page.locator(".v-bar .btn-primary:visible").first.click()


def stands_on(page: Page, number: str, stage: str) -> None:
    page.goto(f"/deals/{number}")
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text(stage)


def test_a_manager_closes_a_deal_and_the_director_sees_the_money(enter: Callable[..., Page], work_off) -> None:
    page = enter("Марина")
    number = lead_becomes_deal(page)
    dragged_through_a_gate(page, number)
    estimated(page, number)
    billed(page, number, work_off)
    paid_and_made(page, number)
    shipped_and_won(page, number, work_off)
    seen_by_the_director(enter("Виктор"))


def lead_becomes_deal(page: Page) -> str:
    expect(page).to_have_url(re.compile("/day/"))
    page.goto("/leads/list/")
    page.get_by_role("link", name=CLIENT).click()
    page.get_by_role("button", name=re.compile("Взять|Беру")).first.click()
    page.get_by_role("button", name="В сделку").first.click()
    window(page).locator("[name=title]").fill("Фасад, 240 м²")
    window(page).get_by_role("button", name="В сделку").click()
    page.wait_for_url(re.compile(r"/deals/\d+$"))
    expect(page.locator("header h1").first).to_contain_text(CLIENT)
    return page.url.rsplit("/", 1)[1]


def dragged_through_a_gate(page: Page, number: str) -> None:
    """By the mouse: the gate asks for the address, Cancel brings the card back; then by the keyboard."""
    page.goto("/deals/board/")
    column = page.locator(".k-col[aria-label='Замер']")
    drag(page, page.locator(".k-card", has_text="Фасад, 240 м²"), column)
    expect(window(page)).to_contain_text("Адрес объекта")
    window(page).get_by_role("button", name=re.compile("Оставить")).click()
    expect(page.locator(".k-col[aria-label='Оформление']")).to_contain_text("Фасад, 240 м²")
    drag(page, page.locator(".k-card", has_text="Фасад, 240 м²"), column)
    window(page).locator("[name=address]").fill("ул. Полевая, 14, кв. 52")
    with page.expect_response(re.compile(f"/deals/{number}/move")):
        window(page).get_by_role("button", name="Перевести").click()
    expect(column).to_contain_text("Фасад, 240 м²")
    card = column.locator(".k-card", has_text="Фасад, 240 м²")
    page.goto("/deals/board/")
    page.wait_for_load_state("networkidle")
    card.focus()
    page.keyboard.press("KeyS")
    menu = page.locator("#move-menu")
    expect(menu).to_be_visible()
    menu.get_by_role("menuitem", name=re.compile("Смета")).click()
    window(page).locator("[name=work_type]").select_option(index=1)
    with page.expect_response(re.compile(f"/deals/{number}/move")):
        window(page).get_by_role("button", name="Перевести").click()
    expect(page.locator(".k-col[aria-label='Смета']")).to_contain_text("Фасад, 240 м²")
    stands_on(page, number, "Смета")


def opened(page: Page, path: str) -> None:
    """The page, also where one that leads elsewhere was still on its way."""
    try:
        page.goto(path)
    except Error:
        page.wait_for_load_state("networkidle")
        page.goto(path)


def drag(page: Page, card: Locator, column: Locator) -> None:
    """As a hand does: by the grip, in steps."""
    card.scroll_into_view_if_needed()
    grip, there = card.locator(".v-grab").bounding_box(), column.locator(".k-list").bounding_box()
    assert grip
    assert there
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 40, grip["y"] + 20, steps=5)
    page.mouse.move(there["x"] + 60, there["y"] + 60, steps=12)
    page.wait_for_timeout(250)
    page.mouse.up()


def estimated(page: Page, number: str) -> None:
    """By the keyboard alone: two rows of the price list, saved, sent, agreed."""
    opened(page, f"/deals/{number}/estimate")
    search = page.get_by_placeholder(re.compile("Добавить из прайса"))
    for count, words in enumerate(("Окно ПВХ", "Монтаж"), 1):
        search.click()
        page.keyboard.type(words, delay=15)
        page.keyboard.press("Enter")
        expect(page.locator("#estimate [data-line]")).to_have_count(count)
    with page.expect_response(lambda answer: answer.url.endswith("/estimate/lines")):
        page.keyboard.press("Control+s")
    page.wait_for_load_state("networkidle")
    opened(page, f"/deals/{number}/estimate")
    expect(page.locator("[data-saved]")).to_be_visible()
    page.get_by_role("button", name="Сформировать КП").click()
    expect(window(page)).to_contain_text("закрепится")
    window(page).get_by_role("button", name="Сформировать КП").click()
    expect(page.get_by_role("button", name="Клиент согласовал")).to_be_visible()
    page.get_by_role("button", name="Клиент согласовал").click()
    expect(page.locator("header")).to_contain_text("согласована")


def billed(page: Page, number: str, work_off: Callable[[], None]) -> None:
    next_step(page, number)
    window(page).get_by_role("button", name=re.compile("клиент сделки")).click()
    window(page).get_by_role("button", name=re.compile("рабочих дней")).click()
    window(page).get_by_role("button", name="Перевести").click()
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Счёт")
    page.locator(".p-right .btn", has_text="Выставить счёт").click()
    window(page).get_by_role("button", name="Выставить").click()
    expect(page.locator(".p-right")).to_contain_text("Счёт №")
    work_off()
    page.goto(f"/deals/{number}")
    paper = page.locator(".p-right a[href^='/files/']").last
    expect(paper).to_be_visible()
    answer = page.request.get(paper.get_attribute("href") or "")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def pay(page: Page, amount: str = "") -> None:
    page.get_by_role("button", name="Внести оплату").click()
    if amount:
        window(page).locator("[name=amount]").fill(amount)
    window(page).get_by_role("button", name="Внести", exact=True).click()
    expect(page.locator(".v-dlg:visible")).to_have_count(0)


def paid_and_made(page: Page, number: str) -> None:
    pay(page)
    next_step(page, number)
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Производство")
    next_step(page, number)
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Отгрузка")


def shipped_and_won(page: Page, number: str, work_off: Callable[[], None]) -> None:
    page.locator(".p-right .btn", has_text="Внести отгрузку").click()
    window(page).get_by_role("button", name="Внести", exact=True).click()
    expect(page.locator(".v-dlg:visible")).to_have_count(0)
    page.goto(f"/deals/{number}")
    pay(page, "8900")
    work_off()
    stands_on(page, number, "Успешно")


def seen_by_the_director(page: Page) -> None:
    """The home is the dashboard; the figure of shipped money opens the list that it counts."""
    expect(page).to_have_url(re.compile("/dashboard/"))
    page.locator(".s-kpi a").first.click()
    expect(page.locator("main")).to_contain_text(CLIENT)
    page.go_back()
    expect(page).to_have_url(re.compile("/dashboard/"))


def test_a_phone_holds_the_leads_the_board_and_a_deal(enter: Callable[..., Page]) -> None:
    page = enter("Марина", phone=True)
    expect(page.locator(".v-tabbar")).to_be_visible()
    for path in ("/leads/list/", "/deals/board/", "/deals/1042", "/tasks/list/", "/clients/list/"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path


def test_every_home_speaks_both_languages(enter: Callable[..., Page]) -> None:
    page = enter("Нина")
    expect(page.locator("header h1").first).to_contain_text("Счета и оплаты")
    page.goto("/me/")
    page.locator("select[name=language]").select_option("en")
    page.locator("form:has(select[name=language]) .btn-primary").first.click()
    page.goto("/invoices/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("header h1").first).not_to_contain_text("Счета")


def test_a_surveyor_sees_his_visits_and_no_money(enter: Callable[..., Page]) -> None:
    page = enter("Павел")
    expect(page).to_have_url(re.compile("/visits/"))
    assert page.request.get("/dashboard/").status in {403, 404}
    assert page.request.get("/deals/1042/estimate").status in {403, 404}
