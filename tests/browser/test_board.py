"""The board by mouse, keyboard and thumb: filters in the address, several cards, new ones, other people's hands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.services import deals, tasks
from models.deals import Deal
from models.staff import Person
from tests.browser.deals import SMALL, behind, deal_of, made, number_of, opened, window

pytestmark = [pytest.mark.browser]


def card(page: Page, name: str) -> Any:
    return page.locator(".k-card", has_text=name).first


def shown(page: Page) -> list[str]:
    """The client of every card."""
    return page.locator(".k-col .k-card .nm").all_inner_texts()


def heads(page: Page) -> int:
    """What the heads of the columns add up to."""
    return sum(int(text) for text in page.locator(".k-colh .c").all_inner_texts())


def test_filters_are_chips_in_the_address_and_heads_count_what_is_shown(enter: Any) -> None:
    page = opened(enter, "/deals/board/")
    every = heads(page)
    page.keyboard.press("f")
    page.locator("#narrow").get_by_text("Источник").click()
    page.locator("#narrow").get_by_role("menuitem", name="Telegram").click()
    page.wait_for_url(re.compile("source=telegram"))
    few = heads(page)
    assert 0 < few < every
    assert len(shown(page)) == few
    page.locator(".v-bar .v-chip", has_text="Фильтр").click()
    page.locator("#narrow").get_by_text("Создана").click()
    page.locator("#narrow").get_by_role("menuitem", name="за неделю").click()
    page.wait_for_url(re.compile("period=week"))
    assert heads(page) == len(shown(page)) <= few
    page.reload()
    expect(page.locator(".v-bar .v-chip.on")).to_have_count(2)
    page.locator(".v-bar .v-chip.on", has_text="Источник").click()
    page.wait_for_url(lambda url: "source" not in url and "period=week" in url)
    page.go_back()
    expect(page.locator(".v-bar .v-chip.on")).to_have_count(2)


@pytest.mark.parametrize("flag", ["slow", "idle", "waiting", "held"])
def test_the_number_on_a_chip_is_the_number_of_its_cards(enter: Any, flag: str) -> None:
    page = opened(enter, "/deals/board/")
    chip = page.locator(f".v-bar .v-chip[href*='{flag}=1']")
    said = int(chip.locator("b").inner_text())
    chip.click()
    page.wait_for_url(re.compile(f"{flag}=1"))
    assert said == heads(page) == len(shown(page))


def test_several_are_chosen_by_ctrl_shift_and_x_and_put_on_hold_with_a_way_back(enter: Any) -> None:
    page = opened(enter, "/deals/board/")
    column = page.locator("[data-list=intake] .k-card")
    column.nth(0).click(modifiers=["Control"])
    column.nth(2).click(modifiers=["Shift"])
    bar = page.locator("[data-chosen-bar]")
    expect(bar).to_contain_text("3")
    expect(page).to_have_url(re.compile("/board/"))
    column.nth(1).focus()
    page.keyboard.press("x")
    expect(bar).to_contain_text("2")
    names = [column.nth(0).locator(".nm").inner_text(), column.nth(2).locator(".nm").inner_text()]
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for name in names:
        page.locator("[data-list=intake] .k-card", has_text=name).hover()
        page.locator("[data-list=intake] .k-card", has_text=name).locator(".k-sel").check()
    bar.get_by_role("button", name="Отложить").click()
    window(page).get_by_role("button", name="через две недели").click()
    window(page).locator("[name=reason]").fill("Ждут сезона")
    with page.expect_navigation():
        window(page).get_by_role("button", name="Отложить").click()
    for name in names:
        expect(card(page, name)).to_contain_text("Ждут сезона")
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    expect(page).to_have_url(re.compile("/board/"))
    for name in names:
        expect(card(page, name)).not_to_contain_text("Ждут сезона")


def test_several_are_given_and_moved_at_once_and_given_back(enter: Any, demo: Any) -> None:
    numbers = [made(demo, title=f"Ставни {n}", address="ул. Мира, 1") for n in range(2)]
    page = opened(enter, "/deals/board/")
    for number in numbers:
        page.locator(f".k-card[data-number='{number}']").click(modifiers=["Control"])
    bar = page.locator("[data-chosen-bar]")
    bar.get_by_role("button", name="Передать").click()
    with page.expect_navigation():
        page.locator("#bulk-people").get_by_role("menuitem", name="Анна Белова").click()
    with behind(demo) as session:
        rows = session.execute(select(Deal).where(Deal.number.in_(numbers))).scalars()
        assert {deal.owner.username for deal in rows} == {"anna"}
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    for number in numbers:
        page.locator(f".k-card[data-number='{number}']").click(modifiers=["Control"])
    bar.get_by_role("button", name="Перевести").click()
    with page.expect_navigation():
        page.locator("#bulk-stages").get_by_role("menuitem", name="Замер").click()
    for number in numbers:
        expect(page.locator(f"[data-list=measure] [data-number='{number}']")).to_have_count(1)
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    expect(page.locator(f"[data-list=intake] [data-number='{numbers[0]}']")).to_have_count(1)


def test_a_deal_is_added_in_its_column_and_the_gate_asks(enter: Any) -> None:
    page = opened(enter, "/deals/board/")
    page.get_by_role("button", name="Новая сделка на стадии «Замер»").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Шкаф 🚪 в прихожую")
    page.keyboard.press("Enter")
    gate = page.locator("#gate")
    gate.locator("[name=address]").fill("ул. Лесная, 2")
    gate.locator(".btn-primary").click()
    expect(page.locator("[data-list=measure] .k-card", has_text="Шкаф 🚪")).to_have_count(1)
    page.get_by_role("button", name="Новая сделка на стадии «Оформление»").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".k-quick")).to_have_count(0)
    page.get_by_role("button", name="Новая сделка на стадии «Замер»").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Без адреса")
    page.keyboard.press("Enter")
    gate.get_by_text("Оставить на стадии").click()
    expect(page.locator("[data-list=intake] .k-card", has_text="Без адреса")).to_have_count(1)


def test_a_card_is_moved_by_shift_and_arrow_and_keeps_the_focus(enter: Any, demo: Any) -> None:
    number = made(demo, title="Форточка", address="ул. Мира, 1")
    page = opened(enter, "/deals/board/")
    page.locator(f"[data-number='{number}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    moved = page.locator(f"[data-list=measure] [data-number='{number}']")
    expect(moved).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(f"[data-list=intake] [data-number='{number}']")).to_be_focused()


def test_what_another_hand_moves_moves_here_too(enter: Any, demo: Any) -> None:
    number = made(demo, title="Чужая рука", address="ул. Мира, 1")
    page = opened(enter, "/deals/board/")
    with behind(demo) as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        deals.move(deal, next(stage for stage in deal.funnel.stages if stage.code == "measure"))
    expect(page.locator(f"[data-list=measure] [data-number='{number}']")).to_have_count(1, timeout=20_000)


def test_of_two_who_move_one_card_the_second_is_asked(enter: Any, demo: Any, said: list[str]) -> None:
    number = made(demo, title="Двое", address="ул. Мира, 1")
    page = opened(enter, "/deals/board/")
    with behind(demo) as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        anna = session.execute(select(Person).where(Person.username == "anna")).scalar_one()
        deals.change(deal, {"title": "Двое сразу"})
        tasks.add({"title": "Посмотреть", "assignee": anna}, on=deal)
    page.locator(f"[data-number='{number}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    stale = page.locator("#stale")
    expect(stale).to_contain_text("Замер")
    stale.get_by_role("button", name="Оставить как есть").click()
    expect(page.locator(f"[data-list=intake] [data-number='{number}']")).to_contain_text("Двое сразу")
    page.locator(f"[data-number='{number}']").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f"[data-list=measure] [data-number='{number}']")).to_have_count(1)
    said[:] = [words for words in said if "409" not in words]


def test_cards_hold_what_can_be_typed(enter: Any, demo: Any) -> None:
    made(demo, title="🪟" * 30, amount="99999999999,99")
    made(demo, title="Ы" * 250, expected_on="31.12.2026")
    for phone in (False, True):
        page = opened(enter, "/deals/board/", phone=phone)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        wide = page.evaluate(
            "[...document.querySelectorAll('.k-card')].filter(c => c.getClientRects().length"
            " && c.scrollWidth > c.clientWidth + 1).map(c => c.innerText)"
        )
        assert wide == []


def test_who_may_not_move_finds_no_grip_and_who_sees_no_money_no_sums(enter: Any, demo: Any) -> None:
    with behind(demo) as session:
        pavel = session.execute(select(Person).where(Person.username == "pavel")).scalar_one()
        tasks.add({"title": "Замер", "assignee": pavel}, on=deal_of(session, "Дарья Котова"))
    page = opened(enter, "/deals/board/", who="Павел")
    expect(card(page, "Дарья Котова")).to_be_visible()
    assert "₽" not in page.locator("body").inner_text()
    for absent in (".v-grab", ".k-dots", ".k-sel", ".k-add"):
        expect(page.locator(absent)).to_have_count(0)
    director = opened(enter, "/deals/board/", who="Виктор")
    expect(director.locator(".v-grab")).to_have_count(0)
    expect(director.locator(".k-colh .m").first).to_contain_text("₽")


def test_a_thumb_filters_adds_and_moves(enter: Any, demo: Any) -> None:
    page = opened(enter, "/deals/board/?stage=estimate", phone=True)
    small = page.evaluate(SMALL, ".v-top .btn, .k-stages a, .k-dots, .v-grab, .k-add")
    assert small == []
    page.get_by_role("button", name="Новая сделка на стадии «Смета»").tap()
    page.locator(".k-quick [name=title]").fill("С телефона, 2 окна")
    page.locator(".k-quick .btn-primary").tap()
    gate = page.locator("#gate")
    gate.wait_for()
    gate.get_by_text("Оставить на стадии").tap()
    page.locator("[data-stages] [data-stage=intake]").tap()
    expect(page.locator("[data-list=intake] .k-card", has_text="С телефона")).to_be_visible()
    page.get_by_role("button", name="Фильтр").tap()
    page.locator("#filters").get_by_text("Отложены").tap()
    page.wait_for_url(re.compile("held=1"))
    page.locator("[data-stages] [data-stage=bill]").tap()
    expect(card(page, "Артур Минасян")).to_contain_text("Ждёт ключи")


def test_the_way_back_from_a_card_shows_the_board_as_it_is_now(enter: Any, demo: Any) -> None:
    number = number_of(demo, "Тамара Юдина")
    page = opened(enter, "/deals/board/?owner=&sort=age")
    card(page, "Тамара Юдина").locator(".nm").click()
    page.wait_for_url(re.compile(f"/deals/{number}"))
    with behind(demo) as session:
        deals.change(deal_of(session, "Тамара Юдина"), {"title": "Сетки и двери"})
    page.go_back()
    expect(page).to_have_url(re.compile("sort=age"))
    expect(card(page, "Тамара Юдина")).to_contain_text("Сетки и двери")
