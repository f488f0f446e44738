"""Log-in and what ends it: cookies, tokens, one-time links, limits at both doors."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.services import staff
from models.ground.base import utcnow
from models.staff import SignIn
from tests.cast import PASSWORD
from tests.scene import person

NEW = "зелёный чайник поёт на рассвете"
Login = Callable[..., FlaskClient]
System = Callable[[], Any]


def enter(client: FlaskClient, username: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", data={"username": username, "password": password}, **more)


def token(client: FlaskClient, username: str = "anna", password: str = PASSWORD) -> Any:
    return client.post("/api/v1/security/login", json={"username": username, "password": password, "refresh": True})


def is_in(client: FlaskClient, bearer: str = "") -> bool:
    """Whether a page of one's own, or with a bearer the API, opens."""
    if bearer:
        return client.get("/api/v1/deals/", headers={"Authorization": f"Bearer {bearer}"}).status_code == 200
    return client.get("/me/").status_code == 200


class TestSigningIn:
    def test_a_right_password_opens_the_door(self, client: FlaskClient) -> None:
        answer = enter(client)
        assert answer.status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize("name", ["ANNA", "anna@parus.test", "  Anna@Parus.Test "])
    def test_the_name_may_be_an_address_and_its_case_does_not_matter(self, client: FlaskClient, name: str) -> None:
        assert enter(client, name).status_code == 302

    @pytest.mark.parametrize("name", ["anna", "nobody", "", "a\x00b", "x" * 5000, "' OR 1=1 --", "😀"])
    def test_a_wrong_one_says_the_same_whoever_it_is(self, client: FlaskClient, name: str) -> None:
        answer = enter(client, name, "wrong")
        assert answer.status_code == 401
        assert "Осталось попыток: 9" in answer.text
        assert not is_in(client)

    def test_somebody_switched_off_is_as_unknown(self, client: FlaskClient, system: System) -> None:
        with system() as session:
            person(session, "anna").active = False
        assert enter(client).status_code == 401

    def test_takes_as_long_for_an_unknown_name(self, client: FlaskClient, configure: Any) -> None:
        configure(LOGIN_PER_5_MINUTES=1000)
        spent: dict[str, list[float]] = {"anna": [], "nobody": []}
        for _turn in range(12):
            for name, times in spent.items():
                # The processor's time: whatever else the machine does would only blur it.
                begun = time.thread_time()
                enter(client, name, "wrong")
                times.append(time.thread_time() - begun)
        known, unknown = (statistics.median(times) for times in spent.values())
        assert abs(known - unknown) < 0.15 * known, (known, unknown)

    def test_the_cookie_is_closed_to_scripts_and_other_sites(self, client: FlaskClient) -> None:
        cookie = enter(client).headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie

    def test_nothing_of_the_strangers_cookie_is_kept(self, client: FlaskClient) -> None:
        with client.session_transaction() as cookie:
            cookie["planted"] = "x"
        enter(client)
        with client.session_transaction() as cookie:
            assert "planted" not in cookie

    @pytest.mark.parametrize(
        "target",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
         "http:evil.example", "/\t/evil.example", "https://localhost.evil.example/"],
    )  # fmt: skip
    def test_leads_nowhere_else(self, client: FlaskClient, target: str) -> None:
        answer = client.post("/login/", query_string={"next": target}, data={"username": "anna", "password": PASSWORD})
        assert answer.headers["Location"] in {"/", "/login/"}

    def test_leads_back_to_the_page_that_was_asked_for(self, client: FlaskClient) -> None:
        asked = client.get("/people/?show=left")
        assert asked.status_code == 302
        answer = client.post(asked.headers["Location"], data={"username": "admin", "password": PASSWORD})
        assert answer.headers["Location"] == "/people/?show=left"

    def test_the_forms_token_is_asked_for(self, client: FlaskClient, csrf: None) -> None:
        assert enter(client).status_code == 400
        shown = client.get("/login/").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        assert found
        data = {"username": "anna", "password": PASSWORD, "csrf_token": found[1]}
        assert client.post("/login/", data=data).status_code == 302

    def test_the_api_asks_for_it_when_a_cookie_stands_for_the_token(
        self, client: FlaskClient, login: Login, csrf: None
    ) -> None:
        anna = login("anna")
        shown = re.search(r'name="csrf-token" content="([^"]+)"', anna.get("/me/").text)
        assert shown
        assert anna.post("/api/v1/tasks/", json={}).status_code == 400
        refused = anna.post("/api/v1/tasks/", json={}, headers={"X-CSRFToken": shown[1]})
        assert refused.status_code == 422
        bearer = token(client).get_json()["access_token"]
        assert client.post("/api/v1/tasks/", json={}, headers={"Authorization": f"Bearer {bearer}"}).status_code == 422

    def test_the_page_is_kept_by_no_cache(self, client: FlaskClient) -> None:
        assert client.get("/login/").headers["Cache-Control"] == "no-store"


