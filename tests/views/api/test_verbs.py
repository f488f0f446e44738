"""Move, assign, take, qualify, finish: the verbs that have addresses of their own."""

import pytest
from sqlalchemy import select

from app.services import tasks
from models.deals import Deal
from models.staff import Person
from tests.views.api import words_of


class TestMoving:
    def test_a_gate_says_what_is_missing(self, api, scene):
        answer = api("anna").post(f"/deals/{scene['anna']['deals']}/move", json={"stage": "measure"})
        assert answer.status_code == 422
        error = answer.json["error"]
        assert error["field"] == "address"
        assert [detail["field"] for detail in error["details"]] == ["address"]

    def test_what_is_missing_may_come_with_the_move(self, api, scene):
        said = {"stage": "measure", "values": {"address": "Арбат, 5"}}
        answer = api("anna").post(f"/deals/{scene['anna']['deals']}/move", json=said)
        assert answer.status_code == 200
        assert (answer.json["result"]["stage"], answer.json["result"]["address"]) == ("measure", "Арбат, 5")

    def test_a_refused_move_keeps_nothing_of_it(self, api, scene):
        anna, number = api("anna"), scene["anna"]["deals"]
        said = {"stage": "estimate", "values": {"address": "Арбат, 5"}}
        assert anna.post(f"/deals/{number}/move", json=said).status_code == 422
        assert anna.get(f"/deals/{number}").json["result"]["address"] == ""

    @pytest.mark.parametrize("stage", ["nowhere", "", None, 5, ["measure"], {"a": 1}, "x\x00", "💥"])
    def test_a_stage_that_is_not_there(self, api, scene, stage):
        answer = api("anna").post(f"/deals/{scene['anna']['deals']}/move", json={"stage": stage})
        assert answer.status_code == 422
        assert answer.json["error"]["field"] == "stage"

    def test_another_persons_deal_is_not_moved(self, api, scene, system):
        said = {"stage": "lost", "values": {"lost_reason": "price"}}
        assert api("anna").post(f"/deals/{scene['oleg']['deals']}/move", json=said).status_code == 404
        with system() as session:
            assert session.execute(select(Deal).where(Deal.number == scene["oleg"]["deals"])).scalar_one().is_open

    def test_who_may_not_move_does_not(self, api, scene):
        for who in ("nina", "sergey", "pavel", "director"):
            answer = api(who).post(f"/deals/{scene['anna']['deals']}/move", json={"stage": "measure"})
            assert answer.status_code == 403, who

    def test_two_moves_of_one_card(self, api, scene):
        anna, number = api("anna"), scene["anna"]["deals"]
        seen = anna.get(f"/deals/{number}").json["result"]["version"]
        lost = {"stage": "lost", "values": {"lost_reason": "price"}, "version": seen}
        assert anna.post(f"/deals/{number}/move", json=lost).status_code == 200
        answer = api("marina").post(f"/deals/{number}/move", json={"stage": "measure", "version": seen})
        assert answer.status_code == 409
        assert answer.json["error"]["changed_by"] == "Анна Белова"

    def test_giving_a_deal_away_is_a_verb_of_its_own(self, api, scene, people):
        answer = api("marina").post(f"/deals/{scene['anna']['deals']}/assign", json={"owner": people["oleg"]})
        assert answer.status_code == 200
        assert api("oleg").get("/deals/").json["count"] == 2
        assert api("anna").get(f"/deals/{scene['anna']['deals']}").status_code == 404

    def test_a_note(self, api, scene):
        number = scene["anna"]["deals"]
        assert api("anna").post(f"/deals/{number}/note", json={"words": "Ждёт звонка"}).status_code == 201
        assert api("anna").post(f"/deals/{number}/note", json={"words": " "}).status_code == 422
        assert api("director").post(f"/deals/{number}/note", json={"words": "Вижу"}).status_code == 404

    def test_a_surveyor_notes_what_was_seen_on_the_spot(self, api, scene, system):
        number = scene["anna"]["deals"]
        assert api("pavel").post(f"/deals/{number}/note", json={"words": "Стена сырая"}).status_code == 404
        with system() as session:
            deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
            pavel = session.execute(select(Person).where(Person.username == "pavel")).scalar_one()
            tasks.add({"title": "Провести замер", "assignee": pavel}, on=deal)
        assert api("pavel").post(f"/deals/{number}/note", json={"words": "Стена сырая"}).status_code == 201


class TestLeads:
    def test_a_lead_becomes_a_deal(self, api, scene):
        anna = api("anna")
        answer = anna.post(f"/leads/{scene['anna']['leads']}/qualify", json={"values": {"title": "Балкон"}})
        assert answer.status_code == 201
        number = answer.json["result"]["deal"]
        assert answer.headers["Location"].endswith(f"/deals/{number}")
        assert anna.get(f"/deals/{number}").json["result"]["title"] == "Балкон"
        again = anna.post(f"/leads/{scene['anna']['leads']}/qualify", json={})
        assert again.status_code == 409
        assert str(number) in words_of(again)

    def test_set_aside_and_taken_back(self, api, scene):
        anna, address = api("anna"), f"/leads/{scene['anna']['leads']}"
        assert anna.post(f"{address}/reject", json={}).status_code == 422
        assert anna.post(f"{address}/reject", json={"reason": "spam"}).json["result"]["state"] == "rejected"
        assert anna.post(f"{address}/restore").json["result"]["state"] == "taken"

    def test_a_colleagues_fresh_lead_is_not_taken(self, api, scene):
        answer = api("anna").post(f"/leads/{scene['oleg']['leads']}/take")
        assert answer.status_code == 409
        assert "Олег" in words_of(answer)

    def test_who_has_no_leads_takes_none(self, api, scene):
        for who in ("nina", "sergey", "pavel"):
            for verb in ("take", "answer", "qualify", "reject", "restore", "assign"):
                assert api(who).post(f"/leads/{scene['anna']['leads']}/{verb}", json={}).status_code == 403


class TestTasks:
    def test_done_and_what_comes_next(self, api, scene):
        anna, key = api("anna"), scene["anna"]["tasks"]
        said = {"result": "Договорились", "then": {"title": "Отправить КП", "kind": "document"}}
        answer = anna.post(f"/tasks/{key}/finish", json=said)
        assert answer.json["result"]["is_done"] is True
        assert anna.post(f"/tasks/{key}/finish", json={}).status_code == 409
        nexts = anna.get("/tasks/?is_done=false&kind=document").json["result"]
        assert [(row["title"], row["deal"]) for row in nexts] == [("Отправить КП", scene["anna"]["deals"])]
        assert anna.post(f"/tasks/{key}/reopen").json["result"]["is_done"] is False

    def test_another_persons_task_is_not_ticked_off(self, api, scene):
        assert api("stranger").post(f"/tasks/{scene['oleg']['tasks']}/finish", json={}).status_code == 404
