"""The list: found, sorted, asked wrongly; many deals at once; how few statements pages ask."""

import pytest
from sqlalchemy import event, select

from app.services import documents
from models.deals import Deal
from models.ground.base import db
from models.tasks import Task
from tests.deals import who
from tests.views.deals import listed, standing


def test_the_list_is_found_by_name_phone_and_number_and_sorted(login, scene):
    client = login("anna")
    assert sorted(listed(client)) == sorted([scene["new"], scene["placed"], scene["agreed"]])
    assert listed(client, "?state=lost") == [scene["lost"]]
    assert listed(client, "?q=кото") == [scene["new"]]
    assert listed(client, f"?q={scene['placed']}") == [scene["placed"]]
    assert len(listed(client, "?q=000-12-34")) == 3
    assert listed(client, "?q=%25") == []
    assert listed(client, "?_oc_Deals=amount&_od_Deals=desc")[0] == scene["agreed"]
    text = client.get("/deals/list/").get_data(as_text=True).replace("\u00a0", " ")
    assert "100 000 ₽" in text


@pytest.mark.parametrize(
    "query", ["?_oc_Deals=owner.password", "?state=moon", "?_flt_0_amount=abc", "?psize_Deals=5000"]
)
def test_a_list_asked_wrongly_is_400(login, query):
    assert login("anna").get(f"/deals/list/{query}").status_code == 400


def test_a_mass_move_moves_whom_it_can_tells_why_not_and_is_undone(login, system, scene):
    client = login("marina")
    chosen = [scene["new"], scene["placed"], scene["agreed"]]
    answer = client.post("/deals/many/move", data={"number": chosen, "stage": "estimate"})
    text = answer.get_data(as_text=True)
    assert f">{scene['new']}</a>" in text
    assert "Заполните поле «Адрес объекта»." in text
    assert "уже на стадии" in text
    assert standing(system, scene["placed"]) == "estimate"
    client.post(f"/deals/many/back?of={scene['placed']}.measure")
    assert standing(system, scene["placed"]) == "measure"


def test_a_mass_hand_over_and_its_undo(login, system, scene):
    client = login("marina")
    with system() as session:
        oleg, anna = who(session, "oleg").id, who(session, "anna").id
    client.post("/deals/many/assign", data={"number": [scene["new"], scene["placed"]], "owner": oleg})
    with system() as session:
        owners = select(Deal.owner_id).where(Deal.number.in_([scene["new"], scene["placed"]]))
        assert set(session.execute(owners).scalars()) == {oleg}
    client.post(f"/deals/many/give-back?of={scene['new']}.{anna},{scene['placed']}.{anna}")
    with system() as session:
        assert set(session.execute(owners).scalars()) == {anna}


@pytest.mark.parametrize("address", ["/deals/many/give-back?of=0{number}.{anna}", "/deals/many/back?of=0{number}.measure",
                                     "/tasks/many/back?of=0{task}.0", "/tasks/many/reopen?of=0{task}"])  # fmt: skip
def test_the_address_of_an_undo_may_be_written_with_zeros(login, system, scene, address):
    with system() as session:
        values = {"number": scene["new"], "anna": who(session, "anna").id}
        values["task"] = session.execute(select(Task.id).where(Task.done_at.is_(None)).limit(1)).scalar_one()
    assert login("marina").post(address.format(**values)).status_code in (200, 302)


def test_a_mass_deletion_keeps_what_has_papers_and_is_undone(login, system, scene):
    with system() as session:
        rows = {deal.number: deal for deal in session.execute(select(Deal)).scalars()}
        documents.issue(rows[scene["agreed"]], "invoice", 50, "key")
        ids = [rows[scene[name]].id for name in ("new", "placed", "agreed")]
    client = login("anna")
    text = client.post("/deals/action_post", data={"action": "delete", "rowid": ids}).get_data(as_text=True)
    assert f">{scene['agreed']}</a>" in text
    assert client.get(f"/deals/{scene['new']}").status_code == 404
    client.post(f"/deals/many/restore?of={scene['new']},{scene['placed']}")
    assert client.get(f"/deals/{scene['new']}").status_code == 200


def test_the_bulk_bar_asks_where_to_and_to_whom(login, system, scene):
    client = login("marina")
    with system() as session:
        pk = session.execute(select(Deal.id).where(Deal.number == scene["new"])).scalar_one()
    assert "Замер" in client.post("/deals/action_post", data={"action": "move", "rowid": [pk]}).get_data(as_text=True)
    whom = client.post("/deals/action_post", data={"action": "assign", "rowid": [pk]}).get_data(as_text=True)
    assert "Олег Дёмин" in whom


@pytest.mark.parametrize(
    ("path", "most"), [("/deals/board/", 20), ("/deals/{agreed}", 20), ("/deals/list/", 12), ("/tasks/list/", 12)]
)
@pytest.mark.parametrize("username", ["anna", "marina", "director"])
def test_pages_ask_the_database_few_questions(app, login, scene, path, most, username):
    client = login(username)
    client.get(path.format(**scene))
    asked = []
    with app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest):
        asked.append(" ".join(statement.split())[:160])

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path.format(**scene)).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) <= most, "\n".join(asked)
