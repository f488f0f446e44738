"""Duplicates through the doors: who may compare, merge and take back; what a merge leaves behind it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import clients, deals, leads
from app.wording import phone
from models.clients import Client
from models.deals import Deal
from models.duplicates import Merge, NotDuplicate
from models.ground.history import Change, Event
from models.tasks import Task
from models.works import Work
from tests.scene import person

PHONE = "89261230010"


@pytest.fixture
def two(system: Any) -> Any:
    """Two clients of two people: their keys."""

    def made(first: str = "anna", second: str = "anna", **values: Any) -> tuple[int, int]:
        with system() as session:
            one = clients.create("Смирнова Ольга", phones=[PHONE], owner=person(session, first))
            other = clients.create(
                "Ольга Смирнова", phones=[PHONE, "89261230011"], emails=["olga@b.test"], owner=person(session, second),
                values={"address": "Москва, Примерная, 1", "comment": "Любит чай"} | values,
            )  # fmt: skip
            deals.start(other, {"title": "Балкон"}, owner=person(session, second))
            session.add(Task(title="Позвонить", client_id=other.id, assignee_id=person(session, "oleg").id))
            return one.id, other.id

    return made


def row(system: Any, key: int) -> dict[str, Any]:
    with system() as session:
        found = session.execute(select(Client).where(Client.id == key).execution_options(with_deleted=True)).scalar_one()
        return {
            "name": found.name, "address": found.address, "comment": found.comment, "into": found.merged_into_id,
            "is_gone": found.deleted_at is not None, "contacts": sorted(point.value for point in found.contacts),
        }  # fmt: skip


def merge_of(system: Any) -> int:
    with system() as session:
        return session.execute(select(Merge.id).order_by(Merge.id.desc())).scalars().first()


def test_two_are_merged_as_chosen_and_everything_follows(system, login, two):
    one, other = two()
    anna = login("anna")
    page = anna.get(f"/clients/duplicates/{one}/{other}")
    assert page.status_code == 200
    assert "Москва, Примерная, 1" in page.text
    answer = anna.post(f"/clients/duplicates/{one}/{other}/merge", data={"name": "loser", "address": "loser"})
    assert answer.headers["Location"] == f"/clients/{one}"
    assert row(system, one) == {
        "name": "Ольга Смирнова", "address": "Москва, Примерная, 1", "comment": "Любит чай", "into": None,
        "is_gone": False, "contacts": ["+79261230010", "+79261230011", "olga@b.test"],
    }  # fmt: skip
    with system() as session:
        assert set(session.execute(select(Deal.client_id)).scalars()) == {one}
        # A colleague's task follows too.
        assert set(session.execute(select(Task.client_id)).scalars()) == {one}
        told = session.execute(select(Event.name, Event.row_id, Event.actor_name).where(Event.name == "client.merged"))
        assert {tuple(event) for event in told} == {
            ("client.merged", one, "Анна Белова"), ("client.merged", other, "Анна Белова"),
        }  # fmt: skip
        changed = select(Change.actor_name).where(Change.table == "deal", Change.field == "client_id")
        assert session.execute(changed).scalar_one() == "Анна Белова"


def test_the_old_address_leads_to_the_one_client(login, two):
    one, other = two()
    anna = login("anna")
    anna.post(f"/clients/duplicates/{one}/{other}/merge")
    for address in (f"/clients/{other}", f"/clients/edit/{other}", f"/clients/show/{other}"):
        assert anna.get(address).headers["Location"] == f"/clients/{one}", address
    # Back in the browser, and a press in another tab: the two are one already.
    assert anna.get(f"/clients/duplicates/{one}/{other}").headers["Location"] == f"/clients/{one}"
    assert anna.post(f"/clients/duplicates/{other}/{one}/merge").headers["Location"] == f"/clients/{one}"
    assert anna.get(f"/api/v1/clients/{other}").json["id"] == one
    assert login("stranger").get(f"/clients/{other}").status_code == 404


def test_it_is_taken_back_by_one_button(system, login, two):
    one, other = two()
    before = row(system, one), row(system, other)
    anna = login("anna")
    anna.post(f"/clients/duplicates/{one}/{other}/merge", data={"name": "loser"})
    answer = anna.post(f"/clients/merges/{merge_of(system)}/undo")
    assert answer.headers["Location"] == f"/clients/{other}"
    assert (row(system, one), row(system, other)) == before
    again = anna.post(f"/clients/merges/{merge_of(system)}/undo")
    assert again.status_code == 422


def test_what_was_changed_since_is_asked_about(system, login, two):
    one, other = two()
    anna = login("anna")
    anna.post(f"/clients/duplicates/{one}/{other}/merge", data={"name": "loser"})
    key = merge_of(system)
    with system() as session:
        client = session.get(Client, one)
        clients.change(client, {"name": "Ольга Петровна", "address": "Тверь"})
        clients.set_contacts(client, [PHONE, "84951234567"], ["olga@b.test"])
        fresh = deals.start(client, {"title": "Новая дверь"}, owner=person(session, "anna")).id
    assert anna.post(f"/clients/merges/{key}/undo").headers["Location"] == f"/clients/merges/{key}"
    page = anna.get(f"/clients/merges/{key}").text
    assert "Ольга Петровна" in page
    assert phone("+79261230011") in page
    # What came since is told in words, a new phone too.
    assert phone("+74951234567") in page
    assert "Новая дверь" in page
    assert "object at" not in page
    asked = re.findall(r'name="([a-z_.0-9]+)" value="back"', page)
    assert sorted(one_key.split(".")[0] for one_key in asked) == ["contact_point", "contact_point", "deal", "field", "field"]
    decisions = {name: "back" for name in asked if name != "field.name"} | {"field.name": "keep"}
    assert anna.post(f"/clients/merges/{key}/undo", data=decisions).headers["Location"] == f"/clients/{other}"
    assert row(system, one)["name"] == "Ольга Петровна"
    assert row(system, one)["address"] == ""
    assert row(system, other)["contacts"] == ["+74951234567", "+79261230010", "+79261230011", "olga@b.test"]
    with system() as session:
        assert session.get(Deal, fresh).client_id == other
        assert {one["decided"] for one in session.get(Merge, key).conflicts} == {"keep", "back"}
    assert anna.get(f"/clients/merges/{key}").status_code == 200


def test_one_merged_further_is_taken_back_last_first(system, login, two):
    one, other = two()
    with system() as session:
        third = clients.create("Третья", owner=person(session, "anna")).id
    anna = login("anna")
    anna.post(f"/clients/duplicates/{one}/{other}/merge")
    first = merge_of(system)
    anna.post(f"/clients/duplicates/{third}/{one}/merge")
    assert anna.get(f"/clients/{other}").headers["Location"] == f"/clients/{third}"
    assert anna.post(f"/clients/merges/{first}/undo").status_code == 422
    assert anna.post(f"/clients/merges/{merge_of(system)}/undo").status_code == 302
    assert anna.post(f"/clients/merges/{first}/undo").headers["Location"] == f"/clients/{other}"


class TestRights:
    def test_a_colleagues_client_is_not_there_and_the_head_may(self, system, login, two):
        one, other = two("anna", "oleg")
        anna = login("anna")
        assert anna.get(f"/clients/duplicates/{one}/{other}").status_code == 404
        assert anna.post(f"/clients/duplicates/{one}/{other}/merge").status_code == 404
        assert anna.post(f"/clients/duplicates/{one}/{other}/apart").status_code == 404
        assert not row(system, other)["is_gone"]
        assert login("marina").post(f"/clients/duplicates/{one}/{other}/merge").status_code == 302
        assert row(system, other)["into"] == one

    def test_who_sees_both_by_a_deal_but_owns_one_may_not(self, system, login, two):
        one, other = two("anna", "oleg")
        with system() as session:
            deal = session.execute(select(Deal)).scalar_one()
            deal.owner_id = person(session, "anna").id
        anna = login("anna")
        page = anna.get(f"/clients/duplicates/{one}/{other}")
        assert page.status_code == 200
        assert "disabled" in page.text
        assert anna.post(f"/clients/duplicates/{one}/{other}/merge").status_code == 422
        assert not row(system, other)["is_gone"]

    @pytest.mark.parametrize("who", ["director", "nina", "pavel", "sergey"])
    def test_who_may_not_merge_gets_nowhere(self, login, two, who):
        one, other = two()
        visitor = login(who)
        assert visitor.get("/clients/duplicates/").status_code == 403
        assert visitor.post(f"/clients/duplicates/{one}/{other}/merge").status_code == 403

    def test_a_merge_of_others_is_not_there(self, system, login, two):
        one, other = two("oleg", "oleg")
        login("oleg").post(f"/clients/duplicates/{one}/{other}/merge")
        key, anna = merge_of(system), login("anna")
        assert anna.get(f"/clients/merges/{key}").status_code == 404
        assert anna.post(f"/clients/merges/{key}/undo").status_code == 404
        assert f"/clients/merges/{key}" not in anna.get("/clients/merges/").text


def test_not_a_duplicate_is_remembered_and_taken_back(system, login, two):
    one, other = two()
    anna = login("anna")
    assert anna.post(f"/clients/duplicates/{other}/{one}/apart").status_code == 302
    assert anna.post(f"/clients/duplicates/{one}/{other}/merge").status_code == 422
    assert "Смирнова Ольга" in anna.get("/clients/duplicates/?tab=apart").text
    assert anna.get("/clients/known", query_string={"phones": PHONE, "own": other}).text.count("/complete") == 0
    assert anna.get("/clients/known", query_string={"phones": PHONE, "own": ""}).text.count("/complete") == 2
    anna.post(f"/clients/duplicates/{one}/{other}/maybe-same")
    with system() as session:
        assert session.execute(select(NotDuplicate)).first() is None


def test_the_scan_runs_in_the_background_and_its_pairs_are_listed(system, login, worker, two):
    one, other = two()
    anna = login("anna")
    address = anna.post("/clients/duplicates/scan").headers["Location"]
    worker()
    assert anna.get(f"{address}/state", headers={"Accept": "application/json"}).json["state"] == "done"
    page = anna.get("/clients/duplicates/").text
    assert f"/clients/duplicates/{one}/{other}" in page
    assert f"/clients/duplicates/{one}/{other}" not in login("oleg").get("/clients/duplicates/").text
    work = anna.post("/clients/duplicates/many", data={"what": "exact"}).headers["Location"]
    worker()
    assert anna.get(f"{work}/state", headers={"Accept": "application/json"}).json["found"] == {"merged": 1}
    assert anna.get(work).status_code == 200
    with system() as session:
        batch = session.execute(select(Work.id).where(Work.kind == "clients.merge")).scalar_one()
        merge = session.execute(select(Merge)).scalar_one()
        assert (merge.batch_id, merge.by_id) == (batch, person(session, "anna").id)
    assert f"/clients/merges/batch/{batch}/undo" in anna.get("/clients/merges/").text
    anna.post(f"/clients/merges/batch/{batch}/undo")
    worker()
    assert not row(system, other)["is_gone"]
    assert login("oleg").post(f"/clients/merges/batch/{batch}/undo").status_code == 404


def test_a_merged_client_lies_in_no_trash_and_a_lead_finds_the_one(system, login, two):
    one, other = two()
    marina = login("marina")
    marina.post(f"/clients/duplicates/{one}/{other}/merge")
    assert "Ольга Смирнова" not in marina.get("/trash/?noun=client").text
    assert marina.post(f"/trash/restore/client/{other}").status_code == 404
    with system():
        lead = leads.receive(Inbound(name="Ольга", phone="89261230011", words="Это снова я"))
        assert lead.client_id == one


@pytest.mark.parametrize("address", [
    "/clients/duplicates/0/1", "/clients/duplicates/1/1", "/clients/duplicates/99999999999999999999/1", "/clients/merges/0",
    "/clients/merges/99999999999999999999", "/clients/duplicates/?tab=x", "/clients/duplicates/?page=-1",
    "/clients/merges/?page=1e9", "/works/0", "/works/99999999999999999999",
])  # fmt: skip
def test_bad_addresses_are_answered_with_a_sentence(login, address):
    assert login("admin").get(address).status_code in {400, 404}
