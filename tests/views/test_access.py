"""The matrix of access: every page as every role, against the policy file; and probes for what leaks at the edges."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.security import ROLES, actor_of_person
from models.clients import ContactPoint
from models.deals import Deal
from models.ground import conditions
from models.ground.history import Change
from models.tasks import Task
from tests.scene import belongings, person

POLICY = yaml.safe_load((Path(__file__).parent.parent / "vectors" / "access.yaml").read_text("utf-8"))
PERMISSIONS: dict[str, list[str]] = POLICY["permissions"]
PAGES: dict[str, str] = POLICY["pages"]
PEOPLE = {
    "director": "director", "anna": "manager", "pavel": "surveyor", "sergey": "master", "nina": "accountant",
    "admin": "administrator",
}  # fmt: skip
System = Callable[[], Any]


def asked_of(app: Flask, endpoint: str) -> str:
    """What the page itself asks for."""
    function: Any = app.view_functions[endpoint]
    blueprint, _dot, name = endpoint.rpartition(".")
    views = {view.endpoint: view for view in app.appbuilder.baseviews}  # type: ignore[attr-defined]
    view = views.get(blueprint)
    if getattr(function, "is_open", False):
        return "open"
    if name in {"action", "action_post"}:
        return "action"
    permission = getattr(function, "_permission_name", None)
    if permission and view is not None:
        return f"{view.class_permission_name}.can_{view.method_permission_name.get(name, permission)}"
    return ""


class TestPolicy:
    def test_names_every_page(self, application: Flask) -> None:
        assert set(application.view_functions) == set(PAGES)

    def test_names_every_permission_of_the_closed_list(self) -> None:
        assert set(PERMISSIONS) == {f"{view}.{name}" for view, names in ROLES.items() for name in names}

    def test_is_what_each_page_asks_for(self, application: Flask) -> None:
        for endpoint, said in PAGES.items():
            asked = asked_of(application, endpoint)
            if said in {"everybody", "closed"} or endpoint.endswith("static"):
                assert asked == "", endpoint
            else:
                assert asked == said, endpoint
                assert said in {"open", "action", *PERMISSIONS}, endpoint

    def test_holds_for_actions_too(self, application: Flask) -> None:
        for view in application.appbuilder.baseviews:  # type: ignore[attr-defined]
            for name in getattr(view, "actions", None) or {}:
                assert f"{view.class_permission_name}.{view.get_action_permission_name(name)}" in PERMISSIONS, name

    @pytest.mark.parametrize(("username", "role"), PEOPLE.items())
    def test_is_what_the_shipped_roles_give(self, app: Flask, system: System, username: str, role: str) -> None:
        with system() as session:
            actor = actor_of_person(person(session, username))
        for permission, roles in PERMISSIONS.items():
            view, _dot, name = permission.rpartition(".")
            assert actor.may(name, view) == (role in roles or role == "administrator"), permission


def requests_of(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every page with an address and a method that it answers."""
    for rule in app.url_map.iter_rules():
        said = PAGES[rule.endpoint]
        if said in {"open", "closed", "action"}:
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: "deal" if found[1] == "noun" else "1", rule.rule)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, address


class TestEveryPage:
    @pytest.mark.parametrize(("username", "role"), PEOPLE.items())
    def test_answers_403_exactly_to_those_without_the_right(
        self, app: Flask, login: Any, system: System, username: str, role: str
    ) -> None:
        with system() as session:
            belongings(session, "stranger", "тайна")
        wrong, client = [], login(username)
        for rule, method, address in requests_of(app):
            if rule.endpoint in {"Me.end_sessions", "Me.password", "SignInApi.logout", "SignInApi.refresh"}:
                continue
            said = PAGES[rule.endpoint]
            may = said == "everybody" or role == "administrator" or role in PERMISSIONS[said]
            answer = client.open(address, method=method, json={} if address.startswith("/api/") else None)
            is_denied = answer.status_code in {401, 403}
            if is_denied == may or answer.status_code >= 500:
                wrong.append((method, address, answer.status_code, may))
        assert wrong == []

    def test_is_closed_to_strangers(self, app: Flask, client: FlaskClient) -> None:
        wrong = []
        for _rule, method, address in requests_of(app):
            answer = client.open(address, method=method)
            to_the_door = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
            if not to_the_door and answer.status_code != 401:
                wrong.append((method, address, answer.status_code))
        assert wrong == []


