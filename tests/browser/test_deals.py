"""Deals by hand: a card dragged and put back, moved by keys and by a thumb; fields, notes and tasks on the card."""

import re

import pytest


def opened(enter, path, *, phone=False):
    """A page of Marina's."""
    page = enter("Марина", phone=phone)
    page.goto(path)
    return page


def card(page, name):
    return page.locator(".k-card", has_text=name).first


def counts(page):
    """Count of each column's head, and of its cards."""
    return page.evaluate(
        "[...document.querySelectorAll('.k-col')].map(c => [c.dataset.stage,"
        " +c.querySelector('.k-colh .c').textContent, c.querySelectorAll('.k-card').length])"
    )


def drag(page, name, stage):
    """By the grip into a column, as a hand does it."""
    card(page, name).scroll_into_view_if_needed()
    start = card(page, name).locator(".v-grab").bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=5)
    # The strip of won and lost widens as soon as something is dragged.
    page.locator(".dragging").wait_for()
    page.wait_for_timeout(250)
    end = page.locator(f"[data-list={stage}]").bounding_box()
    page.mouse.move(end["x"] + 60, end["y"] + 90, steps=12)
    # A hand never holds quite still; a driven mouse tells where it is only while it moves.
    target = page.locator(f"[data-list={stage}].over[data-hint]")
    for n in range(40):
        if target.is_visible():
            break
        page.mouse.move(end["x"] + 60 + n % 5 * 3, end["y"] + 90 + n % 7 * 3, steps=3)
        page.wait_for_timeout(100)
    target.wait_for()
    page.mouse.up()


@pytest.mark.browser
def test_a_dragged_card_is_asked_about_put_back_by_cancel_and_moved_by_an_answer(enter):
    page = opened(enter, "/deals/board/")
    before = counts(page)
    drag(page, "Дарья Котова", "measure")
    gate = page.locator("#gate")
    gate.wait_for()
    assert gate.locator(".btn-primary").is_disabled()
    gate.get_by_text("Оставить на стадии").click()
    gate.wait_for(state="detached")
    assert counts(page) == before
    drag(page, "Дарья Котова", "measure")
    gate.locator("[name=address]").fill("ул. Полевая, 14")
    gate.locator(".btn-primary").click()
    # The card lies in the column as soon as it is dropped; the heads are counted by the server.
    page.locator(".k-col[data-stage=measure] .k-colh .c", has_text=str(before[1][1] + 1)).wait_for()
    after = counts(page)
    assert all(said == shown for _code, said, shown in after)
    assert [said for _code, said, _shown in after[:2]] == [before[0][1] - 1, before[1][1] + 1]
    page.locator(".v-toast").get_by_text("Вернуть").click()
    page.locator("[data-list=intake] .k-card", has_text="Дарья Котова").wait_for()
    assert [said for _code, said, _shown in counts(page)] == [said for _code, said, _shown in before]


@pytest.mark.browser
def test_the_board_is_walked_and_moved_by_keys_alone(enter):
    page = opened(enter, "/deals/board/")
    card(page, "Ольга Рыбина").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('.k-col').dataset.stage") == "estimate"
    page.keyboard.press("ArrowLeft")
    card(page, "Ольга Рыбина").focus()
    page.keyboard.press("s")
    page.locator("#move-menu").wait_for()
    page.keyboard.press("Enter")
    page.locator("[data-list=intake] .k-card", has_text="Ольга Рыбина").wait_for()


@pytest.mark.browser
def test_lost_by_the_strip_asks_why(enter):
    page = opened(enter, "/deals/board/")
    drag(page, "Тамара Юдина", "lost")
    gate = page.locator("#gate")
    gate.locator("select[name=lost_reason]").select_option("price")
    gate.locator(".btn-primary").click()
    card(page, "Тамара Юдина").wait_for(state="detached")


@pytest.mark.browser
def test_on_a_phone_one_stage_is_shown_and_moving_is_a_menu(enter):
    page = opened(enter, "/deals/board/?stage=estimate", phone=True)
    assert page.locator(".k-col:visible").count() == 1
    page.locator("[data-stages] [data-stage=bill]").click()
    assert page.locator(".k-col:visible").get_attribute("data-stage") == "bill"
    assert "stage=bill" in page.url
    card(page, "Лариса Мельник").locator("[data-menu]").click()
    page.locator("#move-menu [data-to=estimate]").click()
    page.locator("[data-list=estimate] .k-card", has_text="Лариса Мельник").wait_for(state="attached")


@pytest.mark.browser
def test_a_field_is_changed_in_place_a_note_written_and_a_task_finished(enter):
    page = opened(enter, "/deals/1042")
    page.locator("#field-address").click()
    box = page.locator("form#field-address input[name=address]")
    box.press("Escape")
    page.locator("button#field-address").click()
    box.fill("ул. Садовая, 3")
    box.press("Enter")
    page.locator("button#field-address", has_text="ул. Садовая, 3").wait_for()
    page.keyboard.press("n")
    page.locator("[data-note] textarea").fill("Ждёт звонка")
    page.locator("[data-note] textarea").press("Control+Enter")
    page.locator(".t-note", has_text="Ждёт звонка").wait_for()
    assert page.locator("[data-note] textarea").input_value() == ""
    page.locator(".t-next .v-check").click()
    page.locator("#finish textarea").fill("Отправила")
    page.locator("#finish").get_by_role("button", name="Готово", exact=True).click()
    page.locator(".t-ev", has_text="Отправила").wait_for()


@pytest.mark.browser
def test_the_panes_of_the_card_on_a_phone(enter):
    page = opened(enter, "/deals/1042", phone=True)
    for pane, words in (("info", "О сделке"), ("tasks", "План стадии"), ("money", "Оплаты"), ("feed", "сегодня")):
        page.locator(f"[data-panes] [data-pane={pane}]:visible").click()
        page.locator(".p-grid").get_by_text(re.compile(words)).first.wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
