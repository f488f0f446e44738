"""The dashboard by hand and eye: charts are drawn in the colours of the theme, a bar opens its list."""

import re

import pytest

pytestmark = pytest.mark.browser


def dashboard(enter, **how):
    page = enter("Виктор", **how)
    page.goto("/dashboard/")
    page.locator(".s-tile-stays .main-svg").first.wait_for()
    return page


def bar_colour(page):
    return page.locator(".s-tile-funnel .bars path").first.evaluate("path => getComputedStyle(path).fill")


def test_every_chart_is_drawn_and_says_what_it_shows(enter):
    page = dashboard(enter)
    assert page.locator("[data-plot] .main-svg .bars path").count() >= 8 + 12 + 6 + 6
    for chart in page.locator("[data-plot]").all():
        assert chart.get_attribute("role") == "img"
        assert len(chart.get_attribute("aria-label")) > 20
    assert page.evaluate("document.documentElement.scrollWidth") == 1440


def test_a_bar_opens_the_list_that_it_counts(enter):
    page = dashboard(enter)
    bar = page.locator(".s-tile-shipments .bars path").nth(5).bounding_box()
    page.mouse.move(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.locator(".hovertext", has_text="₽").wait_for()
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.wait_for_url(re.compile(r"/dashboard/list/shipments\?month=\d{4}-\d\d"))
    assert page.locator(".v-top h1").inner_text() == "Отгрузки"
    assert page.locator("tbody tr").count() > 20
    page.get_by_role("link", name="Продажи").click()
    page.wait_for_url(re.compile(r"/dashboard/"))


def test_another_theme_repaints_the_charts(enter):
    page = dashboard(enter)
    light = bar_colour(page)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    page.evaluate("document.dispatchEvent(new CustomEvent('v:theme', { detail: 'dark' }))")
    page.wait_for_timeout(400)
    assert bar_colour(page) != light


def test_the_same_figures_stand_in_a_table_walked_by_keys(enter):
    page = dashboard(enter)
    page.locator(".s-tile-funnel summary").focus()
    page.keyboard.press("Enter")
    rows = page.locator(".s-tile-funnel tbody tr")
    assert rows.count() == 8
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dashboard/list/leads"))


def test_the_month_and_the_team_are_chosen_in_chips(enter):
    page = dashboard(enter)
    page.get_by_role("button", name=re.compile("Все сотрудники")).click()
    page.get_by_role("menuitem", name="Отдел продаж").click()
    page.wait_for_url(re.compile(r"team=\d+"))
    page.locator(".s-chips button").first.click()
    page.get_by_role("menuitem").nth(1).click()
    page.wait_for_url(re.compile(r"month=\d{4}-\d\d"))
    assert "team=" in page.url


def test_on_a_phone_everything_fits_and_names_of_months_do_not_collide(enter):
    page = dashboard(enter, phone=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    boxes = [name.bounding_box() for name in page.locator(".s-tile-shipments .xtick text").all()]
    boxes = [box for box in boxes if box and box["width"] > 1]
    assert len(boxes) >= 6
    for left, right in zip(boxes, boxes[1:], strict=False):
        assert left["x"] + left["width"] < right["x"]


def test_plans_are_typed_and_kept(enter):
    page = enter("Виктор")
    page.goto("/plans/")
    box = page.locator("input[name$='.0']").first
    box.fill("3 300 000")
    page.keyboard.press("Control+s")
    page.locator(".v-toast", has_text="Сохранён 1 план").wait_for()
    assert page.locator("input[name$='.0']").first.input_value().replace("\u00a0", " ") == "3 300 000"
