"""The REST API: the same verbs, rights, gates and masks as the pages; errors in words, never a trace."""

import pytest
from sqlalchemy import select

from app.services import deals
from models.staff import Person


@pytest.fixture
def api(login):
    """`api("anna").get("/deals")`: a program of hers, with her cookie."""

    class Program:
        def __init__(self, who):
            self.browser = login(who)

        def __getattr__(self, method):
            return lambda path, *args, **more: getattr(self.browser, method)(f"/api/v1{path}", *args, **more)

    return Program


@pytest.fixture
def scene(system):
    """Anna's deal 1001 and Oleg's deal 1002."""
    with system() as session:
        people = {person.username: person for person in session.execute(select(Person)).scalars()}
        made = {
            "anna": deals.start(None, {"title": "Лоджия Анны", "amount": "120000"}, owner=people["anna"]),
            "oleg": deals.start(None, {"title": "Тайна Олега", "amount": "777000"}, owner=people["oleg"]),
        }
        return {name: deal.number for name, deal in made.items()}


def test_a_manager_lists_her_own_deals_only(api, scene):
    said = api("anna").get("/deals/").json
    assert said["count"] == 1
    assert [row["title"] for row in said["result"]] == ["Лоджия Анны"]


def test_what_belongs_to_somebody_else_is_missing(api, scene):
    answer = api("anna").get(f"/deals/{scene['oleg']}")
    assert answer.status_code == 404
    assert "Тайна" not in answer.text
    assert answer.json["error"]["words"]
    assert answer.text == api("anna").get("/deals/999999").text
