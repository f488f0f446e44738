"""One-time links: invitations, forgotten passwords, the first administrator; which passwords are taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.jobs import passwords
from app.services import staff
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.notices import Delivery
from models.staff import LinkKind, OneTimeLink, Person
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


def link_of(app: Flask, username: str = "anna", kind: Any = LinkKind.PASSWORD) -> str:
    with app.app_context(), acting_as(SYSTEM) as session:
        address = staff.send_link(person(session, username), kind)
        session.commit()
    return address.removeprefix("http://localhost")


class TestLinks:
    def test_an_invitation_sets_a_password_and_lets_in(self, app: Flask, client: FlaskClient, login: Login) -> None:
        data = {"username": "petr", "first_name": "Пётр", "email": "petr@parus.test", "roles": ["manager"]}
        shown = login("admin").post("/people/add", data=data).text
        found = re.search(r"http://localhost(/login/link/[\w-]+)", shown)
        assert found
        assert "petr" in client.get(found[1]).text
        answer = client.post(found[1], data={"password": NEW, "again": NEW})
        assert answer.status_code == 302
        assert is_in(client)
        assert enter(app.test_client(), "petr", NEW).status_code == 302

    def test_works_once(self, app: Flask, client: FlaskClient) -> None:
        address = link_of(app)
        assert client.post(address, data={"password": NEW, "again": NEW}).status_code == 302
        assert app.test_client().get(address).status_code == 410
        again = app.test_client().post(address, data={"password": NEW + "!", "again": NEW + "!"})
        assert again.status_code == 410
        assert enter(app.test_client(), "anna", NEW).status_code == 302

    def test_is_void_when_a_newer_one_is_made_or_its_time_is_over(
        self, app: Flask, client: FlaskClient, system: System
    ) -> None:
        first, second = link_of(app), link_of(app)
        assert client.get(first).status_code == 410
        assert client.get(second).status_code == 200
        with system() as session:
            for link in session.execute(select(OneTimeLink)).scalars():
                link.expires_at = utcnow()
        assert client.get(second).status_code == 410

    def test_what_is_wrong_is_said_in_the_visitors_language(self, app: Flask, client: FlaskClient) -> None:
        english = {"Accept-Language": "en"}
        assert "too old" in client.get("/login/link/nope", headers=english).text
        short = client.post(link_of(app), data={"password": "x", "again": "x"}, headers=english)
        assert "At least 12 characters" in short.text

    def test_is_not_kept_in_clear(self, app: Flask, system: System) -> None:
        secret = link_of(app).rpartition("/")[2]
        with system() as session:
            assert secret not in repr([vars(row) for row in session.execute(select(OneTimeLink)).scalars()])

    @pytest.mark.parametrize(
        "password",
        ["коротко", "password1234", "qwertyuiop12", "123456789012", "aaaaaaaaaaaaaa", "abcabcabcabcabc",
         "Anna-anna-2026", "Белова-Белова", "voronka-crm-1", "gfhjkmgfhjkm", "йцукенгшщзхъ"],
    )  # fmt: skip
    def test_a_weak_password_is_refused_and_the_link_stays(
        self, app: Flask, client: FlaskClient, password: str
    ) -> None:
        address = link_of(app)
        answer = client.post(address, data={"password": password, "again": password})
        assert answer.status_code == 422
        assert 'id="password-err"' in answer.text
        assert client.get(address).status_code == 200

    @pytest.mark.parametrize("password", [NEW, "x7#Kq9!vB2m$Lp", "я" * 3 + "дом у реки 1987 " * 4])
    def test_a_good_one_is_taken(self, app: Flask, client: FlaskClient, password: str) -> None:
        assert client.post(link_of(app), data={"password": password, "again": password}).status_code == 302

    @pytest.mark.parametrize("address", ["nope", "x" * 3000, "%00", "а" * 40, "../../etc"])
    def test_an_unknown_one_is_a_page_with_words(self, client: FlaskClient, address: str) -> None:
        assert client.get(f"/login/link/{address}").status_code in {404, 410}

    def test_a_forgotten_password_comes_by_mail(
        self, app: Flask, client: FlaskClient, worker: Callable[[], None], smtp: Any
    ) -> None:
        assert client.post("/password/forgotten", data={"username": "Anna"}).status_code == 302
        worker()
        worker()
        (letter,) = smtp.to("anna@parus.test")
        found = re.search(r"http://localhost(/login/link/[\w-]+)", letter.get_body(("plain",)).get_content())
        assert found
        assert client.post(found[1], data={"password": NEW, "again": NEW}).status_code == 302

    def test_an_unknown_name_gets_the_same_answer_and_no_letter(
        self, client: FlaskClient, worker: Callable[[], None], system: System
    ) -> None:
        known = client.post("/password/forgotten", data={"username": "anna"})
        unknown = client.post("/password/forgotten", data={"username": "nobody"})
        assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
        worker()
        with system() as session:
            assert len(session.execute(select(Delivery)).scalars().all()) == 1

    def test_a_question_that_the_queue_lost_is_answered_all_the_same(
        self, app: Flask, client: FlaskClient, system: System
    ) -> None:
        client.post("/password/forgotten", data={"username": "anna"})
        with app.app_context():
            passwords.unanswered()
        with system() as session:
            assert len(session.execute(select(Delivery)).scalars().all()) == 1


class TestFirstAdministrator:
    def test_introduces_himself_in_an_empty_base(self, app: Flask, client: FlaskClient, system: System) -> None:
        with system() as session:
            for someone in session.execute(select(Person)).scalars():
                session.delete(someone)
            address = staff.first_administrator_link().removeprefix("http://localhost")
        said = {"username": "boss", "first_name": "Ирина", "email": "boss@parus.test", "password": NEW, "again": NEW}
        assert client.post(address, data=said | {"email": "нет"}).status_code == 422
        assert client.post(address, data=said).status_code == 302
        assert client.get("/roles/").status_code == 200
        assert app.test_client().post(address, data=said).status_code == 410

    def test_not_where_somebody_works_already(self, app: Flask, client: FlaskClient, system: System) -> None:
        with system():
            address = staff.first_administrator_link().removeprefix("http://localhost")
        assert client.get(address).status_code == 410
