"""A manager's morning and a head's, by hand: My day, a lead called, answered, set aside, undone, made a deal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.channels.inbound import Inbound
from app.services import leads
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow

Enter = Callable[..., Page]
MORE = "button[aria-haspopup=menu]"


def day(enter: Enter, name: str, **how: Any) -> Page:
    """My day of somebody, which is not left by what is done there."""
    page = enter(name, **how)
    page.goto("/day/")
    page.evaluate("window.stays = true")
    # A link of the telephone would leave the browser for a programme that this machine does not have.
    page.evaluate(
        "document.addEventListener('click', (e) => { const a = e.target.closest('a[href^=\"tel:\"]');"
        " if (a) { e.preventDefault(); window.called = a.getAttribute('href'); } })"
    )
    return page


def lead(page: Page, name: str) -> Any:
    return page.locator("#day-leads .d-lead", has_text=name)


def nobodys(demo: Flask, name: str, phone: str) -> None:
    """A request that came half an hour ago and is nobody's: those of the company have been given away by now."""
    with demo.app_context(), acting_as(SYSTEM) as session:
        made = leads.receive(Inbound(name=name, phone=phone, words="Окно на дачу"))
        made.owner_id, made.respond_by = None, utcnow() - dt.timedelta(minutes=15)
        session.commit()


def counter(page: Page, key: str) -> int:
    """What the menu says beside a page."""
    mark = page.locator(f".v-side [data-place={key}] [data-cnt]")
    return int(mark.text_content() or 0) if mark.is_visible() else 0


def rows(page: Page) -> int:
    return page.locator("#day-leads .d-lead").count()


def agrees(page: Page) -> None:
    """The menu's counters are the rows of the page."""
    due = page.locator("#day-tasks .d-grp:not(summary) ~ div[data-rows] > .d-task .v-check:not(.done)").count()
    page.wait_for_function(
        "n => +document.querySelector('.v-side [data-place=leads] [data-cnt]').textContent === n", arg=rows(page)
    )
    assert counter(page, "day") == rows(page) + due


def stays(page: Page) -> None:
    assert page.evaluate("window.stays") is True
    assert page.locator("dialog[open]").count() == 0


@pytest.mark.browser
def test_a_managers_morning_at_a_desk(enter: Enter) -> None:
    page = day(enter, "Анна")
    agrees(page)
    timer = lead(page, "Алексей").locator(".v-timer:visible")
    assert timer.inner_text().startswith("−")
    expect(timer).to_have_class(re.compile("bad"))
    before = timer.inner_text()
    expect(timer).not_to_have_text(before)
    # Taken: the lead is hers, and the page is the same one.
    lead(page, "Алексей").locator("button.btn", has_text="Взять").click()
    expect(lead(page, "Алексей").get_by_text("не назначен")).to_have_count(0)
    # Called: the telephone gets the number, and the window asks how it went.
    lead(page, "Алексей").get_by_text("Позвонить").click()
    page.locator("#called textarea").fill("Замер в пятницу")
    assert page.evaluate("window.called") == "tel:+79000004117"
    page.locator("#called").get_by_role("button", name="Ответили").click()
    expect(lead(page, "Алексей")).to_have_count(0)
    stays(page)
    agrees(page)
    # Spam is set aside with its reason, and comes back with the timer it had.
    missed = lead(page, "90-51")
    missed.locator(MORE).click()
    page.get_by_role("menuitem", name="Отсеять").locator("visible=true").click()
    page.locator("#ask-reject [value=spam]").check()
    page.locator("#ask-reject .btn-primary").click()
    expect(missed).to_have_count(0)
    page.locator(".v-toast", has_text="Отсеян").get_by_role("button", name="Вернуть").click()
    expect(missed.locator(".v-timer:visible")).to_have_class(re.compile("bad"))
    stays(page)
    agrees(page)


@pytest.mark.browser
def test_an_answer_in_words_and_a_lead_that_becomes_a_deal(enter: Enter) -> None:
    page = day(enter, "Анна")
    lead(page, "Северный двор").get_by_role("button", name="Ответить").click()
    page.locator("#reply textarea").fill("Чертежи получили, считаем")
    page.locator("#reply .btn-primary").click()
    expect(lead(page, "Северный двор")).to_have_count(0)
    lead(page, "Игорь Лапшин").locator(MORE).click()
    page.get_by_role("menuitem", name="В сделку").locator("visible=true").click()
    page.locator("#qualify .btn-primary").click()
    page.wait_for_url(re.compile(r"/deals/\d+"))
    expect(page.locator(".t-feed")).to_contain_text("Остеклить лоджию")


@pytest.mark.browser
def test_a_task_is_ticked_off_and_the_keys_keep_their_place(enter: Enter) -> None:
    page = day(enter, "Марина")
    tasks = page.locator("#day-tasks .d-task:has(.v-check:not(.done)):visible")
    count = tasks.count()
    for _row in range(rows(page) + 1):
        page.keyboard.press("j")
    first, second = (tasks.nth(place).get_attribute("id") for place in (0, 1))
    assert page.locator(".v-current").get_attribute("id") == first
    page.locator(".v-current .v-check").click()
    page.locator("#finish textarea").fill("Сделано")
    page.locator("#finish").get_by_role("button", name="Готово", exact=True).click()
    expect(tasks).to_have_count(count - 1)
    # Where the finished one stood, the next one stands under the keys.
    page.wait_for_function("id => document.querySelector('.v-current')?.id === id", arg=second)
    stays(page)
    agrees(page)


