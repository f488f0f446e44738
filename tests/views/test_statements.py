"""How many statements a page sends to the database: a page that asks once a row is noticed here, not in use."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.leads import Lead
from tests.conftest import sign_in, worker_number
from tests.demo_base import demo_company

LIST, WHOLE = 12, 20
LISTS = (
    "/leads/list/", "/leads/list/?tab=week&late=1", "/clients/list/?open=1", "/deals/list/",
    "/deals/list/?state=all", "/deals/list/?state=all&page_Deals=2",
    "/deals/list/?q=соколова", "/deals/list/?q=1042", "/clients/list/", "/clients/list/?q=ирина", "/tasks/list/",
    "/clients/duplicates/", "/clients/duplicates/?tab=alike", "/clients/merges/", "/works/", "/sorting/",
    "/tasks/list/?view=team", "/tasks/board?view=team", "/tasks/idle", "/calendar/?view=team", "/calendar/?as=month&view=team",
    "/calendar/?as=day&view=team", "/visits/", "/playbooks/",
    "/estimates/list/", "/documents/list/", "/invoices/", "/payments/list/", "/shipments/list/", "/products/list/",
    "/people/", "/notices/list/", "/deliveries/?tab=all", "/deliveries/addresses/", "/me/notices/", "/dashboard/list/shipments", "/dashboard/list/leads", "/dashboard/list/tasks",
    "/api/v1/leads/?page_size=200", "/api/v1/deals/?page_size=200", "/api/v1/clients/?page_size=200",
    "/api/v1/tasks/?page_size=200",
)  # fmt: skip


@pytest.fixture(scope="module")
def demo(settings):
    with demo_company(settings, f"company_{worker_number()}") as app:
        yield app


def sent(client, path: str) -> list[str]:
    """The statements of a page that was seen before."""
    assert client.get(path).status_code in {200, 403}, path
    found: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        found.append(" ".join(statement.split())[:120])

    event.listen(Engine, "before_cursor_execute", note)
    client.get(path)
    event.remove(Engine, "before_cursor_execute", note)
    return found


def browser(demo, username):
    client = demo.test_client()
    sign_in(demo, client, username)
    return client


@pytest.mark.parametrize("username", ["marina", "director", "nina", "admin"])
def test_a_list_asks_at_most_twelve_times(demo, username):
    client = browser(demo, username)
    asked = {path: sent(client, path) for path in LISTS}
    too_many = {path: "\n".join(found) for path, found in asked.items() if len(found) > LIST}
    assert not too_many, too_many


@pytest.mark.parametrize("username", ["marina", "director", "admin"])
def test_a_board_and_a_card_ask_at_most_twenty_times(demo, username):
    with demo.app_context(), acting_as(SYSTEM) as session:
        lead = session.execute(select(Lead.id).where(Lead.name == "Юлия")).scalar_one()
        client_id = session.execute(select(Deal.client_id).where(Deal.number == 1042)).scalar_one()
        made = session.execute(select(Deal.number).where(Deal.title == "Витрина, 2 шт.")).scalar_one()
    client = browser(demo, username)
    paths = (
        "/day/", "/day/?tasks=all&plan=month", "/deals/board/", "/deals/1042", f"/deals/{made}", "/deals/1042/estimate",
        f"/leads/{lead}",
        f"/clients/{client_id}",
    )  # fmt: skip
    asked = {path: sent(client, path) for path in paths}
    too_many = {path: "\n".join(found) for path, found in asked.items() if len(found) > WHOLE}
    assert not too_many, too_many


def test_an_open_card_asks_little_whether_anything_is_new(demo):
    client = browser(demo, "marina")
    asked = {path: len(sent(client, f"/conversations/deals/1042/{path}")) for path in ("pulse", "box")}
    assert asked["pulse"] <= 6, asked
    assert asked["box"] <= LIST, asked


def test_the_number_of_statements_does_not_grow_with_the_rows(demo):
    client = browser(demo, "director")
    for path in ("/deals/list/?state=all", "/leads/list/", "/clients/list/", "/shipments/list/"):
        name = path.split("/")[1].capitalize()
        mark = "&" if "?" in path else "?"
        few, many = (len(sent(client, f"{path}{mark}psize_{name}={size}")) for size in (5, 200))
        assert few == many, path


def test_the_dashboard_asks_once_for_each_figure(demo):
    assert len(sent(browser(demo, "director"), "/dashboard/")) <= 24
