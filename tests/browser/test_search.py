"""The search by keyboard and thumb: a client by a few letters, a deal by its number, what was opened lately."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def test_a_client_is_found_by_letters_and_opened_by_keys(enter: Enter) -> None:
    page = enter("Марина")
    page.keyboard.press("Control+k")
    page.keyboard.type("ирина соко")
    first = page.locator("#palette [data-found]").first
    expect(first).to_contain_text("1042")
    clients = page.get_by_role("group", name="Клиенты")
    expect(clients.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clients/*")
    expect(page.locator(".v-top")).to_contain_text("Ирина Соколова")


def test_enter_at_once_opens_what_was_typed(enter: Enter) -> None:
    page = enter("Марина")
    page.keyboard.press("Control+k")
    page.keyboard.type("1042")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deals/1042")


def test_who_has_second_thoughts_is_not_taken_away_by_a_slow_answer(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/clients/list/")
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    gone: list[str] = []
    page.on("request", lambda request: gone.append(request.url) if request.is_navigation_request() else None)
    page.keyboard.press("Control+k")
    page.keyboard.type("сегодня")
    with page.expect_event("requestfailed", lambda request: "/search" in request.url):
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    assert gone == []


def test_what_was_opened_is_offered_before_anything_is_typed(enter: Enter) -> None:
    page = enter("Олег")
    with page.expect_response("**/search/opened/**") as told:
        page.goto(page.locator("a[href^='/deals/']").first.get_attribute("href") or "/deals/board/")
        if "/board" in page.url:
            page.locator(".k-card a, a.k-card").first.click()
    assert told.value.status == 204
    page.keyboard.press("Control+k")
    expect(page.get_by_role("group", name="Недавно открытые").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_nothing_found_is_said_and_rubbish_does_no_harm(enter: Enter) -> None:
    page = enter("Анна")
    page.keyboard.press("Control+k")
    page.keyboard.type("ъъъ <b>'\"%")
    expect(page.locator("#palette .v-pallist > p")).to_be_visible()
    page.locator("#palette-q").fill("сегодня и никогда")
    expect(page.locator("#palette .v-pallist > p")).to_be_visible()


def test_the_phone_has_it_a_thumb_away(enter: Enter) -> None:
    page = enter("Марина", phone=True)
    page.goto("/deals/board/")
    page.locator(".v-topfind").tap()
    page.locator("#palette-q").fill("0001234")
    page.get_by_role("group", name="Клиенты").get_by_role("option").first.tap()
    page.wait_for_url("**/clients/*")
