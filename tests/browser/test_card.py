"""The card of a deal by mouse, keyboard and thumb: people, notes, the feed, what a move sets off, hold, loss, trail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.services import deals
from app.wording import today
from models.deals import Deal
from models.lowcode.funnels import Funnel, Gate, Stage
from tests.browser.deals import SMALL, behind, made, number_of, opened, window

pytestmark = [pytest.mark.browser]


def test_somebody_is_invited_by_the_keyboard_described_dismissed_and_called_back(enter: Any, demo: Any) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Дарья Котова')}")
    page.get_by_role("button", name="Добавить участника").focus()
    page.keyboard.press("Enter")
    window(page).wait_for()
    expect(page.locator("#part-who-ts-control")).to_be_focused()
    page.keyboard.type("Павел Гр", delay=20)
    expect(page.locator(".ts-dropdown .option")).to_have_text([re.compile("Павел Гришин")])
    page.keyboard.press("Enter")
    window(page).get_by_role("button", name="замеряет").click()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    person = page.locator(".p-person", has_text="Павел Гришин")
    expect(person).to_contain_text("замеряет")
    person.locator(".p-role").click()
    window(page).locator("[name=words]").fill("решает")
    with page.expect_navigation():
        window(page).get_by_role("button", name="Сохранить").click()
    expect(person).to_contain_text("решает")
    person.locator(".p-role").click()
    with page.expect_navigation():
        window(page).get_by_role("button", name="Больше не участвует").click()
    expect(person).to_have_count(0)
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    expect(person).to_contain_text("решает")


def test_what_was_changed_in_place_is_told_at_once_and_stands_in_no_move_s_way(enter: Any) -> None:
    page = opened(enter, "/deals/1042")
    page.locator("#field-budget").click()
    page.locator("#field-budget input:not([type=hidden])").fill("205000")
    page.keyboard.press("Enter")
    expect(page.locator("#field-budget")).to_contain_text("205")
    expect(page.locator("#feed")).to_contain_text("205")
    page.get_by_role("button", name="Отказ").locator("visible=true").first.click()
    expect(window(page).locator("[name=lost_reason]").first).to_be_attached()
    expect(window(page)).not_to_contain_text("Сделка изменилась")


def test_somebody_new_is_brought_in_and_reached_by_one_touch(enter: Any, demo: Any) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Дарья Котова')}?pane=info", phone=True)
    page.get_by_role("button", name="Добавить участника").tap()
    window(page).get_by_text("Новый человек").tap()
    window(page).locator("[name=name]").fill("Бабушка Дарьи")
    window(page).locator("[name=phone]").fill("8 900 555 44 33")
    with page.expect_navigation():
        window(page).get_by_role("button", name="Добавить", exact=True).tap()
    page.locator("[data-panes] [data-pane=info]:visible").tap()
    person = page.locator(".p-person", has_text="Бабушка Дарьи")
    expect(person.locator("a[href='tel:+79005554433']")).to_be_visible()


def test_nobody_chosen_is_told_in_words(enter: Any, demo: Any, said: list[str]) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Дарья Котова')}")
    page.get_by_role("button", name="Добавить участника").click()
    window(page).get_by_role("button", name="Добавить", exact=True).click()
    expect(window(page).locator(".err")).to_contain_text("Выберите из списка")
    said[:] = [words for words in said if "422" not in words]


def test_what_a_move_sets_off_is_shown_before_it(enter: Any, demo: Any) -> None:
    number = number_of(demo, "Ольга Рыбина")
    page = opened(enter, f"/deals/{number}")
    page.locator(".p-go .btn-primary").first.hover()
    ahead = page.locator("#ahead")
    expect(ahead).to_contain_text("Рассчитать смету")
    expect(ahead).to_contain_text("Дальше для «Счёт» понадобится")
    page.mouse.move(10, 600)
    expect(ahead).to_be_hidden()
    page.locator("[data-ahead]:visible").focus()
    page.keyboard.press("Enter")
    expect(ahead).to_be_visible()
    page.keyboard.press("Escape")
    expect(ahead).to_be_hidden()
    phone = opened(enter, f"/deals/{number}", phone=True)
    phone.locator("[data-ahead]:visible").tap()
    expect(phone.locator("#ahead")).to_contain_text("После перевода")


def test_a_deal_is_put_on_hold_and_taken_up_again(enter: Any, demo: Any, said: list[str]) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Семён Кравец')}")
    page.get_by_role("button", name="Ещё действия").click()
    page.get_by_role("menuitem", name="Отложить").click()
    window(page).locator("[name=until]").fill("01.01.2020")
    window(page).get_by_role("button", name="Отложить").click()
    expect(window(page).locator(".err")).to_contain_text("уже наступил")
    window(page).get_by_role("button", name="через месяц").click()
    window(page).locator("[name=reason]").fill("Ждёт 🔑 и 13-ю зарплату до 31 декабря")
    with page.expect_navigation():
        window(page).locator("[name=reason]").press("Enter")
    expect(page.locator("#deal-head")).to_contain_text("отложена до")
    expect(page.locator(".t-next")).to_contain_text("Ждёт 🔑")
    with page.expect_navigation():
        page.locator(".t-next").get_by_role("button", name="Вернуть в работу").click()
    expect(page.locator("#deal-head")).not_to_contain_text("отложена")
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть", exact=True).click()
    expect(page.locator(".t-next")).to_contain_text("13-ю зарплату")
    with page.expect_navigation():
        page.locator(".t-next").get_by_role("button", name="Вернуть в работу").click()
    said[:] = [words for words in said if "422" not in words]


def test_a_lost_deal_says_why_in_the_clients_words_and_goes_on_again(enter: Any, demo: Any) -> None:
    page = opened(enter, f"/deals/{made(demo, title='Окно в баню')}")
    page.locator(".p-pathbar").get_by_role("button", name="Отказ").click()
    gate = page.locator("#gate")
    expect(gate.locator(".btn-primary")).to_be_disabled()
    gate.locator("[name=lost_reason]").select_option("competitor")
    gate.locator("[name=competitor]").fill("Окна-Плюс")
    gate.locator("[name=lost_words]").fill("У них на 5 % дешевле")
    with page.expect_navigation():
        gate.locator(".btn-primary").click()
    expect(page.locator(".t-ev", has_text="Окна-Плюс. У них на 5")).to_have_count(1)
    expect(page.locator(".p-left")).to_contain_text("Окна-Плюс")
    with page.expect_navigation():
        page.locator(".p-pathbar").get_by_role("button", name="Вернуть в работу").click()
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Оформление")


def test_j_and_k_walk_the_column_one_came_from_and_the_crumb_keeps_the_filter(enter: Any) -> None:
    page = opened(enter, "/deals/board/?sort=amount&owner=me")
    column = page.locator("[data-list=intake] .k-card")
    names = column.locator(".nm").all_inner_texts()
    column.nth(0).locator(".nm").click()
    page.wait_for_url(re.compile(r"/deals/\d+$"))
    for name in names[1:]:
        page.keyboard.press("j")
        expect(page.locator("#deal-head h1")).to_have_text(name)
    expect(page.locator("[data-trail] [rel=next]").first).to_have_class(re.compile("disabled"))
    page.keyboard.press("k")
    expect(page.locator("#deal-head h1")).to_have_text(names[-2])
    page.locator("[data-trail-back] .v-crumb").click()
    page.wait_for_url(re.compile(r"sort=amount&owner=me"))
    page.go_back()
    expect(page.locator("#deal-head h1")).to_have_text(names[-2])


def test_j_walks_the_page_of_a_list_too(enter: Any) -> None:
    page = opened(enter, "/deals/list/?q=окна")
    page.goto("/deals/list/")
    numbers = page.locator(".v-tbl tbody a.b").all_inner_texts()
    page.locator(".v-tbl tbody a.b").nth(1).click()
    page.wait_for_url(re.compile(r"/deals/\d+$"))
    page.keyboard.press("j")
    page.wait_for_url(re.compile(rf"/deals/{numbers[2]}$"))
    page.locator("[data-trail-back] .v-crumb").click()
    page.wait_for_url(re.compile("/deals/list/"))


def test_letters_do_what_the_help_says(enter: Any) -> None:
    page = opened(enter, "/deals/1042")
    page.keyboard.press("m")
    expect(page.locator("[data-say] textarea")).to_be_focused()
    page.locator("#deal-head").click()
    page.keyboard.press("t")
    window(page).wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Slash")
    expect(page.locator("#keys")).to_contain_text("Заметка")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/deals/edit/"))


def test_of_two_who_write_one_field_the_second_is_shown_both_values(enter: Any, demo: Any, said: list[str]) -> None:
    number = number_of(demo, "Салон «Лайм»")
    page = opened(enter, f"/deals/{number}")
    page.locator("#field-address").focus()
    page.keyboard.press("Enter")
    box = page.locator("form#field-address input[name=address]")
    expect(box).to_be_focused()
    with behind(demo) as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        deals.change(deal, {"address": "пр-т Мира, 22"})
    box.fill("пр-т Мира, 23")
    box.press("Enter")
    note = page.locator("form#field-address .v-note")
    expect(note).to_contain_text("пр-т Мира, 22")
    expect(box).to_have_value("пр-т Мира, 23")
    box.press("Enter")
    expect(page.locator("button#field-address")).to_contain_text("пр-т Мира, 23")
    expect(page.locator("button#field-address")).to_have_attribute("title", re.compile("Марина Ковалёва"))
    said[:] = [words for words in said if "409" not in words]


def test_a_deal_goes_to_another_funnel_through_its_gate_and_back(enter: Any, demo: Any) -> None:
    with behind(demo) as session:
        other = Funnel(code="service", names={"ru": "Сервис", "en": "Service"}, position=9)
        other.stages = [
            Stage(code="call", position=0, names={"ru": "Вызов"}, hue="teal"),
            Stage(code="visit", position=1, names={"ru": "Выезд"}, hue="amber"),
        ]
        other.stages[1].gates.append(Gate(kind="field", params={"field": "address"}))
        session.add(other)
    page = opened(enter, f"/deals/{made(demo, title='Скрипит створка')}")
    page.get_by_role("button", name="Ещё действия").click()
    page.get_by_role("menuitem", name="В другую воронку").click()
    window(page).locator("select").select_option("visit")
    window(page).get_by_role("button", name="Перевести").click()
    gate = page.locator("#gate")
    gate.locator("[name=address]").fill("ул. Полевая, 14")
    with page.expect_navigation():
        gate.locator(".btn-primary").click()
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Выезд")
    expect(page.locator(".t-ev", has_text="Сервис: Выезд")).to_have_count(1)
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    expect(page.locator(".p-path [aria-current=step]")).to_contain_text("Оформление")
    with behind(demo) as session:
        session.execute(select(Funnel).where(Funnel.code == "service")).scalar_one().active = False


def test_a_thumb_meets_every_control_of_the_card(enter: Any) -> None:
    page = opened(enter, "/deals/1042", phone=True)
    small = {}
    for pane in ("feed", "info", "tasks", "money"):
        page.locator(f"[data-panes] [data-pane={pane}]:visible").tap()
        small[pane] = page.evaluate(SMALL, ".v-top .btn, .p-phone .btn, .p-phone .v-seg a, .t-comp button, .p-way")
    assert {pane: found for pane, found in small.items() if found} == {}
    page.locator("[data-panes] [data-pane=feed]:visible").tap()
    page.locator("[data-kinds]").tap()
    page.locator("[data-compose=note]").tap()
    page.locator("[data-note] textarea").fill("С телефона")
    page.locator("[data-note] .btn-primary").tap()
    expect(page.locator(".t-note", has_text="С телефона")).to_be_in_viewport()
    page.locator(".p-seg6").tap()
    expect(page.locator("#way")).to_contain_text("Производство")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_typed_is_there_after_a_reload(enter: Any, demo: Any) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Дарья Котова')}")
    page.keyboard.press("n")
    page.locator("[data-note] textarea").fill("Недописанная")
    page.wait_for_timeout(600)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.keyboard.press("n")
    page.locator("[data-note] .v-draft .btn").first.click()
    expect(page.locator("[data-note] textarea")).to_have_value("Недописанная")


def test_a_deal_at_the_edges_of_what_can_be_typed(enter: Any, demo: Any) -> None:
    """No client, an emoji for a title, a hundred milliards, the last day of the year."""
    number = made(demo, title="🪟" * 20 + " " + "Ы" * 120, amount="99999999999,99", expected_on=f"31.12.{today().year}")
    for phone in (False, True):
        page = opened(enter, f"/deals/{number}", phone=phone)
        expect(page.locator("#deal-head h1")).to_have_text(f"№ {number}")
        expect(page.locator("body")).to_contain_text(re.compile(r"99.999.999.999"))
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    expect(page.locator(".p-left")).to_contain_text("31 декабря")
