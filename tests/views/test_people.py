"""People, teams, roles and own settings: by the doors, with what each refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.security import actor_of_person
from app.services import roles
from models.ground.actor import Scope
from models.ground.history import Change, Event
from models.staff import Person, RoleReach, Team
from tests.cast import PASSWORD
from tests.scene import person

Login = Callable[..., FlaskClient]
System = Callable[[], Any]
NEW = {"username": "petr", "first_name": "Пётр", "last_name": "К", "email": "petr@parus.test", "roles": ["manager"]}


def key(system: System, username: str) -> int:
    with system() as session:
        return person(session, username).id


def role_key(system: System, code: str) -> int:
    with system() as session:
        return int(session.execute(select(RoleReach.role_id).where(RoleReach.code == code)).scalar_one())


class TestPeople:
    @pytest.mark.parametrize(
        ("field", "value"),
        [("username", "Анна"), ("username", "x"), ("username", "ANNA"), ("username", "a b"), ("username", "a\x00b"),
         ("email", "нет"), ("email", "anna@parus.test"), ("email", "ANNA@parus.test"), ("first_name", "  "),
         ("first_name", "х" * 65), ("phone", "позвони"), ("roles", []), ("roles", ["king"]), ("lead_share", "0100500"),
         ("lead_share", "9" * 5000)],
    )  # fmt: skip
    def test_an_invitation_that_cannot_be_is_told_at_its_field(
        self, login: Login, system: System, field: str, value: Any
    ) -> None:
        answer = login("admin").post("/people/add", data=NEW | {"post": "набрано", field: value})
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text
        assert "набрано" in answer.text
        with system() as session:
            assert session.execute(select(Person).where(Person.email == "petr@parus.test")).first() is None

    def test_a_changed_person_is_in_history(self, login: Login, system: System) -> None:
        pk = key(system, "oleg")
        said = {"username": "oleg", "first_name": "Олег", "last_name": "Новый", "email": "oleg@parus.test",
                "roles": ["manager", "surveyor"], "phone": "8 912 345-67-89"}  # fmt: skip
        assert login("admin").post(f"/people/edit/{pk}", data=said).status_code == 302
        with system() as session:
            oleg = session.get_one(Person, pk)
            assert (oleg.last_name, oleg.phone, oleg.takes_leads) == ("Новый", "+79123456789", False)
            fields = session.execute(
                select(Change.field).where(Change.table == "ab_user", Change.row_id == pk)
            ).scalars()
            assert {"last_name", "phone", "takes_leads"} <= set(fields)
            names = session.execute(select(Event.name).where(Event.table == "ab_user")).scalars().all()
            assert "person.roles" in names

    def test_somebody_who_leaves_can_come_back(self, app: Flask, login: Login, system: System) -> None:
        admin, pk = login("admin"), key(system, "oleg")
        assert admin.post(f"/people/off/{pk}").status_code == 302
        with system() as session:
            oleg = session.get_one(Person, pk)
            assert (oleg.active, oleg.takes_leads) == (False, False)
        assert "Олег Дёмин" in admin.get("/people/?show=left").text
        assert admin.post(f"/people/on/{pk}").status_code == 302
        entered = app.test_client().post("/login/", data={"username": "oleg", "password": PASSWORD})
        assert entered.status_code == 302

    def test_nobody_switches_off_himself_or_the_last_administrator(self, login: Login, system: System) -> None:
        admin, pk = login("admin"), key(system, "admin")
        assert admin.post(f"/people/off/{pk}").status_code == 409
        said = {"username": "admin", "first_name": "Алиса", "email": "admin@parus.test", "roles": ["manager"]}
        assert admin.post(f"/people/edit/{pk}", data=said).status_code == 422
        assert admin.get("/people/").status_code == 200

    def test_whoever_is_no_administrator_makes_none(self, login: Login, system: System) -> None:
        """A director who was given the pages of people is still no administrator, and cannot act as one."""
        role, pk = role_key(system, "director"), key(system, "admin")
        with system() as session:
            row = session.get_one(Role, role)
            row.permissions = [*row.permissions, *(roles.permission(n, "People") for n in ("can_add", "can_edit", "can_delete")),
                               *(roles.permission(n, "Roles") for n in ("can_list", "can_add", "can_edit"))]  # fmt: skip
        director, mine = login("director"), key(system, "director")
        assert director.post("/people/add", data=NEW | {"roles": ["administrator"]}).status_code == 409
        answer = director.post("/people/add", data=NEW)
        assert answer.status_code == 200
        for address in (f"/people/{verb}/{pk}" for verb in ("link", "off", "on", "end-sessions")):
            assert director.post(address).status_code == 409
        said = {"username": "director", "first_name": "В", "email": "director@parus.test", "roles": ["administrator"]}
        assert director.post(f"/people/edit/{mine}", data=said).status_code == 409
        form = {"ru": "Директор", "home": "dashboard", "permissions": ["Channels.can_list"]}
        assert director.post(f"/roles/edit/{role}", data=form).status_code == 409
        other = role_key(system, "manager")
        assert director.post(f"/roles/edit/{other}", data=form | {"permissions": ["Roles.can_edit"]}).status_code == 409
        with system() as session:
            assert not actor_of_person(person(session, "director")).everything

    def test_several_roles_lead_to_the_home_used_last(self, login: Login, system: System) -> None:
        with system() as session:
            anna = person(session, "anna")
            anna.roles = [*anna.roles, *person(session, "nina").roles]
        client = login("anna")
        assert client.get("/").headers["Location"] == "/day/"
        client.get("/invoices/")
        assert client.get("/").headers["Location"] == "/invoices/"

    @pytest.mark.parametrize(
        ("username", "home"),
        [("anna", "/day/"), ("pavel", "/visits/"), ("sergey", "/tasks/"), ("director", "/dashboard/"),
         ("admin", "/people/"), ("nina", "/invoices/")],
    )  # fmt: skip
    def test_each_role_has_its_first_screen(self, login: Login, username: str, home: str) -> None:
        assert login(username).get("/").headers["Location"].startswith(home)


class TestTeams:
    def test_the_head_reaches_what_the_people_own_from_the_next_page_on(self, login: Login, system: System) -> None:
        stranger, oleg = key(system, "stranger"), key(system, "oleg")
        data = {"name": "Новая", "head": str(stranger), "members": [str(oleg)]}
        assert login("admin").post("/people/teams/add", data=data).status_code == 302
        with system() as session:
            assert oleg in actor_of_person(person(session, "stranger")).own_ids
            assert oleg not in actor_of_person(person(session, "marina")).own_ids
            team = session.execute(select(Team).where(Team.name == "Новая")).scalar_one().id
        assert login("admin").post(f"/people/teams/delete/{team}").status_code == 302
        with system() as session:
            assert session.get_one(Person, oleg).team_id is None

    @pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "продажи"), ("head", "999999")])
    def test_a_team_that_cannot_be_is_told_at_its_field(self, login: Login, field: str, value: str) -> None:
        answer = login("admin").post("/people/teams/add", data={"name": "Новая", field: value})
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text

    @pytest.mark.parametrize("value", ["abc", "-1", "9" * 30])
    def test_a_broken_key_is_refused(self, login: Login, value: str) -> None:
        assert login("admin").post("/people/teams/add", data={"name": "Новая", "head": value}).status_code == 400


class TestRoles:
    def test_what_is_changed_holds_from_the_next_page_on_and_is_in_history(self, login: Login, system: System) -> None:
        pk, anna = role_key(system, "manager"), login("anna")
        assert anna.get("/clients/list/").status_code == 200
        form = {
            "ru": "Продавец", "home": "deals", "reading.deal": "team", "writing.deal": "all", "reading.lead": "own",
            "hidden": ["estimate.margin"], "permissions": ["Deals.can_list", "Deals.can_show", "Me.can_edit"],
        }  # fmt: skip
        assert login("admin").post(f"/roles/edit/{pk}", data=form).status_code == 302
        assert anna.get("/clients/list/").status_code == 403
        with system() as session:
            actor = actor_of_person(person(session, "anna"))
            assert (actor.reads("deal"), actor.reads("client")) == (Scope.TEAM, Scope.NONE)
            assert actor.writes("deal") is Scope.TEAM, "nobody writes what he cannot read"
            assert not actor.sees("estimate.margin")
            changed = select(Change.field).where(Change.table == "role_reach", Change.row_id == pk, Change.field != "")
            assert {"reading", "writing", "hidden", "names", "home"} == set(session.execute(changed).scalars())
            (event,) = session.execute(select(Event).where(Event.name == "role.permissions")).scalars()
            assert "Clients.can_list" in event.data["taken"]

    def test_the_matrix_says_it_in_words(self, login: Login) -> None:
        html = login("admin").get("/roles/").text
        for words in (
            "Менеджер",
            "Бухгалтер",
            "своё",
            "порученное",
            "команды",
            "Маржа сметы",
            "видеть список, открывать",
        ):
            assert words in html
        assert "can_" not in re.sub(r'"[^"]*"', "", html)

    def test_the_administrators_role_is_fixed(self, login: Login, system: System) -> None:
        pk = role_key(system, "administrator")
        assert login("admin").post(f"/roles/edit/{pk}", data={"ru": "x", "home": "leads"}).status_code == 409
        assert login("admin").post(f"/roles/delete/{pk}").status_code == 409

    def test_a_role_is_drawn_like_another_given_and_removed(self, login: Login, system: System) -> None:
        admin, like, pk = login("admin"), role_key(system, "accountant"), key(system, "oleg")
        made = admin.post("/roles/add", data={"ru": "Кассир", "en": "Cashier", "like": str(like)})
        assert made.status_code == 302
        number = int(made.headers["Location"].rpartition("/")[2])
        with system() as session:
            code = session.get_one(RoleReach, number).code
        said = {"username": "oleg", "first_name": "Олег", "email": "oleg@parus.test", "roles": [code]}
        assert admin.post(f"/people/edit/{pk}", data=said).status_code == 302
        assert login("oleg").get("/payments/list/").status_code == 200
        assert admin.post(f"/roles/delete/{number}").status_code == 409
        assert admin.post(f"/people/edit/{pk}", data=said | {"roles": ["manager"]}).status_code == 302
        assert admin.post(f"/roles/delete/{number}").status_code == 302

    @pytest.mark.parametrize(
        "form", [{"reading.deal": "galaxy"}, {"permissions": ["Deals.can_fly"]}, {"permissions": ["x"]}, {"ru": ""}]
    )
    def test_what_cannot_be_meant_is_refused(self, login: Login, system: System, form: dict[str, Any]) -> None:
        pk = role_key(system, "manager")
        answer = login("admin").post(f"/roles/edit/{pk}", data={"ru": "Менеджер", "home": "leads"} | form)
        assert answer.status_code in {400, 409, 422}
        with system() as session:
            assert actor_of_person(person(session, "anna")).may("can_list", "Leads")


class TestOwnSettings:
    SAID = {"language": "en", "zone": "Asia/Yekaterinburg", "theme": "dark", "phone": "", "single_keys": "y"}

    def test_language_and_zone_hold_from_the_next_page_on(self, login: Login, system: System) -> None:
        client = login("anna")
        assert 'lang="ru"' in client.get("/me/").text
        assert client.post("/me/", data=self.SAID).status_code == 302
        assert 'lang="en"' in client.get("/me/").text
        with system() as session:
            anna = person(session, "anna")
            assert (anna.zone, anna.theme, anna.single_keys) == ("Asia/Yekaterinburg", "dark", True)

    @pytest.mark.parametrize(
        ("field", "value"), [("language", "fr"), ("zone", "Mars/Base"), ("theme", "pink"), ("phone", "звони")]
    )
    def test_what_cannot_be_is_told_at_its_field(self, login: Login, field: str, value: str) -> None:
        answer = login("anna").post("/me/", data=self.SAID | {field: value})
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text

    def test_notices_are_chosen_one_by_one(self, login: Login, system: System) -> None:
        chosen = ["lead.received:bell", "lead.received:email", "task.added:bell"]
        assert login("anna").post("/me/notices/", data={"notify": chosen}).status_code == 302
        with system() as session:
            events = person(session, "anna").notify["events"]
            others = {"push": False, "telegram": False, "apprise": False}
            assert events["lead.received"] == {"bell": True, "email": True} | others
            assert events["task.added"] == {"bell": True, "email": False} | others
            assert events["deal.assigned"] == {"bell": False, "email": False} | others

    @pytest.mark.parametrize(
        ("form", "field"),
        [({"current": "не тот"}, "current"), ({"again": "другое"}, "again"),
         ({"password": "коротко", "again": "коротко"}, "password")],
    )  # fmt: skip
    def test_a_new_password_asks_for_the_current_one(self, login: Login, form: dict[str, str], field: str) -> None:
        good = "зелёный чайник поёт на рассвете"
        client = login("anna")
        answer = client.post("/me/password", data={"current": PASSWORD, "password": good, "again": good} | form)
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text
        assert client.get("/me/").status_code == 200


def test_every_page_of_the_matrix_of_rights_has_a_name(login):
    names = re.findall(r'<th scope="row">([^<]+)</th>', login("admin").get("/roles/").get_data(as_text=True))
    assert "Лиды из файла" in names
    assert not [name for name in names if re.fullmatch(r"[A-Z][A-Za-z]+", name)]