class TestDemo:
    def test_its_people_are_offered_and_their_password_works(
        self, client: FlaskClient, system: System, configure: Any
    ) -> None:
        with system() as session:
            anna = person(session, "anna")
            anna.demo, anna.password = True, staff.hash_password("demo")
        assert "v-demobox" not in client.get("/login/").text
        assert enter(client, "anna", "demo").status_code == 401
        configure(DEMO=True)
        assert "v-demobox" in client.get("/login/").text
        assert enter(client, "anna", "demo").status_code == 302

    def test_the_demo_password_opens_no_other_account(
        self, client: FlaskClient, system: System, configure: Any
    ) -> None:
        configure(DEMO=True)
        with system() as session:
            person(session, "anna").password = staff.hash_password("demo")
        assert enter(client, "anna", "demo").status_code == 401
        assert token(client, "anna", "demo").status_code == 401


class TestEnding:
    """A cookie or token that was copied before must be worth nothing afterwards."""

    def test_log_out_ends_this_device_and_no_other(self, app: Flask, login: Login) -> None:
        here, there = login("anna"), login("anna")
        copied = here.get_cookie("voronka")
        assert copied
        here.post("/logout/")
        thief = app.test_client()
        thief.set_cookie("voronka", copied.value)
        assert not is_in(thief)
        assert not is_in(here)
        assert is_in(there)

    def test_log_out_is_no_link(self, login: Login) -> None:
        client = login("anna")
        assert client.get("/logout/").status_code == 405
        assert is_in(client)

    def test_log_out_everywhere_ends_cookies_and_tokens(self, client: FlaskClient, login: Login) -> None:
        bearer = token(client).get_json()["access_token"]
        here, there = login("anna"), login("anna")
        assert is_in(client, bearer)
        assert here.post("/me/end-sessions").status_code == 302
        assert not is_in(here)
        assert not is_in(there)
        assert not is_in(client, bearer)

    def test_a_new_password_ends_the_others_and_keeps_this_one(self, client: FlaskClient, login: Login) -> None:
        bearer = token(client).get_json()["access_token"]
        here, there = login("anna"), login("anna")
        old = here.get_cookie("voronka")
        answer = here.post("/me/password", data={"current": PASSWORD, "password": NEW, "again": NEW})
        assert answer.status_code == 302
        assert is_in(here)
        assert not is_in(there)
        assert not is_in(client, bearer)
        assert old
        there.set_cookie("voronka", old.value)
        assert not is_in(there)

    def test_whoever_is_switched_off_is_out_at_once(self, client: FlaskClient, login: Login, system: System) -> None:
        answer = token(client).get_json()
        anna, admin = login("anna"), login("admin")
        with system() as session:
            pk = person(session, "anna").id
        assert admin.post(f"/people/off/{pk}").status_code == 302
        assert not is_in(anna)
        assert not is_in(client, answer["access_token"])
        refreshed = client.post(
            "/api/v1/security/refresh", headers={"Authorization": f"Bearer {answer['refresh_token']}"}
        )
        assert refreshed.status_code == 401

    def test_an_administrator_logs_a_person_out(self, login: Login, system: System) -> None:
        anna = login("anna")
        with system() as session:
            pk = person(session, "anna").id
        login("admin").post(f"/people/end-sessions/{pk}")
        assert not is_in(anna)

    def test_a_token_is_ended_by_its_own_log_out(self, client: FlaskClient) -> None:
        one, two = (token(client).get_json()["access_token"] for _turn in range(2))
        client.post("/api/v1/security/logout", headers={"Authorization": f"Bearer {one}"})
        assert not is_in(client, one)
        assert is_in(client, two)

    def test_a_log_in_that_nobody_used_for_long_is_over(self, app: Flask, login: Login, system: System) -> None:
        client = login("anna")
        with system() as session:
            for row in session.execute(select(SignIn)).scalars():
                row.seen_at = utcnow() - 2 * app.config["PERMANENT_SESSION_LIFETIME"]
        assert not is_in(client)

    @pytest.mark.parametrize("value", ["", "x", "eyJ.x.y"])
    def test_a_forged_cookie_is_nobody(self, client: FlaskClient, value: str) -> None:
        client.set_cookie("voronka", value)
        assert not is_in(client)

    def test_anothers_key_does_not_open_ones_account(self, app: Flask, login: Login) -> None:
        anna, admin = login("anna"), login("admin")
        with admin.session_transaction() as cookie:
            number = cookie["_user_id"]
        with anna.session_transaction() as cookie:
            cookie["_user_id"] = number
        assert not is_in(anna)

    @pytest.mark.parametrize("bearer", ["x", "a.b.c", ""])
    def test_a_broken_token_is_refused(self, client: FlaskClient, bearer: str) -> None:
        answer = client.get("/api/v1/deals/", headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status_code in {401, 422}

    def test_a_cookie_does_not_stand_in_for_a_bad_token(self, login: Login) -> None:
        answer = login("anna").get("/api/v1/deals/", headers={"Authorization": "Bearer x.y.z"})
        assert answer.status_code in {401, 422}


class TestLimits:
    def test_ten_wrong_ones_and_the_door_stays_shut(self, client: FlaskClient) -> None:
        for _turn in range(10):
            assert enter(client, "anna", "wrong").status_code == 401
        answer = enter(client)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 300
        assert "Подождите" in answer.text

    def test_both_doors_count_together(self, client: FlaskClient) -> None:
        for _turn in range(5):
            assert enter(client, "anna", "wrong").status_code == 401
            assert token(client, "anna", "wrong").status_code == 401
        answer = token(client)
        assert answer.status_code == 429
        assert "Retry-After" in answer.headers
        assert answer.get_json()["error"]["words"]

    def test_an_account_is_guarded_from_many_addresses(self, client: FlaskClient) -> None:
        for turn in range(10):
            enter(client, "anna", "wrong", environ_base={"REMOTE_ADDR": f"10.0.0.{turn}"})
        assert enter(client, "anna", environ_base={"REMOTE_ADDR": "10.0.1.1"}).status_code == 429

    def test_its_owner_still_comes_in_from_where_they_have_been(self, client: FlaskClient, app: Flask) -> None:
        home = {"REMOTE_ADDR": "10.9.9.9"}
        assert enter(client, "anna", environ_base=home).status_code == 302
        for turn in range(10):
            enter(app.test_client(), "anna", "wrong", environ_base={"REMOTE_ADDR": f"10.0.0.{turn}"})
        assert enter(app.test_client(), "anna", environ_base=home).status_code == 302

    def test_right_ones_are_not_counted(self, app: Flask) -> None:
        for _turn in range(15):
            assert enter(app.test_client()).status_code == 302

    def test_a_forwarded_address_is_not_believed(self, client: FlaskClient) -> None:
        for turn in range(10):
            enter(client, f"nobody{turn}", "wrong", headers={"X-Forwarded-For": f"10.0.0.{turn}"})
        assert enter(client).status_code == 429

    def test_are_counted_without_redis_too(self, app: Flask, client: FlaskClient) -> None:
        app.extensions["limits"].asleep_until = time.monotonic() + 60
        try:
            for _turn in range(10):
                assert enter(client, "anna", "wrong").status_code == 401
            assert enter(client).status_code == 429
        finally:
            app.extensions["limits"].asleep_until = 0.0
