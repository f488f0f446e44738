"""Duplicates by hand: a merge by keys and its way back, the batch that is watched and undone, hints while typing."""

import re

import pytest

from models.clients import Client
from models.ground.actor import SYSTEM, acting_as

pytestmark = pytest.mark.browser
TWIN = re.compile("Дмитрий Волков")


def compared(enter, **how):
    page = enter("Марина", **how)
    page.goto("/clients/duplicates/")
    page.locator("tr", has_text=TWIN).get_by_role("link", name="Сравнить").click()
    page.wait_for_url(re.compile(r"/clients/duplicates/\d+/\d+"))
    return page


def names(demo, *keys):
    with demo.app_context(), acting_as(SYSTEM) as session:
        return [client.name if (client := session.get(Client, key)) else None for key in keys]


def keys_of(page):
    return [int(key) for key in re.findall(r"\d+", page.url.split("/duplicates/")[1])]


@pytest.mark.parametrize("phone", [False, True])
def test_two_are_merged_and_parted_again(enter, demo, phone):
    page = compared(enter, phone=phone)
    one, other = keys_of(page)
    before = names(demo, one, other)
    page.get_by_role("radio", name=before[1]).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Объединить", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/clients/{one}$"))
    assert page.locator(".v-top h1").inner_text() == before[1]
    assert page.locator(".t-ev", has_text="Объединён с клиентом").count() >= 1
    page.goto(f"/clients/{other}")
    assert page.url.endswith(f"/clients/{one}")
    page.goto("/clients/merges/")
    page.locator("tr", has_text=before[1]).get_by_role("button", name="Вернуть").first.click()
    page.wait_for_url(re.compile(rf"/clients/{other}$"))
    assert names(demo, one, other) == before


def test_a_batch_is_watched_and_taken_back(enter, demo, work_off):
    page = enter("Марина")
    page.goto("/clients/duplicates/")
    rows = page.locator("tbody tr").count()
    page.get_by_role("button", name="Объединить все").click()
    page.wait_for_url(re.compile(r"/works/\d+"))
    assert page.get_by_role("progressbar").get_attribute("aria-valuenow") == "0"
    page.get_by_role("button", name="Остановить").wait_for()
    work_off()
    # The bar asks by itself; the page is drawn anew at the end.
    page.get_by_role("link", name="Посмотреть результат").wait_for()
    page.goto("/clients/duplicates/?tab=exact")
    assert page.locator("tbody tr").count() == 0
    page.goto("/clients/merges/")
    page.get_by_role("button", name="Отменить пачку").click()
    page.wait_for_url(re.compile(r"/works/\d+"))
    work_off()
    page.get_by_role("link", name="Посмотреть результат").wait_for()
    page.goto("/clients/duplicates/?tab=exact")
    assert page.locator("tbody tr").count() == rows


def test_a_request_is_put_where_it_belongs_without_a_mouse(enter):
    page = enter("Марина")
    page.goto("/leads/add")
    page.keyboard.press("Tab")
    page.locator("#line").focus()
    page.keyboard.type("Дима 8 900 000-71-20 ещё одно окно")
    choice = page.get_by_role("radio", name="Новая заявка этого клиента").first
    choice.wait_for()
    assert not choice.is_checked()
    choice.focus()
    page.keyboard.press("Space")
    assert choice.is_checked()
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/leads/\d+"))
    assert page.locator(".l-left").get_by_role("link", name=TWIN).or_(
        page.locator(".l-left").get_by_role("link", name="Волков Дмитрий")
    ).count() == 1  # fmt: skip


def test_a_colleagues_client_is_asked_for_while_typing(enter):
    page = enter("Анна")
    page.goto("/clients/add")
    page.locator("#phones").fill("8 900 000-71-20")
    hint = page.locator("#known")
    hint.get_by_text("Клиент уже есть, ведёт Марина Ковалёва").first.wait_for()
    assert "Волков" not in hint.inner_text()
    hint.get_by_role("button", name="Попросить доступ").click()
    hint.get_by_text("Запрос на доступ отправлен").wait_for()


def test_rules_are_tried_out_while_one_types(enter):
    page = enter("Алиса")
    page.goto("/sorting/")
    page.locator("#try-phone").fill("8 903 123 00 11")
    page.locator("#try-words").fill("От дизайнера, промокод LINIA. Кухня 3,2 м")
    page.locator("#verdict").get_by_text("От партнёра: да").wait_for()
    page.locator("#try-words").fill("Предлагаем фурнитуру оптом")
    page.locator("#verdict").get_by_text("Не клиент: да").wait_for()
