"""The thread again, shorter: with a thumb, in English, with the Back button; and the description of the API."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser]


def window(page: Page) -> Locator:
    """The dialog that is open."""
    return page.locator(".v-dlg:visible").last


def press(page: Page | Locator, words: str) -> None:
    """The button of these words that can be seen."""
    page.locator("button:visible, a.btn:visible").filter(has_text=re.compile(words)).first.click()


def step(page: Page) -> Locator:
    """The stage on which the deal of the card stands."""
    return page.locator("[aria-current=step]").first


def is_narrow(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_with_a_thumb_a_lead_becomes_a_deal_and_takes_a_step(enter: Callable[..., Page]) -> None:
    page = enter("Марина", phone=True)
    page.get_by_role("link", name=re.compile("Наталья Громова")).first.click()
    page.wait_for_url(re.compile(r"/leads/\d+"))
    press(page, "В сделку")
    window(page).locator("[name=title]").fill("Окно на дачу")
    assert is_narrow(page)
    press(window(page), "В сделку")
    page.wait_for_url(re.compile(r"/deals/\d+$"))
    expect(page.locator("header h1").first).to_contain_text("Наталья Громова")
    assert is_narrow(page)
    press(page, "Замер")
    window(page).locator("[name=address]").fill("Лесная, 5")
    press(window(page), "Перевести")
    expect(page.locator(".v-dlg:visible")).to_have_count(0)
    expect(step(page)).to_contain_text("Замер")
    page.wait_for_load_state()
    page.reload()
    expect(step(page)).to_contain_text("Замер")
    assert is_narrow(page)


def test_in_english_a_lead_becomes_a_deal_with_an_estimate(enter: Callable[..., Page]) -> None:
    page = enter("Анна", language="en-GB")
    page.goto("/me/")
    page.locator("select[name=language]").select_option("en")
    page.locator("form:has(select[name=language]) .btn-primary").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto("/leads/add")
    page.locator("main [name=name]:visible").fill("John Smith")
    page.locator("main [name=phone]:visible").fill("+7 916 555-01-02")
    page.locator("main .btn-primary:visible, header .btn-primary:visible").last.click()
    page.wait_for_url(re.compile(r"/leads/\d+"))
    press(page, "deal")
    window(page).locator("[name=title]").fill("Two windows")
    press(window(page), "deal")
    page.wait_for_url(re.compile(r"/deals/\d+$"))
    expect(step(page)).to_contain_text("Intake")
    page.locator(".v-bar .btn-primary:visible").first.click()
    expect(window(page)).to_contain_text("Measurement")
    window(page).locator("[name=address]").fill("1 Forest Lane")
    press(window(page), "Move")
    expect(page.locator(".v-dlg:visible")).to_have_count(0)
    page.goto(page.url.rstrip("/") + "/estimate")
    expect(page.locator("header")).to_contain_text("Estimate")


class TestBack:
    def test_after_a_save_back_leads_to_the_list_and_not_to_the_form_again(self, enter: Callable[..., Page]) -> None:
        page = enter("Анна")
        page.goto("/clients/list/")
        page.goto("/clients/add")
        page.locator("main [name=name]:visible").fill("Павел Назадов")
        page.locator("main .btn-primary:visible, header .btn-primary:visible").last.click()
        page.wait_for_url(lambda url: "/add" not in url)
        page.go_back()
        page.go_forward()
        page.goto("/clients/list/?q=Назадов")
        expect(page.locator("main a", has_text="Павел Назадов")).to_have_count(1)

    def test_a_filter_stays_in_the_address(self, enter: Callable[..., Page]) -> None:
        page = enter("Марина")
        page.goto("/deals/board/?late=1")
        cards = page.locator(".k-card").count()
        page.locator(".k-card a").first.click()
        page.wait_for_url(re.compile(r"/deals/\d+"))
        page.go_back()
        page.wait_for_url(re.compile(r"/deals/board/\?late=1"))
        expect(page.locator(".k-card")).to_have_count(cards)

    def test_after_signing_out_back_shows_nothing(self, enter: Callable[..., Page]) -> None:
        page = enter("Олег")
        page.goto("/deals/list/")
        expect(page.locator("main")).to_be_visible()
        page.evaluate("document.querySelector('form[action*=logout]').requestSubmit()")
        page.wait_for_url(re.compile("/login/"))
        page.go_back()
        page.wait_for_url(re.compile("/login/"))


def test_the_description_of_the_api_opens_without_a_word_in_the_console(enter: Callable[..., Page]) -> None:
    page = enter("Алиса")
    page.goto("/api/v1/docs")
    expect(page.get_by_text("/api/v1/deals/{key}/move")).to_be_visible()
    page.get_by_text("/api/v1/deals/{key}/move").click()
    expect(page.get_by_text(re.compile("additional|Code|stage")).first).to_be_visible()
