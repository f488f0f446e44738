"""The dashboard: each mark opens the list that it counts, and both say the same to whoever looks."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.shipments import Shipment
from reports.tiles import TILES
from tests.conftest import sign_in

CHARTS = [key for key, tile in TILES.items() if tile.shape == "chart"]


def browser(demo, username):
    client = demo.test_client()
    sign_in(demo, client, username)
    return client


def figure(page: str, key: str) -> dict:
    return json.loads(re.search(rf'<script type="application/json" id="plot-{key}">(.*?)</script>', page, re.DOTALL)[1])


def counted(client, url: str) -> tuple[int, Decimal | None]:
    """What the list at an address says it counts, after checking that its pages hold as many rows."""
    page = client.get(url)
    assert page.status_code == 200, url
    text = page.get_data(as_text=True)
    said = re.search(r'data-count="(\d+)"(?: data-amount="([\d.]+)")?', text)
    count = int(said[1])
    assert text.partition("<tbody data-rows>")[2].count("<tr") == min(count, 50)
    return count, Decimal(said[2]) if said[2] else None


def digits(words: str) -> int:
    return int(re.sub(r"\D", "", words))


@pytest.fixture(params=["director", "marina", "anna"])
def reader(request, demo):
    """Who sees all, a head who sees the team's, and who sees only her own."""
    return browser(demo, request.param)


def test_each_bar_of_the_funnel_opens_as_many_rows(reader):
    bars = figure(reader.get("/dashboard/").get_data(as_text=True), "funnel")["data"][0]
    assert len(bars["x"]) == 8
    assert [counted(reader, url)[0] for url in bars["customdata"]] == bars["x"]


def test_each_month_opens_shipments_that_add_up_to_its_bar(reader):
    bars = figure(reader.get("/dashboard/").get_data(as_text=True), "shipments")["data"][0]
    assert len(bars["y"]) == 12
    largest = max(bars["y"])
    unit = 10**6 if largest < 50 else 10**3
    for size, url in zip(bars["y"], bars["customdata"], strict=True):
        assert counted(reader, url)[1] == pytest.approx(Decimal(str(size)) * unit)


def test_each_source_opens_shipments_that_add_up_to_its_bar(reader):
    page = reader.get("/dashboard/").get_data(as_text=True)
    bars = figure(page, "sources")["data"][0]
    unit = 10**6 if max(bars["x"]) < 50 and "млн" in page else 10**3
    sums = [counted(reader, url)[1] for url in bars["customdata"]]
    assert [float(one) for one in sums] == pytest.approx([size * unit for size in bars["x"]])


def test_the_six_figures_open_their_lists(reader):
    page = reader.get("/dashboard/").get_data(as_text=True)
    row = re.search(r'<div class="s-kpi[^>]*>(.*?)</div>\s*<div class="s-grid">', page, re.DOTALL)[1]
    links = [html.unescape(url) for url in re.findall(r'<a href="([^"]+)"', row)]
    values = re.findall(r'<div class="v[^>]*>([^<]+)</div>', row)
    shipped, began, _conversion, average, _cycle, overdue = [counted(reader, url) for url in links]
    assert digits(values[1]) == began[0]
    assert digits(values[5]) == overdue[0]
    assert digits(values[3]) == round(shipped[1] / average[0])


def test_every_figure_of_people_opens_as_many_rows(reader):
    page = reader.get("/dashboard/").get_data(as_text=True)
    table = re.search(r'<div class="s-scroll s-people">(.*?)</table>', page, re.DOTALL)[1]
    marks = re.findall(r'<a href="(/dashboard/list/(\w+)[^"]*)">([^<]+)</a>', table)
    assert {what for _url, what, _words in marks} >= {"leads", "shipped", "shipments", "tasks"}
    for url, what, words in marks:
        count, amount = counted(reader, html.unescape(url))
        if what == "shipments":
            assert amount > 0
        else:
            assert count == digits(words), url


