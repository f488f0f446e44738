"""Generated screens: state per request, bounded lists, references, refusals that keep what was typed, masks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from config import Config
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.ground.base import db, utcnow
from models.lowcode.funnels import Stage
from models.staff import Team
from models.tasks import Task
from tests.conftest import sign_in
from tests.scene import person
from tests.views import probes

System = Callable[[], Any]
FEW, MANY = 20, 130
CANARY = "canary@client.test"


@pytest.fixture(scope="module")
def probing(settings: Config, application: Flask) -> Iterator[Flask]:
    """The application with the probes among its views; made once."""
    made = probes.probing(settings)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def enter(app: Flask, probing: Flask) -> Callable[[str], FlaskClient]:
    """A browser at the probes in which one of the cast is signed in."""

    def enter_as(username: str) -> FlaskClient:
        client = probing.test_client()
        sign_in(probing, client, username)
        return client

    return enter_as


@pytest.fixture
def deals(app: Flask, system: System) -> dict[str, list[int]]:
    """A few deals of Anna and of Oleg in turn, each with a client and a phone; ids by their owner."""
    with system() as session:
        return lay_out(session, FEW)


@pytest.fixture
def many(app: Flask, system: System) -> dict[str, list[int]]:
    """More of them than fit on a page."""
    with system() as session:
        return lay_out(session, MANY)


def lay_out(session: Session, count: int) -> dict[str, list[int]]:
    stage = session.execute(select(Stage).order_by(Stage.id)).scalars().first()
    assert stage is not None
    owners = {name: person(session, name).id for name in ("anna", "oleg")}
    clients = [
        Client(
            name=f"Клиент {number:03}", owner_id=owners[("anna", "oleg")[number % 2]],
            contacts=[ContactPoint(kind="phone", value=f"+7999{number:07}")],
        )
        for number in range(count)
    ]  # fmt: skip
    session.add_all(clients)
    session.flush()
    made = [
        Deal(
            number=2000 + number, title=f"Сделка {('anna', 'oleg')[number % 2]} {number:03}", client_id=client.id,
            owner_id=client.owner_id, funnel_id=stage.funnel_id, stage_id=stage.id, stage_since=utcnow(),
            amount=number * 10,
        )
        for number, client in enumerate(clients)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return {name: [deal.id for deal in made if deal.owner_id == key] for name, key in owners.items()}


def titles(html: str) -> list[str]:
    return re.findall(r"Сделка \w+ \d{3}", html)


class TestStateOfARequest:
    def test_nobody_sees_anothers_filter(self, enter: Callable[[str], FlaskClient], many: Any) -> None:
        wrong: list[str] = []

        def walk(offset: int) -> None:
            client = enter("director")
            for turn in range(80):
                number = 2000 + (offset * 31 + turn) % MANY
                html = client.get(f"/probe-deals/list/?_flt_0_number={number}").text
                if set(titles(html)) != {f"Сделка {('anna', 'oleg')[number % 2]} {number - 2000:03}"}:
                    wrong.append(f"{number}: {set(titles(html))}")

        threads = [threading.Thread(target=walk, args=(offset,)) for offset in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_what_a_request_changes_is_gone_with_it(self, probing: Flask) -> None:
        view = next(v for v in probing.appbuilder.baseviews if isinstance(v, probes.ProbeDeals))  # type: ignore[attr-defined]
        with probing.test_request_context():
            view.list_columns.append("planted")
            view.list_title = "planted"
            view.extra_args["planted"] = 1
            view._filters.add_filter_index("title", 0, ["x"])
            assert "planted" in view.list_columns
        g.pop("view_state", None) if g else None
        with probing.test_request_context():
            assert "planted" not in view.list_columns
            assert view.list_title != "planted"
            assert "planted" not in view.extra_args
            assert view._filters.filters == []


class TestLists:
    def test_show_ones_own_rows_only(self, enter: Any, many: Any) -> None:
        html = enter("anna").get("/probe-deals/list/?psize_ProbeDeals=200").text
        assert len(set(titles(html))) == len(many["anna"])
        assert "oleg" not in "".join(titles(html))

    def test_are_walked_to_the_end_and_back_without_a_gap_or_a_twin(self, enter: Any, many: Any) -> None:
        client, pages, address = enter("director"), [], "/probe-deals/list/?_oc_ProbeDeals=amount&_od_ProbeDeals=asc"
        while address:
            html = client.get(address).text
            pages.append(list(dict.fromkeys(titles(html))))
            found = re.search(r'href="([^"]+)" rel="next"', html)
            address = found[1].replace("&amp;", "&") if found else ""
        assert [len(page) for page in pages] == [50, 50, 30]
        assert len({title for page in pages for title in page}) == MANY
        back = re.search(r'href="([^"]+)" rel="prev"', html)
        assert back
        assert list(dict.fromkeys(titles(client.get(back[1].replace("&amp;", "&")).text))) == pages[1]

    def test_far_pages_come_by_number_too(self, enter: Any, many: Any) -> None:
        html = enter("director").get("/probe-deals/list/?page_ProbeDeals=25&psize_ProbeDeals=5").text
        assert len(set(titles(html))) == 5

    @pytest.mark.parametrize("columns", [5, 100])
    def test_ask_as_many_questions_for_few_rows_as_for_many(
        self, enter: Any, many: Any, columns: int, probing: Flask
    ) -> None:
        client = enter("anna")
        client.get("/probe-deals/list/")
        asked: list[str] = []
        with probing.app_context():
            engine = db.engine

        def note(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            asked.append(text)

        event.listen(engine, "before_cursor_execute", note)
        try:
            client.get(f"/probe-deals/list/?psize_ProbeDeals={columns}")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert len(asked) <= 12, asked

    @pytest.mark.parametrize(
        "asked",
        ["page_ProbeDeals=abc", "page_ProbeDeals=-1", "page_ProbeDeals=99999999999999999999", "page_ProbeDeals=1e3",
         "psize_ProbeDeals=abc", "psize_ProbeDeals=0", "psize_ProbeDeals=-5", "psize_ProbeDeals=5000",
         "_oc_ProbeDeals=nope&_od_ProbeDeals=asc", "_oc_ProbeDeals=owner.password&_od_ProbeDeals=asc",
         "_oc_ProbeDeals=comment&_od_ProbeDeals=asc", "_oc_ProbeDeals=title&_od_ProbeDeals=sideways",
         "_flt_0_amount=abc", "_flt_0_amount=NaN", "_flt_0_amount=1e400", "_flt_0_nope=1", "_flt_9_title=x",
         "_flt_x_title=x", "_flt_0_comment=x", "_flt_0_owner.password=a", "_flt_0_client=abc", "_flt_0_client=-1",
         "_flt_0_client=99999999999999999999", "_flt_0_created_at=32.13.2026", "_flt_0_created_at=0001-01-01",
         "_flt_0_expected_on=9999-12-31", "_flt_0_title=a%00b", "_flt_0_number=99999999999999999999",
         "after=zzz", "after=WyJhIl0", "after=W10", "before=eyJ9", "after=" + "A" * 5000],
    )  # fmt: skip
    def test_what_cannot_be_meant_is_refused(self, enter: Any, deals: Any, asked: str) -> None:
        answer = enter("director").get(f"/probe-deals/list/?{asked}")
        assert answer.status_code == 400
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize("asked", ["_flt_0_title=x' OR 1=1", "q=%25_%27", "_flt_0_title=%25", "q=" + "я" * 3000])
    def test_what_is_odd_finds_nothing_and_breaks_nothing(self, enter: Any, deals: Any, asked: str) -> None:
        answer = enter("director").get(f"/probe-deals/list/?{asked}")
        assert answer.status_code == 200
        assert titles(answer.text) == []

    @pytest.mark.parametrize(
        ("asked", "count"),
        [("_flt_0_title=сделка ANNA", 10), ("_flt_0_number=2005", 1), ("_flt_1_amount=190", 1),
         ("_flt_2_amount=20,00", 3), ("_flt_0_created_at=01.01.2000", 20), ("_flt_1_created_at=2000-01-01", 0),
         ("q=Сделка oleg 00", 5)],
    )  # fmt: skip
    def test_are_filtered(self, enter: Any, deals: Any, asked: str, count: int) -> None:
        assert len(set(titles(enter("director").get(f"/probe-deals/list/?{asked}").text))) == count

    @pytest.mark.parametrize("pk", ["0", "abc", "-1", "1.5", "99999999999999999999", "%00", "' OR 1", "1" * 4000])
    @pytest.mark.parametrize("page", ["show", "edit"])
    def test_an_impossible_row_is_not_found(self, enter: Any, page: str, pk: str) -> None:
        assert enter("admin").get(f"/probe-deals/{page}/{pk}").status_code == 404


def fields(html: str) -> dict[str, str]:
    """What the form would send."""
    form = re.search(r'<form class="v-form" id="form".*?</form>', html, re.DOTALL)
    assert form
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[0]))
    found |= {
        name: body
        for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s?(.*?)</textarea>', form[0], re.DOTALL)
    }
    for name, options in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrf_token", None)
    for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*type="text"[^>]*value="([^"]*)"', form[0]):
        found[name] = value
    return found


class TestForms:
    def test_a_save_changes_the_row_and_goes_back_to_the_list(self, enter: Any, deals: Any, system: System) -> None:
        client, pk = enter("anna"), deals["anna"][3]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text) | {"title": "Новое", "amount": "1 234,50 ₽"}
        assert client.post(f"/probe-deals/edit/{pk}", data=said).status_code == 302
        with system() as session:
            deal = session.get_one(Deal, pk)
            assert (deal.title, str(deal.amount), deal.version) == ("Новое", "1234.50", 2)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("amount", "много"), ("amount", "1" * 13), ("amount", "NaN"), ("expected_on", "вчера"),
         ("expected_on", "01.01.9999"), ("expected_on", "0001-01-01"), ("title", "х" * 251), ("title", "a\x00b"),
         ("comment", "ё" * 10_001), ("client", "99999999"), ("client", "abc"), ("client", "9" * 30), ("stage", "")],
    )  # fmt: skip
    def test_a_bad_value_is_told_at_its_field_and_nothing_typed_is_lost(
        self, enter: Any, deals: Any, system: System, field: str, value: str
    ) -> None:
        client, pk = enter("anna"), deals["anna"][0]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text) | {"comment": "набрано", field: value}
        answer = client.post(f"/probe-deals/edit/{pk}", data=said)
        assert answer.status_code == 422
        assert f'id="{field}-err"' in answer.text
        if field != "comment":
            assert "набрано" in answer.text
        if field in {"amount", "expected_on"}:
            assert fields(answer.text)[field] == value
        with system() as session:
            assert session.get_one(Deal, pk).comment == ""

    def test_a_verbs_refusal_comes_to_its_field(self, enter: Any, deals: Any) -> None:
        client, pk = enter("anna"), deals["anna"][0]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text)
        answer = client.post(f"/probe-deals/edit/{pk}", data=said | {"title": "нельзя", "comment": "набрано"})
        assert answer.status_code == 422
        assert "Так называть нельзя." in answer.text
        assert "набрано" in answer.text
        answer = client.post(f"/probe-deals/edit/{pk}", data=said | {"title": "совсем нельзя", "comment": "набрано"})
        assert answer.status_code == 409
        assert "Сейчас нельзя." in answer.text
        assert "набрано" in answer.text

    def test_a_stale_save_shows_both_values_and_overwrites_nothing(
        self, enter: Any, deals: Any, system: System
    ) -> None:
        anna, marina, pk = enter("anna"), enter("marina"), deals["anna"][1]
        mine = fields(anna.get(f"/probe-deals/edit/{pk}").text) | {"title": "Моё название"}
        theirs = fields(marina.get(f"/probe-deals/edit/{pk}").text) | {"title": "Её название"}
        assert marina.post(f"/probe-deals/edit/{pk}", data=theirs).status_code == 302
        answer = anna.post(f"/probe-deals/edit/{pk}", data=mine)
        assert answer.status_code == 409
        conflict = re.search(r"v-conflict.*?</table>", answer.text, re.DOTALL)
        assert conflict
        for words in ("Моё название", "Её название", "Марина Ковалёва"):
            assert words in conflict[0]
        with system() as session:
            assert session.get_one(Deal, pk).title == "Её название"
        assert anna.post(f"/probe-deals/edit/{pk}", data=fields(answer.text)).status_code == 302
        with system() as session:
            assert session.get_one(Deal, pk).title == "Моё название"

    def test_a_reference_that_one_may_not_see_survives_a_save(self, enter: Any, deals: Any, system: System) -> None:
        pk = deals["anna"][2]
        with system() as session:
            hidden = session.get_one(Deal, deals["oleg"][2]).client_id
            deal = session.get_one(Deal, pk)
            deal.client_id = None
            session.flush()
            deal.payer_id = None
            session.connection().exec_driver_sql("UPDATE deal SET client_id = %s WHERE id = %s", (hidden, pk))
        with system() as session:
            # Whoever reaches a deal reaches its client; so the client is thrown away, and hidden by that.
            session.get_one(Client, hidden).deleted_at = utcnow()
        client = enter("anna")
        said = fields(client.get(f"/probe-deals/edit/{pk}").text)
        assert said["client"] == "kept"
        assert client.post(f"/probe-deals/edit/{pk}", data=said | {"title": "Другое"}).status_code == 302
        with system() as session:
            assert session.get_one(Deal, pk).client_id == hidden
        said = fields(client.get(f"/probe-deals/edit/{pk}").text) | {"client": ""}
        assert client.post(f"/probe-deals/edit/{pk}", data=said).status_code == 302
        with system() as session:
            assert session.get_one(Deal, pk).client_id is None

    def test_a_rivals_client_cannot_be_attached(self, enter: Any, deals: Any, system: System) -> None:
        with system() as session:
            foreign = session.get_one(Deal, deals["oleg"][0]).client_id
        client, pk = enter("anna"), deals["anna"][0]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text) | {"client": str(foreign)}
        assert client.post(f"/probe-deals/edit/{pk}", data=said).status_code == 422

    def test_a_row_is_not_given_away(self, enter: Any, deals: Any, system: System) -> None:
        with system() as session:
            oleg = person(session, "oleg").id
        client, pk = enter("anna"), deals["anna"][0]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text) | {"owner": str(oleg)}
        answer = client.post(f"/probe-deals/edit/{pk}", data=said | {"comment": "набрано"})
        assert answer.status_code == 403
        assert "набрано" in answer.text
        with system() as session:
            assert session.get_one(Deal, pk).owner_id != oleg

    def test_a_twin_is_told_at_its_field(self, enter: Any) -> None:
        client = enter("admin")
        assert client.post("/probe-teams/add", data={"name": "Ремонт"}).status_code == 302
        answer = client.post("/probe-teams/add", data={"name": "Ремонт"})
        assert answer.status_code == 409
        assert 'id="name-err"' in answer.text

    def test_fields_outside_the_form_are_not_looked_at(self, enter: Any, deals: Any, system: System) -> None:
        client, pk = enter("anna"), deals["anna"][0]
        said = fields(client.get(f"/probe-deals/edit/{pk}").text)
        forged = {"number": "1", "created_by_id": "1", "deleted_at": "2026-01-01", "id": "77", "funnel_id": "9"}
        assert client.post(f"/probe-deals/edit/{pk}", data=said | forged).status_code == 302
        with system() as session:
            deal = session.get_one(Deal, pk)
            assert (deal.number, deal.deleted_at) == (2000, None)

    def test_a_reference_is_chosen_from_ones_own(self, enter: Any, deals: Any) -> None:
        found = enter("anna").get("/ref/client?q=клиент 00").get_json()["results"]
        assert {one["text"] for one in found} == {f"Клиент {n:03}" for n in (0, 2, 4, 6, 8)}
        assert enter("anna").get("/ref/nothing").status_code == 404
        assert enter("anna").get("/ref/client?q=%00%25").status_code == 200


class TestWrites:
    def test_only_a_post_deletes_and_the_row_can_come_back(self, enter: Any, deals: Any, system: System) -> None:
        client, pk = enter("anna"), deals["anna"][0]
        assert client.get(f"/probe-deals/delete/{pk}").status_code == 405
        assert client.post(f"/probe-deals/delete/{pk}").status_code == 302
        with system() as session:
            assert session.get(Deal, pk) is None
        assert client.get(f"/probe-deals/show/{pk}").status_code == 404
        assert "№ 2000" in client.get("/trash/?noun=deal").text
        assert client.post(f"/trash/restore/deal/{pk}").status_code == 302
        assert client.get(f"/probe-deals/show/{pk}").status_code == 200

    def test_a_rivals_row_is_neither_deleted_nor_restored(self, enter: Any, deals: Any) -> None:
        client, pk = enter("anna"), deals["oleg"][0]
        assert client.post(f"/probe-deals/delete/{pk}").status_code == 404
        enter("oleg").post(f"/probe-deals/delete/{pk}")
        assert client.post(f"/trash/restore/deal/{pk}").status_code == 404
        assert "№ 2001" not in client.get("/trash/?noun=deal").text

    def test_an_action_reaches_rows_in_reach_only(self, enter: Any, deals: Any) -> None:
        client, mine, other = enter("anna"), deals["anna"][0], deals["oleg"][0]
        probes.CALLED.clear()
        assert client.post(f"/probe-deals/action/move/{other}").status_code == 404
        assert client.post("/probe-deals/action_post", data={"action": "move", "rowid": [other, mine]}).status_code == 302
        assert client.post("/probe-deals/action_post", data={"action": "move", "rowid": [other]}).status_code == 302
        assert probes.CALLED == [[mine]]
        assert client.get(f"/probe-deals/action/move/{mine}").status_code == 405

    def test_an_action_asks_for_its_permission(self, enter: Any, deals: Any) -> None:
        data = {"action": "move", "rowid": [deals["anna"][0]]}
        assert enter("nina").post("/probe-deals/action_post", data=data).status_code == 403
        assert enter("anna").post("/probe-deals/action_post", data=data | {"action": "paint"}).status_code == 403
        assert enter("anna").post("/probe-deals/action_post", data=data | {"action": "nope"}).status_code == 404
        assert enter("anna").post("/probe-deals/action_post", data={}).status_code == 404

    def test_the_forms_token_is_asked_for(self, enter: Any, deals: Any, probing: Flask) -> None:
        probing.config["WTF_CSRF_ENABLED"] = True
        try:
            pk = deals["anna"][0]
            client = enter("anna")
            for address in (f"edit/{pk}", "add", f"delete/{pk}", f"action/move/{pk}", "action_post"):
                assert client.post(f"/probe-deals/{address}", data={"title": "x"}).status_code == 400
        finally:
            probing.config["WTF_CSRF_ENABLED"] = False

    def test_a_table_without_trash_loses_its_row(self, enter: Any, system: System) -> None:
        with system() as session:
            session.add(Team(name="Временная"))
            session.flush()
            pk = session.execute(select(Team.id).where(Team.name == "Временная")).scalar_one()
        assert enter("admin").post(f"/probe-teams/delete/{pk}").status_code == 302
        with system() as session:
            assert session.get(Team, pk) is None


class TestMasks:
    """A master has a live task on a deal; phone, sum and mail are hidden from him."""

    @pytest.fixture
    def given(self, deals: Any, system: System) -> int:
        pk: int = deals["anna"][7]
        with system() as session:
            session.add(Task(title="Собрать", deal_id=pk, assignee_id=person(session, "sergey").id))
            session.add(ContactPoint(client_id=session.get_one(Deal, pk).client_id, kind="email", value=CANARY))
        return pk

    def test_hidden_columns_are_nowhere_in_a_list(self, enter: Any, given: int) -> None:
        html = enter("sergey").get("/probe-deals/list/").text
        assert "Сделка anna 014" in html
        assert "+7999" not in html.replace(" ", "")
        assert "140" not in re.sub(r'"[^"]*"', "", html)

    def test_nor_in_a_card(self, enter: Any, given: int) -> None:
        html = enter("sergey").get(f"/probe-deals/show/{given}").text
        assert CANARY not in html
        assert CANARY in enter("anna").get(f"/probe-deals/show/{given}").text

    @pytest.mark.parametrize("asked", ["_oc_ProbeDeals=amount&_od_ProbeDeals=asc", "_flt_0_amount=140", "_flt_1_amount=1"])
    def test_nor_can_they_be_ordered_or_filtered_by(self, enter: Any, given: int, asked: str) -> None:
        assert enter("sergey").get(f"/probe-deals/list/?{asked}").status_code == 400
        assert enter("anna").get(f"/probe-deals/list/?{asked}").status_code == 200
