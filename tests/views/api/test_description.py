"""OpenAPI: it says exactly what is served, to whoever asks."""

import json
import re

import pytest

from tests.views.api import NOUNS


class TestDescription:
    def test_it_says_exactly_what_is_served(self, app, api):
        said = api("admin").get("/openapi.json").json
        described = {(path, method.upper()) for path, methods in said["paths"].items() for method in methods}
        served = set()
        for rule in app.url_map.iter_rules():
            is_ours = rule.rule.startswith("/api/v1/") and "openapi" not in rule.rule and rule.rule != "/api/v1/docs"
            if is_ours and rule.rule not in {f"/api/v1/{noun}" for noun in NOUNS}:
                path = rule.rule.replace("<", "{").replace(">", "}")
                served |= {(path, method) for method in rule.methods - {"HEAD", "OPTIONS"}}
        assert described == served

    def test_every_reference_leads_somewhere(self, api):
        said = api("admin").get("/openapi.json").json
        names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(said)))
        assert names <= set(said["components"]["schemas"])
        assert {"Deal", "Deal.new", "Deal.change", "Deal.many", "Lead.one", "Error"} <= names | {"Deal"}

    @pytest.mark.parametrize("noun", NOUNS)
    def test_what_is_answered_is_what_is_described(self, api, scene, noun):
        admin = api("admin")
        schema = admin.get("/openapi.json").json["components"]["schemas"][noun[:-1].capitalize()]
        row = admin.get(f"/{noun}/{scene['anna'][noun]}").json["result"]
        assert set(row) == set(schema["properties"])

    @pytest.mark.parametrize("noun", NOUNS)
    def test_every_described_filter_and_order_is_taken(self, api, scene, noun):
        admin = api("admin")
        examples = {"integer": "1", "boolean": "true", "number": "1"}
        of_format = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "decimal": "10.5"}
        for parameter in admin.get("/openapi.json").json["paths"][f"/api/v1/{noun}/"]["get"]["parameters"]:
            schema = parameter["schema"].get("items", parameter["schema"])
            value = of_format.get(schema.get("format")) or examples.get(schema["type"], "9161112233")
            for asked in schema.get("enum", [value]):
                assert admin.get(f"/{noun}/", query_string={parameter["name"]: asked}).status_code == 200, parameter

    def test_strangers_are_told_nothing(self, client):
        assert client.get("/api/v1/openapi.json").status_code == 401

    def test_there_is_no_other_version(self, api):
        assert api("anna").get("/../v2/openapi.json").status_code == 404

    def test_people_read_it_on_a_page(self, login):
        page = login("anna").get("/api/v1/docs")
        assert page.status_code == 200
        assert "/api/v1/openapi.json" in page.text
