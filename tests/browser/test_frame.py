"""The frame by keyboard and hand: keys, palette, filter, selection, drafts, undo, theme, menus, sheets of a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]


def test_rows_are_walked_chosen_and_opened_by_keys(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/deals/list/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    current = page.locator(".v-current")
    expect(current).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator(".v-bulk")).to_be_visible()
    expect(page.locator("[data-selected]")).to_have_text("1 выбрана")
    page.keyboard.press("x")
    expect(page.locator(".v-bulk")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/deals/\d+$"))


def test_keys_work_in_the_russian_layout_and_rest_while_typing(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/leads/list/")
    page.locator("input[name=q]").focus()
    page.keyboard.press("KeyC")
    assert page.url.endswith("/leads/list/")
    page.locator(".v-top h1").click()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyC', key: 'с', bubbles: true}))")
    page.wait_for_url("**/leads/add")


def test_the_palette_finds_a_page_by_the_beginning_of_a_word(enter: Enter) -> None:
    page = enter("Алиса")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("кан")
    page.keyboard.press("Enter")
    page.wait_for_url("**/channels/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/deals/board/")


def test_the_filter_asks_in_a_window_and_stays_as_chips(enter: Enter) -> None:
    page = enter("Алиса")
    page.goto("/products/list/")
    page.keyboard.press("f")
    page.locator("#flt-name").fill("Подок")
    page.locator("#filter .btn-primary").click()
    page.wait_for_url("**/products/list/?_flt_*")
    expect(page.locator(".v-chip.on")).to_contain_text("Подок")
    page.locator(".v-chip.on").click()
    page.wait_for_url(lambda url: "_flt_" not in url)


def test_what_was_typed_is_offered_again_and_gone_once_saved(enter: Enter) -> None:
    page = enter("Алиса")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/products/add")
    page.locator("#name").fill("Черновик")
    page.locator("#sku").fill("Ч-1")
    expect(page.locator("[data-changes]")).to_have_text("2 изменения")
    page.wait_for_timeout(600)
    page.goto("/products/list/")
    page.goto("/products/add")
    page.get_by_role("button", name="Восстановить").click()
    expect(page.locator("#name")).to_have_value("Черновик")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/products/list/**")
    expect(page.locator(".v-toast")).to_be_visible()
    page.goto("/products/add")
    page.wait_for_timeout(300)
    expect(page.locator(".v-draft")).to_have_count(0)


def test_deleting_asks_nothing_and_can_be_undone(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/clients/list/?q=Лариса Белкина")
    page.locator("tbody tr").first.click()
    page.wait_for_url("**/clients/*")
    name = page.locator(".v-top h1").inner_text()
    page.locator(".v-top [popovertarget]").last.click()
    page.get_by_role("menuitem", name="В корзину").click()
    toast = page.locator(".v-toast")
    expect(toast.get_by_role("button", name="Вернуть")).to_be_visible()
    toast.get_by_role("button", name="Вернуть").click()
    expect(page.locator(".v-toast")).to_contain_text(name)


def test_the_theme_changes_at_once_and_stays(enter: Enter) -> None:
    page = enter("Марина")
    page.locator(".v-mebtn").click()
    page.locator("#me [data-theme-set=dark]").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_the_bell_shows_what_is_new(enter: Enter) -> None:
    page = enter("Марина")
    page.locator(".v-bell").click()
    expect(page.locator("#bell a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bell")).to_be_hidden()


def test_a_reference_is_searched_on_the_server(enter: Enter) -> None:
    page = enter("Марина")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/deals/add")
    page.locator("[data-field=client] .ts-control").click()
    page.keyboard.type("ирин")
    option = page.locator(".ts-dropdown .option").first
    expect(option).to_contain_text("Ирина")
    page.keyboard.press("Enter")
    expect(page.locator("[data-field=client] .item")).to_contain_text("Ирина")


def test_a_phone_has_its_bar_and_sheets(enter: Enter) -> None:
    page = enter("Марина", phone=True)
    page.locator(".v-tabbar .add").tap()
    expect(page.locator("#create")).to_be_visible()
    page.locator("#create").get_by_role("button", name="Закрыть").tap()
    page.locator(".v-tabbar button").last.tap()
    page.locator("#more").get_by_role("link", name="Клиенты").tap()
    page.wait_for_url("**/clients/list/")
    sizes = page.locator(".v-tabbar > *").evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
    assert min(sizes) >= 44


def test_the_focus_stays_in_a_window_and_returns(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/leads/list/")
    opener = page.locator("[data-key=F]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#filter")).to_be_visible()
    for _step in range(30):
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        assert inside
    page.keyboard.press("Escape")
    expect(page.locator("#filter")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.key") == "F"
