"""Lists and records: what is in reach, and nothing else; tokens."""

import pytest
from sqlalchemy import select

from app.services import tasks
from models.deals import Deal
from tests.cast import PASSWORD
from tests.views.api import NOUNS, SECRET, words_of


class TestReading:
    def test_a_list_holds_what_is_in_reach(self, api, scene):
        said = api("anna").get("/deals/").json
        assert said["count"] == 1
        assert [row["title"] for row in said["result"]] == ["Лоджия Анны"]
        assert said["result"][0]["amount"] == "777001.55"

    def test_the_address_may_end_with_a_slash_or_not(self, api, scene):
        anna = api("anna")
        assert anna.get("/deals").json == anna.get("/deals/").json

    def test_one_record_comes_with_its_version(self, api, scene):
        answer = api("anna").get(f"/deals/{scene['anna']['deals']}")
        assert answer.json["result"]["number"] == answer.json["id"] == scene["anna"]["deals"]
        assert answer.headers["ETag"] == f'"{answer.json["result"]["version"]}"'

    @pytest.mark.parametrize("noun", NOUNS)
    def test_hidden_and_missing_answer_alike(self, api, scene, noun):
        # Leads of the team are readable: there a stranger stands before the closed door.
        program = api("stranger" if noun == "leads" else "anna")
        hidden, missing = program.get(f"/{noun}/{scene['oleg'][noun]}"), program.get(f"/{noun}/999999")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.text == missing.text
        assert words_of(hidden)

    @pytest.mark.parametrize("noun", NOUNS)
    @pytest.mark.parametrize("who", ["stranger", "sergey", "nina"])
    def test_no_page_tells_what_is_out_of_reach(self, api, scene, noun, who):
        program = api(who)
        for address in ("/", "/?page_size=200", f"/{scene['oleg'][noun]}"):
            answer = program.get(f"/{noun}{address}")
            seen = who == "nina" and noun in {"deals", "clients"}
            assert (SECRET in answer.get_data(as_text=True).encode().decode("unicode_escape")) is False or seen
        counted = program.get(f"/{noun}/")
        if counted.status_code == 200 and who != "nina":
            assert counted.json["count"] == 0

    def test_a_head_reads_the_deals_of_the_team(self, api, scene):
        assert api("marina").get("/deals/").json["count"] == 2

    def test_without_a_log_in_nothing_is_told(self, client, scene):
        for noun in NOUNS:
            answer = client.get(f"/api/v1/{noun}/")
            assert answer.status_code == 401
            assert words_of(answer)


class TestToken:
    def test_a_token_opens_what_its_person_may_open(self, client, scene):
        said = {"username": "anna", "password": PASSWORD}
        token = client.post("/api/v1/security/login", json=said).json["access_token"]
        mine = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/deals/", headers=mine).json["count"] == 1
        assert client.get(f"/api/v1/deals/{scene['oleg']['deals']}", headers=mine).status_code == 404
        made = client.post("/api/v1/deals/", json={"title": "По токену"}, headers=mine)
        assert made.status_code == 201

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "💥", "x" * 5000])
    def test_a_token_of_no_one_opens_nothing(self, client, token):
        answer = client.get("/api/v1/deals/", headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")})
        assert answer.status_code == 401
        assert words_of(answer)

    def test_a_cookie_alone_changes_nothing_without_the_forms_token(self, login, scene, csrf):
        anna = login("anna")
        assert anna.get("/api/v1/deals/").json["count"] == 1
        assert anna.post("/api/v1/deals/", json={"title": "Чужой сайт"}).status_code == 400
        assert anna.get("/api/v1/deals/").json["count"] == 1


class TestMasks:
    @pytest.fixture
    def given(self, system, scene, people):
        """A task of the master on Anna's deal: the deal and its client are given to him."""
        with system() as session:
            deal = session.execute(select(Deal).where(Deal.number == scene["anna"]["deals"])).scalar_one()
            tasks.add({"title": "Изготовить", "assignee": people["sergey"]}, on=deal)
        return scene["anna"]

    def test_the_master_sees_the_deal_without_money_and_the_client_without_a_phone(self, api, given):
        master = api("sergey")
        answer = master.get(f"/deals/{given['deals']}")
        assert answer.status_code == 200
        assert {"amount", "budget"}.isdisjoint(answer.json["result"])
        assert "777001" not in answer.text
        if master.get("/clients/").status_code == 200:
            told = master.get(f"/clients/{given['clients']}").text
            assert "9161112233" not in told
            assert "client.test" not in told

    @pytest.mark.parametrize("asked", ["amount=1", "amount_from=1", "order=amount", "order=-amount", "budget=1"])
    def test_nothing_is_found_or_sorted_by_a_hidden_field(self, api, given, asked):
        hidden, missing = api("sergey").get(f"/deals/?{asked}"), api("sergey").get("/deals/?nothing=1")
        assert hidden.status_code == missing.status_code == 400
        assert "amount" not in words_of(missing)

    def test_the_description_does_not_name_what_is_hidden(self, api, given):
        text = api("sergey").get("/openapi.json").text
        assert '"amount"' not in text
        assert '"phones"' not in text
        assert '"amount"' in api("anna").get("/openapi.json").text
