"""Bodies of every wrong kind: a sentence, and nothing changed."""

import pytest
from sqlalchemy import func, select

from models.clients import Client
from models.deals import Deal
from models.leads import Lead
from models.tasks import Task
from tests.bad import BODIES, VALUES
from tests.views.api import NOUNS, words_of


class TestBadBodies:
    @pytest.fixture
    def count(self, system):
        """How many rows there are of each noun."""

        def counted():
            with system() as session:
                models = (Lead, Deal, Client, Task)
                return [session.execute(select(func.count()).select_from(model)).scalar() for model in models]

        return counted

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_what_is_no_json_object_is_refused_and_changes_nothing(self, api, scene, count, body):
        anna, before = api("anna"), count()
        for noun in NOUNS:
            for method, path in (("post", "/"), ("put", f"/{scene['anna'][noun]}")):
                answer = getattr(anna, method)(f"/{noun}{path}", data=body, content_type="application/json")
                if method == "post" or body:
                    assert 400 <= answer.status_code < 500, (noun, method, answer.status_code)
                    assert words_of(answer)
        moved = anna.post(f"/deals/{scene['anna']['deals']}/move", data=body, content_type="application/json")
        assert 400 <= moved.status_code < 500
        assert count() == before

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
    def test_only_json_is_read(self, api, kind, count):
        answer = api("anna").post("/deals/", data=b'{"title": "x"}', content_type=kind)
        assert answer.status_code == 415
        assert words_of(answer)

    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
    def test_no_value_of_any_field_breaks_anything(self, api, scene, value):
        anna = api("anna")
        described = anna.get("/openapi.json").json["components"]["schemas"]
        for noun in NOUNS:
            name = noun[:-1].capitalize()
            for field in described[f"{name}.new"]["properties"]:
                said = {"title": "x", "name": "x"}
                said = {key: word for key, word in said.items() if key in described[f"{name}.new"]["properties"]}
                for answer in (
                    anna.post(f"/{noun}/", json=said | {field: value}),
                    anna.patch(f"/{noun}/{scene['anna'][noun]}", json={field: value}),
                ):
                    assert answer.status_code in {200, 201, 409, 422}, (noun, field, answer.text)
                    assert answer.status_code < 300 or words_of(answer)
            assert anna.get(f"/{noun}/").status_code == 200

    @pytest.mark.parametrize(
        "text", ["💥👩‍👩‍👧", "Null", "<3", "O'Brien", "\u200fשלום", "{{ 7*7 }}", "=1+1", "Ёжик", "é"]
    )
    def test_harmless_text_comes_back_as_it_was(self, api, text):
        assert api("anna").post("/deals/", json={"title": text}).json["result"]["title"] == text

    @pytest.mark.parametrize("name", ["", " ", "a" * 5000, "\x00", "\ud800", "💥", "a.b.c", "__proto__", "title\n"])
    def test_a_field_of_no_such_name(self, api, name):
        answer = api("anna").post("/deals/", json={"title": "x", name: 1})
        assert answer.status_code == 422
        assert words_of(answer)

    @pytest.mark.parametrize("method", ["delete", "trace"])
    def test_what_is_not_served_is_refused_in_words(self, api, scene, method):
        answer = api("anna").open(f"/deals/{scene['anna']['deals']}", method=method.upper())
        assert answer.status_code == 405
        assert words_of(answer)
