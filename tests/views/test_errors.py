"""What is said when something goes wrong, and what every answer tells the browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import RequestEntityTooLarge

from app.limits import TooMany
from models.ground.refused import Difference, NotFound, Refused, Stale

DRIVER = Exception("INSERT INTO secret VALUES ('канарейка')")
RAISED: dict[str, tuple[Exception, int]] = {
    "refused": (Refused("Так нельзя."), 409),
    "field": (Refused("Так нельзя.", "title"), 422),
    "missing": (NotFound(""), 404),
    "stale": (Stale("Анна", None, [Difference("title", "моё", "её")]), 409),
    "overtaken": (StaleDataError(), 409),
    "twin": (IntegrityError("INSERT INTO x", {"a": "канарейка"}, DRIVER), 409),
    "unfit": (DataError("INSERT INTO x", {"a": "канарейка"}, DRIVER), 400),
    "surrogate": (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), 400),
    "value": (ValueError("канарейка"), 400),
    "deep": (RecursionError(), 400),
    "away": (OperationalError("SELECT", {}, DRIVER), 503),
    "large": (RequestEntityTooLarge(), 413),
    "often": (TooMany(42), 429),
    "fault": (RuntimeError("канарейка"), 500),
}


@pytest.fixture
def raising(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The page /me/ raises what it is told to; so does the list of the API."""

    def choose(name: str) -> None:
        def fail(**_address: Any) -> Any:
            raise RAISED[name][0]

        for endpoint in ("Me.show", "DealsApi.list_rows"):
            monkeypatch.setitem(app.view_functions, endpoint, fail)

    return choose


class TestWords:
    @pytest.mark.parametrize("name", RAISED)
    def test_a_person_gets_a_page(self, login: Any, raising: Callable[[str], None], name: str) -> None:
        raising(name)
        answer = login("anna").get("/me/")
        assert answer.status_code == RAISED[name][1]
        assert "data-error-words" in answer.text
        for secret in ("канарейка", "Traceback", "INSERT", "sqlalchemy"):
            assert secret not in answer.text

    @pytest.mark.parametrize("name", RAISED)
    def test_a_program_gets_json(self, login: Any, raising: Callable[[str], None], name: str) -> None:
        raising(name)
        answer = login("anna").get("/api/v1/deals/")
        assert answer.status_code == RAISED[name][1]
        said = answer.get_json()["error"]
        assert said["words"]
        assert "канарейка" not in json.dumps(said, ensure_ascii=False)

    @pytest.mark.parametrize("name", ["refused", "missing", "fault", "often"])
    def test_a_fragment_gets_a_toast_and_stays_as_it_is(
        self, login: Any, raising: Callable[[str], None], name: str
    ) -> None:
        raising(name)
        answer = login("anna").get("/me/", headers={"HX-Request": "true"})
        assert answer.status_code == RAISED[name][1]
        assert answer.headers["HX-Reswap"] == "none"
        (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
        assert toast["kind"] == "bad"
        assert toast["words"]

    def test_a_stale_save_tells_both_values(self, login: Any, raising: Callable[[str], None]) -> None:
        raising("stale")
        said = login("anna").get("/api/v1/deals/").get_json()["error"]
        assert said["changed_by"] == "Анна"
        assert said["differences"] == [{"field": "title", "mine": "моё", "theirs": "её"}]

    def test_too_often_says_when_to_come_back(self, login: Any, raising: Callable[[str], None]) -> None:
        raising("often")
        assert login("anna").get("/me/").headers["Retry-After"] == "42"

    def test_a_fault_leaves_a_mark_to_be_found_in_the_log(
        self, login: Any, raising: Callable[[str], None], caplog: pytest.LogCaptureFixture
    ) -> None:
        raising("fault")
        text = login("anna").get("/me/").text
        marks = [record.args[0] for record in caplog.records if record.args and "fault" in record.msg]
        assert len(marks) == 1
        assert str(marks[0]) in text

    def test_an_unknown_page_and_a_wrong_method(self, login: Any) -> None:
        client = login("anna")
        assert client.get("/nowhere").status_code == 404
        answer = client.delete("/me/")
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]

    def test_an_empty_base_still_says_what_is_wrong(
        self, client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_args: Any, **_options: Any) -> Any:
            raise OperationalError("SELECT", {}, DRIVER)

        monkeypatch.setattr("sqlalchemy.orm.Session.execute", away)
        monkeypatch.setattr("app.sessions.find", away)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = "1"
        answer = client.get("/people/")
        assert answer.status_code == 503
        assert "data-error-words" in answer.text


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        ["[" * 100_000, '{"a":' * 50_000, "\x00", "{", '{"username": "\\ud800", "password": "\\udfff"}', "null", "[]",
         '"x"', "1e999", '{"username": {"a": 1}, "password": []}'],
    )  # fmt: skip
    def test_broken_json_before_the_log_in_is_no_fault(self, client: FlaskClient, body: str) -> None:
        answer = client.post("/api/v1/security/login", data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500

    def test_a_body_that_is_too_large_is_refused(self, client: FlaskClient, app: Flask) -> None:
        answer = client.post(
            "/login/", data={"username": "a", "password": "x" * (app.config["MAX_CONTENT_LENGTH"] + 1)}
        )
        assert answer.status_code == 413

    @pytest.mark.parametrize(
        "address", ["/%00", "/people/edit/%00", "/%ff%fe", "/login/?next=%00", "/lang/ru", "/x" * 2000]
    )
    def test_odd_addresses_are_no_fault(self, login: Any, address: str) -> None:
        assert login("admin").get(address).status_code in {200, 302, 400, 404, 414}


class TestHeaders:
    def test_stand_on_every_answer(self, login: Any, client: FlaskClient) -> None:
        for answer in (login("anna").get("/me/"), client.get("/login/"), client.get("/nowhere"), client.get("/health")):
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "script-src 'self'" in policy
            assert "style-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Cache-Control"] == "no-store"

    def test_let_browsers_keep_static_files_for_ever(self, client: FlaskClient) -> None:
        assert "immutable" in client.get("/static/css/voronka.css?v=1").headers["Cache-Control"]
        assert "immutable" not in client.get("/static/css/voronka.css").headers["Cache-Control"]
        assert client.get("/static/nothing.css?v=1").headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])
    def test_another_host_is_refused(self, client: FlaskClient, host: str) -> None:
        answer = client.get("/login/", headers={"Host": host})
        assert answer.status_code == 400
        assert host not in answer.text

    def test_static_files_ask_no_questions_of_the_database(self, login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        client = login("anna")
        monkeypatch.setattr("app.sessions.find", None)
        assert client.get("/static/css/voronka.css").status_code == 200