@pytest.mark.browser
def test_a_head_shares_five_leads_out_at_once(enter: Enter) -> None:
    page = enter("Марина")
    page.goto("/leads/list/?tab=mine&_flt_0_owner=0")
    page.goto("/leads/list/?tab=week&period=week")
    # Live ones only: those that are closed cannot be given.
    chosen = page.locator("tbody tr:has(.v-timer), tbody tr:has-text('за ')")
    for place in range(5):
        chosen.nth(place).locator("input[name=rowid]").check()
    page.locator(".v-bulk button", has_text="Передать").click()
    page.locator("#many label", has_text="Олег").click()
    page.locator("#many .btn-primary").click()
    expect(page.locator(".v-toast")).to_contain_text("Олег")
    given = page.locator(".v-toast").first.inner_text()
    assert re.search(r"[1-5] лид", given), given


@pytest.mark.browser
def test_on_my_day_a_head_gives_the_late_ones_away_without_leaving(enter: Enter) -> None:
    page = day(enter, "Марина")
    page.locator("#day-leads .d-lead", has=page.locator(".v-timer.bad")).first.locator("input[name=rowid]").check()
    page.locator("#bulk-day button", has_text="Передать").click()
    page.locator("#many label", has_text="Анна").click()
    page.locator("#many .btn-primary").click()
    page.locator(".v-toast", has_text="Анна").wait_for()
    stays(page)


@pytest.mark.browser
def test_a_managers_morning_in_one_hand(enter: Enter) -> None:
    page = day(enter, "Олег", phone=True)
    first = page.locator("#day-leads .d-lead").first
    first.get_by_text("Позвонить", exact=True).click()
    page.locator("#called").get_by_role("button", name="через полчаса").click()
    page.locator(".v-toast", has_text="перезвонить").wait_for()
    first.locator("a.b").click()
    page.wait_for_url(re.compile(r"/leads/\d+"))
    # The note and the actions are under the thumb without scrolling.
    height = 844
    for part in (page.locator(".l-note textarea"), page.locator(".l-phone .btn").first):
        box = part.bounding_box()
        assert box is not None
        assert height / 2 < box["y"] < height
    page.locator(".l-note textarea").fill("Просил набрать вечером")
    page.locator(".l-note button[type=submit], .l-note button:not([type])").click()
    page.locator(".t-note", has_text="Просил набрать вечером").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_a_heads_day_in_one_hand(demo: Flask, enter: Enter) -> None:
    nobodys(demo, "Аркадий", "89261230077")
    nobodys(demo, "Аглая", "89261230078")
    page = day(enter, "Марина", phone=True)
    late = page.locator("#day-leads .d-lead", has=page.locator(".v-timer.bad:visible"))
    expect(late).not_to_have_count(0)
    # A lead that is nobody's is given to Oleg from its dots, and stays before her eyes with his mark.
    lead(page, "Аркадий").locator(MORE).click()
    page.get_by_role("menuitem", name="Передать другому").locator("visible=true").click()
    page.locator("#ask-assign label", has_text="Олег").click()
    page.locator("#ask-assign .btn-primary").click()
    expect(page.locator(".v-toast")).to_contain_text("Олег")
    expect(lead(page, "Аркадий").get_by_title("Ответственный: Олег")).to_be_visible()
    stays(page)
    # What else is nobody's is one thumb away.
    page.locator(".v-tabbar").get_by_role("link", name="Лиды").click()
    page.get_by_role("link", name="Без ответственного").locator("visible=true").click()
    others = page.locator("tbody tr:visible")
    expect(others.filter(has_text="Аркадий")).to_have_count(0)
    expect(others).not_to_have_count(0)
    # The team's tasks: whose they are is said, and one person's are chosen.
    page.locator(".v-tabbar").get_by_text("Ещё").click()
    page.get_by_role("link", name="Задачи").locator("visible=true").first.click()
    page.get_by_role("link", name="Команда").locator("visible=true").click()
    expect(page.locator(".w-row", has_text="Анна").first).to_be_visible()
    page.locator("select[name=who]").select_option(label="Олег Дёмин")
    expect(page.locator(".w-row", has_text="Анна")).to_have_count(0)
    expect(page.locator(".w-row", has_text="Олег").first).to_be_visible()
    expect(page.locator(".w-row", has_text="Позвонить")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_a_lead_in_one_line_from_any_page(enter: Enter) -> None:
    page = enter("Анна")
    page.goto("/shipments/list/")
    page.keyboard.press("c")
    page.locator("#create-line").fill("Пётр 8 903 555-44-33 балкон под ключ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/leads/\d+"))
    expect(page.locator(".v-top h1")).to_have_text("Пётр")


@pytest.mark.browser
def test_a_client_is_changed_in_place_and_a_contact_comes_back(enter: Enter, said: list[str]) -> None:
    page = enter("Марина")
    page.goto("/clients/list/?q=Рыбина")
    page.locator("tbody a.b").first.click()
    page.locator("#field-comment").click()
    page.locator("form#field-comment textarea").fill("Звонить после шести")
    page.locator("form#field-comment .btn-primary").click()
    page.locator("button#field-comment", has_text="Звонить после шести").wait_for()
    page.locator("[name=contact]").fill("8 916 222-33-44")
    page.keyboard.press("Enter")
    added = page.locator("#contacts .l-point", has_text="222-33-44")
    added.wait_for()
    added.hover()
    added.locator("button").click()
    expect(added).to_have_count(0)
    page.locator(".v-toast").get_by_role("button", name="Вернуть").click()
    page.locator("#contacts .l-point", has_text="222-33-44").wait_for()
    page.locator("[name=contact]").fill("не телефон")
    page.keyboard.press("Enter")
    expect(page.locator("#contacts .err")).to_contain_text("не телефон")
    expect(page.locator("[name=contact]")).to_be_focused()
    # The browser tells of every refusal in its console.
    assert [words for words in said if "422" not in words] == []
    said.clear()