MARK = "канарейка"
# What has no page of its own for one row, or is written by the system alone.
ROW_PAGES = {
    "deal": ("/deals/{number}", "/deals/show/{id}", "/deals/edit/{id}", "/deals/{number}/estimate",
             "/deals/{number}/gates", "/deals/{number}/feed", "/api/v1/deals/{id}", "/api/v1/deals/{number}"),
    "lead": ("/leads/{id}", "/leads/show/{id}", "/leads/edit/{id}", "/api/v1/leads/{id}"),
    "client": ("/clients/{id}", "/clients/show/{id}", "/clients/edit/{id}", "/api/v1/clients/{id}"),
    "task": ("/tasks/show/{id}", "/tasks/edit/{id}", "/api/v1/tasks/{id}"),
    "visit": ("/visits/{id}", "/visits/{id}/finish", "/visits/{id}/cancel"),
    "estimate": ("/estimates/show/{id}",),
    "document": ("/documents/show/{id}", "/documents/row/{id}"),
    "payment": ("/payments/show/{id}",),
    "shipment": ("/shipments/show/{id}",),
    "stored_file": ("/files/{id}",),
    "notice": ("/notices/open/{id}",),
}  # fmt: skip
LISTS = (
    "/leads/list/", "/deals/board/", "/deals/list/", "/clients/list/", "/tasks/list/", "/tasks/board",
    "/tasks/idle", "/calendar/?as=month&view=team", "/calendar/", "/visits/", "/documents/list/", "/invoices/",
    "/payments/list/", "/shipments/list/", "/estimates/list/", "/notices/", "/dashboard/", "/trash/?noun=deal",
    "/trash/?noun=client", "/api/v1/deals/", "/api/v1/leads/", "/api/v1/clients/", "/api/v1/tasks/",
    "/ref/client?q=Клиент", "/ref/deal?q=Сделка", "/ref/lead?q=Лид", "/clients/list/?q=Клиент",
    "/deals/list/?q=Сделка", "/leads/list/?q=Лид",
)  # fmt: skip


def tables_of(rule: Rule) -> list[str]:
    """Whose keys stand in the address of a page."""
    noun = rule.endpoint.partition(".")[0].removesuffix("Api").removesuffix("s").lower()
    if noun == "trash":
        return ["deal", "client", "lead", "task", "payment", "shipment"]
    return [noun, "deal"] if noun in ROW_PAGES else ["deal"]


@pytest.fixture
def foreign(app: Flask, system: System) -> dict[str, dict[str, Any]]:
    """Everything that belongs to a manager of another team."""
    with system() as session:
        rows = belongings(session, "stranger", MARK, 6001)
        return {table: {"id": row.id, "number": getattr(row, "number", "")} for table, row in rows.items()}


class TestLeaks:
    """Another's rows: by every door that could show or change them, and the state afterwards."""

    def test_no_list_shows_anothers_words(self, login: Any, foreign: Any) -> None:
        client, owner = login("anna"), login("stranger")
        shown = 0
        for address in LISTS:
            answer = client.get(address)
            assert answer.status_code in {200, 403}, address
            assert MARK not in answer.text, address
            shown += MARK in owner.get(address).text
        assert shown > 10

    def test_anothers_row_is_not_found(self, login: Any, foreign: Any) -> None:
        client = login("anna")
        for table, addresses in ROW_PAGES.items():
            for address in addresses:
                answer = client.get(address.format(**foreign[table]), follow_redirects=True)
                assert answer.status_code in {403, 404}, address
                assert MARK not in answer.text, address

    def test_no_post_changes_anything_of_anothers(self, app: Flask, login: Any, foreign: Any, system: System) -> None:
        before = snapshot(system, foreign)
        client = login("anna")
        wrong = []
        for rule, method, _address in requests_of(app):
            if method == "GET" or rule.endpoint.partition(".")[0] in {"Me", "SignInApi", "Notices"}:
                continue
            for table in tables_of(rule):
                row = foreign[table]
                address = re.sub(r"<(?:\w+:)?noun>", table, rule.rule)
                address = re.sub(r"<(?:\w+:)?number>", str(row["number"] or row["id"]), address)
                address = re.sub(r"<[^>]+>", str(row["id"]), address)
                ids = {"rowid": row["id"], "ids": row["id"], "id": row["id"], "deal": row["id"], "client": row["id"]}
                typed = ids | {"words": "чужое", "title": "чужое", "stage": "2", "owner": "1", "action": "take"}
                body = {"json": typed} if address.startswith("/api/") else {"data": typed}
                answer = client.open(address, method=method, **body)
                if answer.status_code >= 500 or MARK in answer.text:
                    wrong.append((method, address, answer.status_code))
        assert wrong == []
        assert snapshot(system, foreign) == before

    def test_nothing_is_planted_into_anothers_deal(self, login: Any, foreign: Any, system: System) -> None:
        client, deal = login("anna"), foreign["deal"]
        number, pk = deal["number"], deal["id"]
        for address, data in (
            ("/tasks/add", {"title": "подкидыш", "deal": str(pk), "due_at": ""}),
            (f"/deals/{number}/note", {"words": "подкидыш"}),
            ("/payments/record", {"deal": str(number), "amount": "1", "paid_on": "2026-01-01"}),
            ("/shipments/record", {"deal": str(number), "shipped_on": "2026-01-01"}),
            ("/documents/issue", {"deal": str(number), "share": "50", "request_key": "x"}),
        ):
            assert client.post(address, data=data).status_code < 500
        assert client.post("/api/v1/tasks/", json={"title": "подкидыш", "deal": pk}).status_code in {400, 404, 409, 422}
        with system() as session:
            session.expire_all()
            assert counted(session, pk) == 1


