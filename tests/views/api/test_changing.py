"""Changes: history, reach, stale saves."""

import pytest
from sqlalchemy import select

from models.deals import Deal
from models.ground.history import Change
from tests.views.api import SECRET


class TestChanging:
    def test_fields_that_are_sent_change_and_history_knows(self, api, scene, people, system):
        answer = api("anna").patch(f"/deals/{scene['anna']['deals']}", json={"address": "Арбат, 5", "budget": "100"})
        assert answer.status_code == 200
        assert (answer.json["result"]["address"], answer.json["result"]["title"]) == (
            "Арбат, 5",
            "Лоджия Анны",
        )
        with system() as session:
            change = session.execute(select(Change).where(Change.field == "address")).scalar_one()
            assert (change.new, change.actor_id) == ("Арбат, 5", people["anna"])

    def test_another_persons_row_is_neither_found_nor_changed(self, api, scene, system):
        for noun, said in (("deals", "title"), ("clients", "name"), ("tasks", "title"), ("leads", "name")):
            program = api("stranger" if noun == "leads" else "anna")
            assert program.put(f"/{noun}/{scene['oleg'][noun]}", json={said: "Взлом"}).status_code == 404, noun
        with system() as session:
            assert session.execute(select(Deal.title).where(Deal.number == scene["oleg"]["deals"])).scalar() == SECRET

    @pytest.mark.parametrize("way", ["If-Match", "version"])
    @pytest.mark.parametrize(
        ("noun", "name"), [("deals", "title"), ("clients", "name"), ("tasks", "title"), ("leads", "name")]
    )
    def test_a_stale_save_is_refused_with_both_values(self, api, scene, noun, name, way):
        anna, marina, address = api("anna"), api("marina"), f"/{noun}/{scene['anna'][noun]}"
        seen = anna.get(address).json["result"]["version"]
        assert marina.patch(address, json={name: "Марина успела"}).status_code == 200
        said = {name: "Анна опоздала"}
        more = {"headers": {"If-Match": f'"{seen}"'}} if way == "If-Match" else {}
        answer = anna.patch(address, json=said | ({} if more else {"version": seen}), **more)
        assert answer.status_code == 409
        error = answer.json["error"]
        assert error["changed_by"] == "Марина Ковалёва"
        assert {"field": name, "mine": "Анна опоздала", "theirs": "Марина успела"} in error["differences"]
        assert anna.get(address).json["result"][name] == "Марина успела"

    def test_a_fresh_version_is_taken(self, api, scene):
        anna, address = api("anna"), f"/deals/{scene['anna']['deals']}"
        seen = anna.get(address).headers["ETag"]
        assert anna.patch(address, json={"title": "Сначала"}, headers={"If-Match": seen}).status_code == 200
        assert anna.patch(address, json={"title": "Потом"}, headers={"If-Match": seen}).status_code == 409

    @pytest.mark.parametrize("header", ["abc", '"x"', "-1", "1, 2", "9" * 40])
    def test_a_strange_if_match_is_refused(self, api, scene, header):
        answer = api("anna").patch(f"/deals/{scene['anna']['deals']}", json={}, headers={"If-Match": header})
        assert answer.status_code == 400
