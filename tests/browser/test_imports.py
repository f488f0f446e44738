"""Leads out of a file by hand: dropped, mapped, checked, loaded, taken back; and a channel's form is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser]
FILE = "ФИО;Тел.;Интерес\nЗарубина Инна;8 900 111 70 01;Окна\nТСЖ;900 000-1;Двери\n".encode("cp1251")


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_file_becomes_leads_and_is_taken_back(enter: Callable[..., Page], work_off, phone: bool) -> None:
    page = enter("Марина", phone=phone)
    page.goto("/imports/")
    page.set_input_files("#file", {"name": "база.csv", "mimeType": "text/csv", "buffer": FILE})
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    address = page.url
    expect(page.get_by_label("Поле для Тел.")).to_have_value("phone")
    page.get_by_label("Поле для Интерес").select_option("words")
    page.get_by_role("button", name="Проверить 2 строки").click()
    expect(page.get_by_text("Телефон неполный: 900 000-1")).to_be_visible()
    page.get_by_role("button", name="Создать 1 лид").click()
    page.wait_for_url(re.compile(r"/works/\d+$"))
    work_off()
    page.goto(address)
    expect(page.get_by_text("Из файла создан 1 лид")).to_be_visible()
    page.get_by_role("button", name="Отменить импорт").click()
    page.wait_for_url(re.compile(r"/works/\d+$"))
    work_off()
    page.goto(address)
    expect(page.get_by_text("Импорт отменён")).to_be_visible()


def test_the_fields_of_a_form_are_moved_by_the_keyboard_and_saved(enter: Callable[..., Page]) -> None:
    page = enter("Алиса")
    page.goto("/channels/2")
    first = page.locator("[data-ask]").first
    expect(first).to_contain_text("Что нужно")
    first.locator("[data-down]").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-ask]").first).to_contain_text("Как к вам обращаться")
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    expect(page.locator("[data-ask]").first).to_contain_text("Как к вам обращаться")
    page.locator("[data-ask]").nth(1).locator("[data-up]").click()
    page.get_by_role("button", name="Сохранить").click()
    page.wait_for_load_state()
    expect(page.locator("[data-ask]").first).to_contain_text("Что нужно")


def test_a_line_in_the_search_becomes_a_lead(enter: Callable[..., Page]) -> None:
    page = enter("Марина")
    page.keyboard.press("Control+k")
    page.locator("#palette-q").fill("Зоя 8 900 555 70 09 окна в дом")
    expect(page.locator("#palette [data-line]")).to_be_visible()
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/leads/add"))
    expect(page.locator(".l-said")).to_contain_text("Зоя")
    page.get_by_role("button", name="Записать").click()
    page.wait_for_url(re.compile(r"/leads/\d+$"))
    expect(page.locator("h1").first).to_contain_text("Зоя")
