"""How every page looks: legible in both themes, nothing wider than a phone, names on all controls, an empty console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]

CONTRAST = Path(__file__).with_name("look.js").read_text("utf-8")

PAGES = {
    "Марина": [
        "/day/", "/leads/list/", "/leads/list/?tab=aside", "/leads/add", "/deals/board/", "/deals/list/", "/deals/1042", "/deals/add",
        "/deals/1042/estimate", "/clients/list/", "/clients/add", "/clients/duplicates/", "/clients/duplicates/?tab=contact", "/clients/merges/",
        "/clients/merges/1", "/works/", "/tasks/list/", "/tasks/board", "/tasks/idle", "/calendar/", "/calendar/?as=month&view=team",
        "/calendar/?as=day&view=team", "/estimates/list/",
        "/documents/list/", "/shipments/list/", "/notices/", "/me/", "/me/notices/", "/trash/", "/absences/",
        "/absences/add", "/imports/", "/imports/1", "/imports/2", "/imports/2?show=error",
    ],
    "Нина": ["/invoices/", "/payments/list/"],
    "Виктор": ["/dashboard/", "/plans/"],
    "Алиса": [
        "/people/", "/people/add", "/people/teams/", "/roles/", "/roles/edit/2", "/worktime/", "/channels/", "/channels/1", "/channels/2", "/channels/1/bodies/", "/channels/1/bodies/1", "/firms/",
        "/playbooks/", "/products/list/", "/products/add", "/sorting/", "/sorting/?source=site", "/dead-letters/", "/deliveries/?tab=all",
        "/deliveries/addresses/", "/no-such-page",
    ],
    "Сергей": ["/tasks/list/"],
    "Павел": ["/visits/", "/tasks/list/", "/calendar/"],
}  # fmt: skip

# What sticks out of the screen, or out of a bar that does not scroll.
WIDER = """() => [document.documentElement, ...document.querySelectorAll(".v-top, .v-savebar, .v-subtop, .v-tabbar")]
  .filter((e) => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1)
  .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""

# Controls that a screen reader could not name.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest("[aria-hidden=true], .ts-hidden-accessible"))
  .filter((e) => !(e.getAttribute("aria-label") || e.title || e.textContent.trim() || e.querySelector("img[alt]:not([alt=''])") || (e.labels && e.labels.length)
    || e.getAttribute("aria-labelledby") || e.placeholder || (e.tagName === "INPUT" && e.type === "submit")))
  .map((e) => e.outerHTML.slice(0, 120))"""


def looked_at(page: Page, path: str) -> None:
    """Open a page and wait until it is drawn, with what is read after it."""
    page.goto(path)
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    page.wait_for_timeout(100)


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_legible_in_both_themes_and_speaks_english(enter: Enter, said: list[str], who: str) -> None:
    """No Russian is left in the frame: names of people, clients and the company's own words stay as they are."""
    page = enter(who)
    page.emulate_media(reduced_motion="reduce")
    speak(page, "en")
    pale, left = {}, {}
    for path in PAGES[who]:
        looked_at(page, path)
        assert page.evaluate("document.documentElement.lang") == "en"
        words = page.locator(".v-top .btn:not(:has(.v-ava)), .v-nav, .v-tbl thead th").all_inner_texts()
        left[path] = [text for text in words if _is_russian(text)]
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
            pale[path, theme] = page.evaluate(CONTRAST)
    speak(page, "ru")
    forgive_missing_page(said)
    assert {path: texts for path, texts in left.items() if texts} == {}
    assert {where: words for where, words in pale.items() if words} == {}


@pytest.mark.parametrize("who", PAGES)
def test_nothing_is_wider_than_a_phone_and_every_control_has_a_name(
    enter: Enter, said: list[str], who: str
) -> None:
    page = enter(who, phone=True)
    faults = {}
    for path in PAGES[who]:
        looked_at(page, path)
        faults[path] = page.evaluate(WIDER) + page.evaluate(NAMELESS)
    forgive_missing_page(said)
    assert {path: found for path, found in faults.items() if found} == {}


def speak(page: Page, language: str) -> None:
    """Choose a language in one's own settings."""
    page.goto("/me/")
    page.locator("#language").select_option(language)
    page.locator("#settings .btn-primary").click()
    page.wait_for_selector(f"html[lang='{language}']", state="attached")


def _is_russian(text: str) -> bool:
    return any("а" <= letter.lower() <= "я" for letter in text)


def forgive_missing_page(said: list[str]) -> None:
    """The browser itself says that a page which is meant to be missing is missing."""
    said[:] = [words for words in said if "404 (NOT FOUND)" not in words]
