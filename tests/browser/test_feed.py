"""The feed of a deal by mouse and keyboard: notes with names, pins, older pages, tabs and search."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.deals import Deal
from models.ground.base import utcnow
from models.messages import Message, MessageKind
from tests.browser.deals import behind, number_of, opened

pytestmark = [pytest.mark.browser]


def test_a_colleague_is_named_by_the_keyboard_and_who_does_not_see_the_deal_is_told_about(enter: Any) -> None:
    page = opened(enter, "/deals/1042")
    page.keyboard.press("n")
    box = page.locator("[data-note] textarea")
    expect(box).to_be_focused()
    box.press_sequentially("Смета готова, @серг", delay=25)
    page.locator("#mentions .on", has_text="Сергей Титов").wait_for()
    expect(page.locator("#mentions")).to_contain_text("не видит эту сделку")
    page.keyboard.press("Escape")
    expect(page.locator("#mentions")).to_be_hidden()
    page.keyboard.type("е", delay=25)
    page.locator("#mentions .on", has_text="Сергей Титов").wait_for()
    page.keyboard.press("Enter")
    assert box.input_value() == "Смета готова, @Сергей Титов "
    page.keyboard.press("Control+Enter")
    page.locator(".t-note", has_text="@Сергей Титов").last.wait_for()
    expect(page.locator(".v-toast")).to_contain_text("Не узнают")
    assert box.input_value() == ""


def note(page: Page, words: str) -> Any:
    page.keyboard.press("n")
    page.locator("[data-note] textarea").fill(words)
    page.keyboard.press("Control+Enter")
    found = page.locator(".t-note", has_text=words)
    found.wait_for()
    return found


def do(page: Page, message: Any, what: str) -> None:
    message.hover()
    message.locator("[data-note-menu]").click()
    page.locator(f"#note-menu [data-note-do={what}]").click()


def test_a_note_is_rewritten_put_back_by_escape_thrown_away_and_brought_back(enter: Any, demo: Any) -> None:
    page = opened(enter, f"/deals/{number_of(demo, 'Ольга Рыбина')}")
    message = note(page, "Код домофона 17В")
    do(page, message, "edit")
    box = page.locator(".t-edit textarea")
    box.fill("другое")
    box.press("Escape")
    expect(message).to_have_count(1)
    do(page, message, "edit")
    box.fill("Код домофона 18В")
    box.press("Control+Enter")
    changed = page.locator(".t-note", has_text="18В")
    expect(changed.locator(".t-edited")).to_have_attribute("title", re.compile("17В"))
    do(page, changed, "erase")
    expect(changed).to_have_count(0)
    with page.expect_navigation():
        page.locator(".v-toast").get_by_text("Вернуть").click()
    expect(changed).to_have_count(1)


def test_what_is_pinned_stands_above_and_leads_to_its_place_among_many(enter: Any, demo: Any) -> None:
    number = number_of(demo, "Егор Сафин")
    with behind(demo) as session:
        key = session.execute(select(Deal.id).where(Deal.number == number)).scalar_one()
        for n in range(500):
            at = utcnow() - dt.timedelta(hours=900 - n)
            session.add(
                Message(kind=MessageKind.INCOMING, deal_id=key, words=f"Письмо {n}.", author_name="Егор", at=at)
            )
    page = opened(enter, f"/deals/{number}")
    assert page.locator("[data-message]").count() <= 100
    feed = page.locator("[data-feed-list]")
    assert feed.evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight") < 60
    for _n in range(40):
        feed.evaluate("e => { e.scrollTop = 0; }")
        page.wait_for_timeout(250)
        if page.get_by_text("Письмо 0.", exact=True).count():
            break
    expect(page.get_by_text("Письмо 0.", exact=True)).to_have_count(1)
    assert page.locator("[data-message]").count() >= 500
    # Each day is said once, though the pages were cut in the middle of days.
    days = page.locator("[data-day]").evaluate_all("all => all.map(e => e.dataset.day)")
    assert len(days) == len(set(days))
    do(page, page.locator("[data-message]", has_text="Письмо 0."), "pin")
    pin = page.locator(".t-pin", has_text="Письмо 0.")
    pin.wait_for()
    page.reload()
    pin.locator("a").click()
    expect(page.locator(".t-found")).to_contain_text("Письмо 0.")
    expect(page.locator(".t-found")).to_be_in_viewport()
    pin.get_by_role("button").click()
    expect(pin).to_have_count(0)


def test_the_feed_is_narrowed_by_tabs_and_searched(enter: Any) -> None:
    page = opened(enter, "/deals/1042")
    page.locator("[data-feed=calls]").click()
    expect(page.locator("[data-message]")).to_have_count(1)
    page.locator("[data-feed=talk]").click()
    expect(page.locator(".t-ev")).to_have_count(0)
    page.locator("[data-feed=all]").click()
    page.get_by_role("button", name="Поиск в ленте").click()
    page.keyboard.type("ПОДОКОННИКИ", delay=10)
    expect(page.locator("[data-feed-list] > :not(.t-day)")).to_have_count(1)
    page.locator("#feed-find [name=q]").fill("такого нет 🙈")
    expect(page.locator(".t-none")).to_contain_text("такого нет 🙈")
    page.keyboard.press("Escape")
    expect(page.locator("#feed-find")).to_be_hidden()
    page.locator(".t-msg", has_text="А подоконники входят?").wait_for()
