"""The board: its counts are its cards under every filter; what it may be asked."""

import re

import pytest
from sqlalchemy import select

from app.services import tasks
from models.deals import Deal
from models.ground.base import utcnow
from models.tasks import Task
from tests.deals import started
from tests.views.deals import cards, heads

FILTERS = ("", "?slow=1", "?idle=1", "?slow=1&idle=1", "?owner=me", "?sort=amount", "?sort=age", "?sort=newest")


@pytest.mark.parametrize("query", FILTERS)
def test_counts_of_columns_equal_their_cards_under_every_filter(login, system, scene, query):
    with system() as session:
        old = session.execute(select(Deal).where(Deal.number == scene["placed"])).scalar_one()
        old.stage_since = utcnow().replace(year=2025)
        for task in session.execute(select(Task).where(Task.deal_id == old.id)).scalars():
            tasks.finish(task) if task.done_at is None else None
    text = login("marina").get(f"/deals/board/{query}").get_data(as_text=True)
    assert heads(text) == {code: len(numbers) for code, numbers in cards(text).items()}
    said = {int(n) for n in re.findall(r"(?:Дольше нормы|Без задачи) <b>(\d+)</b>", text)}
    assert said <= {0, 1}


def test_a_manager_sees_their_own_board_and_a_head_the_teams(login, scene):
    mine = cards(login("anna").get("/deals/board/").get_data(as_text=True))
    teams = cards(login("marina").get("/deals/board/").get_data(as_text=True))
    assert mine["intake"] == [scene["new"]]
    assert sorted(teams["intake"]) == sorted([scene["new"], scene["olegs"]])
    assert login("stranger").get("/deals/board/").get_data(as_text=True).count("data-number=") == 0


def test_more_than_a_columnful_is_fetched_in_steps(login, system):
    with system() as session:
        numbers = [started(session).number for _n in range(35)]
    client = login("anna")
    page = client.get("/deals/board/?sort=age").get_data(as_text=True)
    first = cards(page)["intake"]
    address = re.search(r'hx-get="([^"]+column[^"]+)"', page)[1].replace("&amp;", "&")
    rest = [int(n) for n in re.findall(r'data-number="(\d+)"', client.get(address).get_data(as_text=True))]
    assert (len(first), len(rest)) == (30, 5)
    assert sorted(first + rest) == numbers


BAD = ("?owner=xx", "?owner=-1", "?owner=99999999999", "?sort=moon", "?slow=yes", "?idle=2")


@pytest.mark.parametrize("query", BAD)
def test_a_bad_filter_is_400_and_a_strange_funnel_404(login, query):
    client = login("anna")
    assert client.get(f"/deals/board/{query}").status_code == 400
    assert client.get("/deals/board/?funnel=moon").status_code == 404
    assert client.get("/deals/board/column?stage=moon").status_code == 404
    assert client.get("/deals/board/column?stage=intake&skip=x").status_code == 400


def test_the_strip_of_what_ended_opens_the_list_that_it_counts(login, scene):
    client = login("anna")
    page = client.get("/deals/board/").get_data(as_text=True)
    address, count = re.search(r'data-stage="lost"><a href="([^"]+)".*?<span>[^<]*· (\d+)</span>', page, re.S).groups()
    rows = client.get(address.replace("&amp;", "&")).get_data(as_text=True)
    assert int(count) == 1 == rows.count("data-href=")


@pytest.mark.parametrize("who", ["anna", "marina"])
def test_the_menu_counts_the_deals_that_the_board_shows(login, scene, who):
    text = login(who).get("/deals/board/").get_data(as_text=True)
    said = re.search(r'Сделки</span><span class="cnt[^"]*"[^>]*>(\d+)<', text)
    assert int(said[1]) == sum(len(numbers) for code, numbers in cards(text).items() if code not in {"won", "lost"})
