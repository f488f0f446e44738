"""New records: through the verbs; what is protected stays so."""

import pytest
from sqlalchemy import func, select

from models.clients import Client, Consent
from models.deals import Deal
from models.ground.history import Event
from models.leads import Lead
from models.tasks import Task
from tests.views.api import NOUNS


class TestCreating:
    def test_a_deal_is_started_like_on_the_page(self, api, people, system):
        said = {"title": "Кухня", "amount": 250000.5, "address": "Тверская, 1", "expected_on": "2026-12-31"}
        answer = api("anna").post("/deals/", json=said)
        assert answer.status_code == 201
        row = answer.json["result"]
        assert (row["owner"], row["stage"], row["amount"]) == (people["anna"], "intake", "250000.50")
        assert answer.headers["Location"].endswith(f"/api/v1/deals/{row['number']}")
        with system() as session:
            events = session.execute(select(Event.name).where(Event.actor_id == people["anna"])).scalars().all()
            assert "deal.started" in events
            assert session.execute(select(func.count()).select_from(Task)).scalar() > 0

    def test_a_client_with_contacts_in_one_form(self, api):
        said = {
            "name": "ООО «Ромашка»",
            "kind": "company",
            "phones": ["8 495 123-45-67"],
            "emails": ["A@B.RU"],
        }
        row = api("anna").post("/clients/", json=said).json["result"]
        assert row["phones"] == ["+74951234567"]
        assert (row["email"], row["kind"]) == ("a@b.ru", "company")

    def test_a_lead_is_sorted_and_owned(self, api, people):
        row = api("anna").post("/leads/", json={"name": "Пётр", "phone": "89161230000", "words": "Окно"}).json["result"]
        assert (row["owner"], row["state"], row["phone"]) == (people["anna"], "taken", "+79161230000")

    def test_a_lead_keeps_where_it_came_from_and_what_was_agreed_to(self, api, system):
        said = {
            "name": "Пётр", "phone": "89161230000", "source": "landing", "page": "https://a.example/x",
            "first_page": "https://a.example/", "referrer": "https://ya.ru/", "utm": {"utm_source": "vk", "term": 5},
            "consent": {"given": True, "text_version": "2026-09-01", "text": "Согласен", "ip": "203.0.113.7"},
        }  # fmt: skip
        row = api("anna").post("/leads/", json=said).json["result"]
        assert (row["source"], row["first_page"], row["utm"]) == ("landing", said["first_page"], {"source": "vk", "term": "5"})
        with system() as session:
            consent = session.execute(select(Consent)).scalar_one()
            assert (consent.text_version, consent.words, consent.address) == ("2026-09-01", "Согласен", "203.0.113.7")

    @pytest.mark.parametrize(
        "bad",
        [{"utm": {"source": {"a": 1}}}, {"utm": {str(n): "x" for n in range(30)}}, {"utm": {"source": "a\x00"}},
         {"utm": []}, {"consent": {"text": "x" * 3000}}, {"consent": {"ip": ["1"]}}, {"consent": "да"},
         {"first_page": "x" * 1001}],
    )  # fmt: skip
    def test_marks_and_consents_that_cannot_be_kept_are_refused(self, api, system, bad):
        answer = api("anna").post("/leads/", json={"name": "Пётр", "phone": "89161230000", **bad})
        assert answer.status_code == 422
        assert answer.json["error"]["field"] == next(iter(bad))
        with system() as session:
            assert session.execute(select(func.count()).select_from(Lead)).scalar() == 0

    def test_a_task_on_a_deal(self, api, scene, people):
        said = {"title": "Позвонить", "deal": scene["anna"]["deals"], "due_at": "2026-12-01T10:00:00+03:00"}
        row = api("anna").post("/tasks/", json=said).json["result"]
        assert (row["deal"], row["assignee"]) == (scene["anna"]["deals"], people["anna"])
        assert row["due_at"] == "2026-12-01T07:00:00+00:00"

    def test_a_task_on_a_deal_out_of_reach_is_refused(self, api, scene):
        answer = api("anna").post("/tasks/", json={"title": "Чужая", "deal": scene["oleg"]["deals"]})
        assert answer.status_code == 422
        assert answer.json["error"]["field"] == "deal"

    def test_a_deal_for_a_client_out_of_reach_is_refused(self, api, scene, system):
        answer = api("anna").post("/deals/", json={"title": "X", "client": scene["oleg"]["clients"]})
        assert answer.status_code == 422
        assert answer.json["error"]["field"] == "client"
        assert answer.json == api("anna").post("/deals/", json={"title": "X", "client": 999999}).json
        with system() as session:
            assert session.execute(select(func.count()).select_from(Deal)).scalar() == 2

    @pytest.mark.parametrize("noun", NOUNS)
    @pytest.mark.parametrize("who", ["nina", "director"])
    def test_who_may_not_add_does_not(self, api, noun, who, system):
        program = api(who)
        answer = program.post(f"/{noun}/", json={"title": "X", "name": "X"})
        if noun == "tasks":
            return  # tasks are everybody's own
        assert answer.status_code == 403
        with system() as session:
            for model in (Lead, Deal, Client):
                assert session.execute(select(func.count()).select_from(model)).scalar() == 0


class TestProtected:
    @pytest.mark.parametrize(
        "name",
        [
            "id", "number", "owner", "owner_id", "created_by_id", "created_at", "changed_at", "deleted_at", "stage",
            "stage_id", "funnel_id", "closed_at", "folded", "password", "__class__", "extra", "is_open",
        ],
    )  # fmt: skip
    def test_protected_fields_of_a_deal_are_refused_in_words(self, api, scene, system, name):
        anna, number = api("anna"), scene["anna"]["deals"]
        before = anna.get(f"/deals/{number}").json
        for answer in (
            anna.post("/deals/", json={"title": "Новая", name: 1}),
            anna.put(f"/deals/{number}", json={"title": "Захват", name: 1}),
        ):
            assert answer.status_code == 422
            assert answer.json["error"]["field"] == name
        assert anna.get(f"/deals/{number}").json == before
        with system() as session:
            assert session.execute(select(func.count()).select_from(Deal)).scalar() == 2

    @pytest.mark.parametrize("noun", ["leads", "clients", "tasks"])
    @pytest.mark.parametrize("name", ["id", "owner", "owner_id", "created_by_id", "deal_id", "done_at", "state"])
    def test_protected_fields_of_others_too(self, api, scene, noun, name):
        anna, address = api("anna"), f"/{noun}/{scene['anna'][noun]}"
        before = anna.get(address).json
        assert anna.patch(address, json={name: 1}).status_code == 422
        assert anna.get(address).json == before