def test_the_table_behind_a_chart_says_what_the_chart_says(demo):
    page = browser(demo, "director").get("/dashboard/").get_data(as_text=True)
    for key in CHARTS:
        rows = re.search(rf'id="plot-{key}">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)[1]
        links = [html.unescape(url) for url in re.findall(r'data-href="([^"]+)"', rows)]
        assert set(figure(page, key)["data"][0]["customdata"]) <= set(links)


def test_deals_over_the_norm_are_counted_as_the_board_counts_them(demo):
    director = browser(demo, "director")
    page = director.get("/dashboard/").get_data(as_text=True)
    said = int(re.search(r'id="tile-late">[^<]+</h2><span class="c">(\d+)', page)[1])
    assert said == counted(director, "/dashboard/list/late")[0] == 6


def test_what_was_shipped_is_what_the_base_holds(demo):
    page = browser(demo, "director").get("/dashboard/").get_data(as_text=True)
    with demo.app_context(), acting_as(SYSTEM) as session:
        whole = session.execute(select(func.sum(Shipment.amount))).scalar_one()
    assert sum(figure(page, "shipments")["data"][0]["y"]) * 10**6 == pytest.approx(float(whole))


def test_a_manager_sees_only_what_was_sold_by_her(demo):
    anna = figure(browser(demo, "anna").get("/dashboard/").get_data(as_text=True), "shipments")
    boss = figure(browser(demo, "director").get("/dashboard/").get_data(as_text=True), "shipments")
    assert all(0 < hers < whole for hers, whole in zip(anna["data"][0]["y"], boss["data"][0]["y"], strict=True))


@pytest.mark.parametrize("username", ["pavel", "sergey", "nina"])
@pytest.mark.parametrize("path", ["/dashboard/", "/dashboard/list/shipments"])
def test_who_may_not_see_the_dashboard_is_refused(demo, username, path):
    assert browser(demo, username).get(path).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("month=2026-13", 400), ("month=abc", 400), ("month=9999-01", 400), ("month=0001-01", 400),
        ("funnel=x", 400), ("funnel=999", 404), ("team=-1", 400), ("team=99999999999999999999", 404),
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_told_so(demo, query, status):
    director = browser(demo, "director")
    assert director.get(f"/dashboard/?{query}").status_code == status
    assert director.get(f"/dashboard/list/shipments?{query}").status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing", 404), ("shipments?page=0", 400), ("shipments?page=-1", 400), ("shipments?page=x", 400),
        ("shipments?page=9999", 404), ("entered?stage=x", 400), ("entered?stage=999999", 404),
        ("leads?person=%00", 400), ("leads?person=123456789", 404), ("leads?source=%00'--", 200),
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_told_so(demo, path, status):
    assert browser(demo, "director").get(f"/dashboard/list/{path}").status_code == status


def test_a_team_is_looked_at_alone(demo):
    director = browser(demo, "director")
    page = director.get("/dashboard/").get_data(as_text=True)
    team = re.search(r"team=(\d+)", page)[1]
    of_team = figure(director.get(f"/dashboard/?team={team}").get_data(as_text=True), "shipments")["data"][0]
    assert of_team["y"] == figure(page, "shipments")["data"][0]["y"]
    assert counted(director, of_team["customdata"][-2])[1] > 0
    assert f"team={team}" in of_team["customdata"][-2]


def test_a_base_without_sales_says_what_the_page_is_for(app, login):
    page = login("director").get("/dashboard/").get_data(as_text=True)
    assert "Продаж ещё не было" in page
    assert "data-plot" not in page


def test_a_month_without_sales_is_empty_bars_and_not_an_error(demo):
    page = browser(demo, "director").get("/dashboard/?month=2001-01")
    assert page.status_code == 200


def test_the_month_is_compared_with_the_same_days_of_the_one_before(demo):
    page = browser(demo, "director").get("/dashboard/").get_data(as_text=True)
    row = re.search(r'<div class="s-kpi[^>]*>(.*?)</div>\s*<div class="s-grid">', page, re.DOTALL)[1]
    was = re.findall(r"было ([\d\u00a0]+)", row)
    with demo.app_context(), acting_as(SYSTEM) as session:
        zone = ZoneInfo("Europe/Moscow")
        today = utcnow().astimezone(zone).date()
        first = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        until = min(first + dt.timedelta(days=today.day), today.replace(day=1))
        begin, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, until))
        deals = session.execute(
            select(func.count(Deal.id)).where(Deal.created_at >= begin, Deal.created_at < end)
        ).scalar_one()
        amount, shipped = session.execute(
            select(func.sum(Shipment.amount), func.count(Shipment.deal_id.distinct())).where(
                Shipment.shipped_on >= first, Shipment.shipped_on < until
            )
        ).one()
    assert [digits(words) for words in was] == [deals, round(amount / shipped)]