def snapshot(system: System, foreign: Any) -> list[Any]:
    """What the other's rows are now, column by column."""
    tables: dict[str, Any] = {cls.__tablename__: cls for cls in conditions.OWNED}
    with system() as session:
        rows = [(table, session.get(tables[table], row["id"], execution_options={"with_deleted": True}))
                for table, row in foreign.items() if table != "change"]  # fmt: skip
        return [(table, {k: v for k, v in vars(row).items() if not k.startswith("_")}) for table, row in rows]


def counted(session: Any, deal_id: int) -> int:
    return session.query(Task).filter(Task.deal_id == deal_id).count()


class TestMasks:
    """A surveyor and a master see neither cost, margin and sum, nor a client's phone and mail: at no door."""

    @pytest.fixture
    def given(self, app: Flask, system: System) -> dict[str, Any]:
        with system() as session:
            rows = belongings(session, "anna", "общее", 6100)
            deal: Deal = rows["deal"]
            deal.amount = 7654321
            rows["estimate"].total, rows["estimate"].cost = 7654321, 1234567
            rows["estimate_line"].cost, rows["shipment"].cost = 1234567, 1234567
            rows["payment"].amount = 7654321
            rows["document"].amount = 7654321
            session.add(ContactPoint(client_id=deal.client_id, kind="phone", value="+79995554433"))
            for name in ("pavel", "sergey"):
                session.add(Task(title="Сделать", deal_id=deal.id, assignee_id=person(session, name).id))
            session.flush()
            session.add(Change(table="deal", row_id=deal.id, deal_id=deal.id, field="amount", old="1", new="7654321",
                               at=deal.stage_since, actor_name="x"))  # fmt: skip
            return {"id": deal.id, "number": deal.number, "client": deal.client_id}

    @pytest.mark.parametrize("username", ["pavel", "sergey"])
    def test_hidden_values_are_on_no_page(self, app: Flask, login: Any, given: Any, username: str) -> None:
        client = login(username)
        assert client.get(f"/deals/{given['number']}").status_code == 200
        addresses = [
            f"/deals/{given['number']}", f"/deals/{given['number']}/feed", f"/clients/{given['client']}",
            f"/deals/{given['number']}/estimate", f"/api/v1/deals/{given['id']}", f"/api/v1/clients/{given['client']}",
            *LISTS,
        ]  # fmt: skip
        for address in addresses:
            text = re.sub(r"[\s\u00a0\u202f]", "", client.get(address).text)
            for secret in ("7654321", "1234567", "9995554433", "5554433", "общее@client.test", "7,65"):
                assert secret not in text, (address, secret)

    def test_nobody_finds_out_by_searching(self, login: Any, given: Any) -> None:
        client = login("sergey")
        for address in ("/clients/list/", "/deals/list/", "/ref/client", "/ref/deal", "/api/v1/clients/"):
            for asked in ("5554433", "общее@client.test", "+79995554433"):
                answer = client.get(address, query_string={"q": asked})
                assert "Клиент общее" not in answer.text, (address, asked)
                assert "Сделка общее" not in answer.text, (address, asked)

    def test_nobody_orders_or_filters_by_it(self, login: Any, given: Any) -> None:
        client = login("sergey")
        for view in ("Deals", "Clients"):
            for column in ("amount", "phone", "email", "client.phone", "owner.password", "extra"):
                base = f"/{view.lower()}/list/"
                assert client.get(f"{base}?_oc_{view}={column}&_od_{view}=asc").status_code == 400, column
                assert client.get(f"{base}?_flt_0_{column}=1").status_code == 400, column
