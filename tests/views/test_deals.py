"""The doors of deals: board, card, list, moves; counts that equal rows, what is hidden, who is denied."""

import json
import re

import pytest
from sqlalchemy import event, select

from app.services import deals, estimates, tasks
from models.deals import Deal
from models.ground.base import db, utcnow
from models.ground.history import Change
from models.tasks import Task
from tests.deals import PLACE, agreed, stage, started, who

HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(system):
    """Numbers by name: Anna's on three stages, Oleg's, and one that was lost."""
    with system() as session:
        found = {
            "new": started(session, name="Дарья Котова"),
            "placed": started(session, name="Егор Сафин", **PLACE),
            "agreed": agreed(session),
            "olegs": started(session, "oleg", name="Пекарня «Колос»"),
            "lost": started(session, name="Полина Зимина"),
        }
        deals.move(found["placed"], stage(found["placed"], "measure"))
        deals.lose(found["lost"], "price")
        return {name: deal.number for name, deal in found.items()}


def cards(text):
    """Numbers on the board by stage."""
    columns = re.split(r'<section class="k-col', text)[1:]
    named = {re.search(r'data-stage="(\w+)"', column)[1]: column for column in columns}
    return {code: [int(n) for n in re.findall(r'data-number="(\d+)"', column)] for code, column in named.items()}


def heads(text):
    """Count of each column as its head says."""
    columns = re.split(r'<section class="k-col', text)[1:]
    return {
        re.search(r'data-stage="(\w+)"', column)[1]: int(re.search(r'<span class="c">(\d+)</span>', column)[1])
        for column in columns
    }


def version_of(system, number):
    with system() as session:
        return session.execute(select(Deal.version).where(Deal.number == number)).scalar_one()


def standing(system, number):
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        return deal.stage.code


# ── the board ────────────────────────────────────────────────────────────────


FILTERS = ("", "?slow=1", "?idle=1", "?slow=1&idle=1", "?owner=me", "?sort=amount", "?sort=age", "?sort=newest")


@pytest.mark.parametrize("query", FILTERS)
def test_counts_of_columns_equal_their_cards_under_every_filter(login, system, scene, query):
    with system() as session:
        old = session.execute(select(Deal).where(Deal.number == scene["placed"])).scalar_one()
        old.stage_since = utcnow().replace(year=2025)
        for task in session.execute(select(Task).where(Task.deal_id == old.id)).scalars():
            tasks.finish(task) if task.done_at is None else None
    text = login("marina").get(f"/deals/board/{query}").get_data(as_text=True)
    assert heads(text) == {code: len(numbers) for code, numbers in cards(text).items()}
    said = {int(n) for n in re.findall(r"(?:Дольше нормы|Без задачи) <b>(\d+)</b>", text)}
    assert said <= {0, 1}


def test_a_manager_sees_their_own_board_and_a_head_the_teams(login, scene):
    mine = cards(login("anna").get("/deals/board/").get_data(as_text=True))
    teams = cards(login("marina").get("/deals/board/").get_data(as_text=True))
    assert mine["intake"] == [scene["new"]]
    assert sorted(teams["intake"]) == sorted([scene["new"], scene["olegs"]])
    assert login("stranger").get("/deals/board/").get_data(as_text=True).count("data-number=") == 0


def test_more_than_a_columnful_is_fetched_in_steps(login, system):
    with system() as session:
        numbers = [started(session).number for _n in range(35)]
    client = login("anna")
    page = client.get("/deals/board/?sort=age").get_data(as_text=True)
    first = cards(page)["intake"]
    address = re.search(r'hx-get="([^"]+column[^"]+)"', page)[1].replace("&amp;", "&")
    rest = [int(n) for n in re.findall(r'data-number="(\d+)"', client.get(address).get_data(as_text=True))]
    assert (len(first), len(rest)) == (30, 5)
    assert sorted(first + rest) == numbers


BAD = ("?owner=xx", "?owner=-1", "?owner=99999999999", "?sort=moon", "?slow=yes", "?idle=2")


@pytest.mark.parametrize("query", BAD)
def test_a_bad_filter_is_400_and_a_strange_funnel_404(login, query):
    client = login("anna")
    assert client.get(f"/deals/board/{query}").status_code == 400
    assert client.get("/deals/board/?funnel=moon").status_code == 404
    assert client.get("/deals/board/column?stage=moon").status_code == 404
    assert client.get("/deals/board/column?stage=intake&skip=x").status_code == 400


def test_the_strip_of_what_ended_opens_the_list_that_it_counts(login, scene):
    client = login("anna")
    page = client.get("/deals/board/").get_data(as_text=True)
    address, count = re.search(r'data-stage="lost"><a href="([^"]+)".*?<span>[^<]*· (\d+)</span>', page, re.S).groups()
    rows = client.get(address.replace("&amp;", "&")).get_data(as_text=True)
    assert int(count) == 1 == rows.count("data-href=")


# ── moves ────────────────────────────────────────────────────────────────────


def test_the_gate_asks_only_for_what_is_missing_and_offers_values(login, system, scene):
    client = login("anna")
    answer = client.post(f"/deals/{scene['placed']}/move", data={"stage": "bill"}, headers=HTMX)
    text = answer.get_data(as_text=True)
    assert answer.headers["X-Asks"] == "gate"
    assert set(re.findall(r'data-field="(\w+)"', text)) == {"payer", "production_on"}
    assert "Егор Сафин, клиент сделки" in text
    assert "рабочих дней" in text
    assert "Смета не согласована" in text
    assert re.search(r"Вид работ</span><span[^>]*>Окна<", text)
    assert standing(system, scene["placed"]) == "measure"


def test_a_filled_gate_moves_and_undo_moves_back(login, system, scene):
    client = login("anna")
    number = scene["new"]
    answer = client.post(
        f"/deals/{number}/move",
        data={"stage": "measure", "address": "ул. Полевая", "version": version_of(system, number), "from": "board"},
        headers=HTMX,
    )
    assert (answer.status_code, answer.get_data()) == (200, b"")
    (toast,) = json.loads(answer.headers["HX-Trigger"])["v:toast"]["toasts"]
    assert standing(system, number) == "measure"
    client.post(toast["undo"])
    assert standing(system, number) == "intake"


def test_a_refused_value_comes_back_with_what_was_typed(login, system, scene):
    typed = {"stage": "measure", "address": "а" * 300}
    text = login("anna").post(f"/deals/{scene['new']}/move", data=typed, headers=HTMX).get_data(as_text=True)
    assert "а" * 300 in text
    assert "is-invalid" in text
    assert standing(system, scene["new"]) == "intake"


def test_fields_are_saved_even_when_something_else_is_in_the_way(login, system, scene):
    client = login("anna")
    data = {"stage": "bill", "do": "save", "production_on": "01.06.2027"}
    assert client.post(f"/deals/{scene['placed']}/move", data=data, headers=HTMX).status_code == 200
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene["placed"])).scalar_one()
        assert (str(deal.production_on), deal.stage.code) == ("2027-06-01", "measure")


def test_two_people_move_one_card_and_the_second_sees_both_values(login, system, scene):
    number = scene["placed"]
    seen = version_of(system, number)
    first = login("anna").post(f"/deals/{number}/move", data={"stage": "estimate", "version": seen}, headers=HTMX)
    second = login("marina").post(f"/deals/{number}/move", data={"stage": "intake", "version": seen}, headers=HTMX)
    text = second.get_data(as_text=True)
    assert (first.status_code, second.status_code) == (200, 409)
    assert "Анна Белова" in text
    assert "Оформление" in text
    assert "Смета" in text
    assert standing(system, number) == "estimate"


def test_lost_asks_why(login, system, scene):
    client = login("anna")
    text = client.post(f"/deals/{scene['new']}/move", data={"stage": "lost"}, headers=HTMX).get_data(as_text=True)
    assert "Почему отказ?" in text
    assert "Дорого" in text
    client.post(f"/deals/{scene['new']}/move", data={"stage": "lost", "lost_reason": "price"}, headers=HTMX)
    assert standing(system, scene["new"]) == "lost"
    client.post(f"/deals/{scene['new']}/reopen")
    assert standing(system, scene["new"]) == "intake"


def test_the_same_words_from_the_dialog_the_form_the_bulk_action_and_rest(login, scene):
    client = login("anna")
    number = scene["new"]
    words = "Заполните поле «Адрес объекта»."
    assert words in client.get(f"/deals/{number}/gates").get_json()["measure"][0]["words"]
    bulk = client.post("/deals/many/move", data={"number": [number], "stage": "measure"})
    assert words in bulk.get_data(as_text=True)
    page = client.post(f"/deals/{number}/move", data={"stage": "measure"})
    assert words in page.get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.get_data(as_text=True))[1]
    said = client.post(
        f"/api/v1/deals/{number}/move", json={"stage": "measure"}, headers={"X-CSRFToken": token}
    )
    assert said.status_code in {409, 422}
    assert words in str(said.get_json())


# ── who is denied ────────────────────────────────────────────────────────────


POSTS = ("move", "back?stage=intake", "assign", "give-back?owner=1", "note", "reopen", "fields/address")


@pytest.mark.parametrize("username", ["director", "nina", "pavel", "sergey"])
def test_whoever_may_not_move_deals_is_denied_at_each_door(login, system, scene, username):
    client = login(username)
    for post in POSTS:
        if post == "note":
            continue
        data = {"stage": "measure", "owner": "1", "address": "Луна"}
        assert client.post(f"/deals/{scene['new']}/{post}", data=data).status_code == 403, post
    for post in ("move", "assign", "back", "give-back", "restore"):
        assert client.post(f"/deals/many/{post}", data={"number": [scene["new"]]}).status_code == 403, post
    for name in ("move", "assign", "delete"):
        assert client.post("/deals/action_post", data={"action": name, "rowid": ["1"]}).status_code == 403
    assert client.get("/deals/add").status_code == 403
    assert standing(system, scene["new"]) == "intake"


def test_a_rivals_deal_is_not_there_at_any_door(login, system, scene):
    client = login("oleg")
    number = scene["new"]
    for path in ("", "/feed", "/gates", "/fields/address"):
        assert client.get(f"/deals/{number}{path}").status_code == 404, path
    for post in POSTS:
        assert client.post(f"/deals/{number}/{post}", data={"stage": "measure", "owner": "1"}).status_code == 404, post
    client.post("/deals/many/move", data={"number": [number], "stage": "measure"})
    client.post("/deals/many/assign", data={"number": [number], "owner": "1"})
    assert standing(system, number) == "intake"
    assert client.get("/deals/999999999999").status_code == 404


# ── the card ─────────────────────────────────────────────────────────────────


def test_a_field_is_changed_in_place_and_history_has_old_and_new(login, system, scene):
    client = login("anna")
    number = scene["placed"]
    box = client.get(f"/deals/{number}/fields/address").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', box)[1]
    data = {"address": "ул. Садовая, 3", "version": version}
    row = client.post(f"/deals/{number}/fields/address", data=data, headers=HTMX).get_data(as_text=True)
    assert "ул. Садовая, 3" in row
    assert f'data-deal-version="{int(version) + 1}"' in row
    history = client.get(f"/deals/{number}?feed=history").get_data(as_text=True)
    assert "<del>ул. Полевая, 14</del> → ул. Садовая, 3" in history
    late = client.post(f"/deals/{number}/fields/address", data=data | {"address": "ул. Лесная"}, headers=HTMX)
    assert late.status_code == 409
    assert "ул. Садовая, 3" in late.get_data(as_text=True)
    assert "ул. Лесная" in late.get_data(as_text=True)


def test_the_whole_form_goes_through_the_same_verbs(login, system, scene):
    client = login("anna")
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene["new"])).scalar_one()
        pk, version, client_id = deal.id, deal.version, deal.client_id
    page = client.get(f"/deals/edit/{pk}").get_data(as_text=True)
    assert "Дарья Котова" in page
    data = {"version": version, "client": client_id, "title": "Балкон", "budget": "2 500,50", "work_type": "balcony"}
    assert client.post(f"/deals/edit/{pk}", data=data).status_code == 302
    with system() as session:
        deal = session.get(Deal, pk)
        assert (deal.title, str(deal.budget), deal.work_type, deal.client_id) == ("Балкон", "2500.50", "balcony", client_id)
        changed = select(Change.field).where(Change.table == "deal", Change.row_id == pk, Change.field != "")
        assert set(session.execute(changed).scalars()) == {"title", "budget", "work_type"}
    stale = client.post(f"/deals/edit/{pk}", data=data | {"title": "Лоджия"})
    assert stale.status_code == 409
    assert "Лоджия" in stale.get_data(as_text=True)
    wrong = client.post(f"/deals/edit/{pk}", data=data | {"version": version + 1, "budget": "много"})
    assert wrong.status_code == 422
    assert "много" in wrong.get_data(as_text=True)


def test_a_deal_is_started_by_its_form_and_opens(login):
    client = login("anna")
    answer = client.post("/deals/add", data={"title": "Кухня", "work_type": "kitchen", "source": "call"})
    assert answer.status_code == 302
    assert "Кухня" in client.get(answer.location).get_data(as_text=True)
    assert client.post("/deals/add", data={"work_type": "moon"}).status_code == 422


def test_the_card_shows_its_way_its_plan_and_what_the_next_stage_asks(login, scene):
    text = login("anna").get(f"/deals/{scene['agreed']}").get_data(as_text=True)
    assert "План стадии «Смета»" in text
    assert "В «Счёт»" in text
    assert "1 из" not in text.split("План стадии")[1][:200]
    placed = login("anna").get(f"/deals/{scene['placed']}").get_data(as_text=True)
    assert "В «Смета»" in placed


def test_a_note_is_in_the_feed_at_once_and_only_notes_are_in_their_tab(login, scene):
    client = login("anna")
    text = client.post(f"/deals/{scene['new']}/note", data={"words": "<b>Пишет</b>"}, headers=HTMX).get_data(as_text=True)
    assert "&lt;b&gt;Пишет&lt;/b&gt;" in text
    notes = client.get(f"/deals/{scene['new']}/feed?feed=notes").get_data(as_text=True)
    assert "Пишет" in notes
    assert "Сделка начата" not in notes
    assert client.post(f"/deals/{scene['new']}/note", data={"words": " "}, headers=HTMX).status_code == 422
    for bad in ("?feed=moon", "?before=yesterday", "?before=0001-01-01T00:00:00%2B00:00"):
        assert client.get(f"/deals/{scene['new']}/feed{bad}").status_code == 400


def test_the_surveyor_sees_the_deal_given_to_him_without_money_and_phone(login, system, scene):
    with system() as session:
        deal = session.execute(select(Deal).where(Deal.number == scene["agreed"])).scalar_one()
        deals.change(deal, {"budget": "200000"})
        estimates.send(estimates.next_version(estimates.agreed_version(deal)))
        tasks.add({"title": "Перемерить", "assignee": who(session, "pavel")}, on=deal)
    client = login("pavel")
    for page in (f"/deals/{scene['agreed']}?feed=history", f"/deals/{scene['agreed']}", "/deals/board/", "/deals/list/"):
        text = client.get(page).get_data(as_text=True).replace("\u00a0", " ")
        assert "Ирина Соколова" in text, page
        for secret in ("100 000", "200 000", "100000", "900 000", "79000001234", "₽"):
            assert secret not in text, (page, secret)
    assert "100 000" in login("anna").get(f"/deals/{scene['agreed']}").get_data(as_text=True).replace("\u00a0", " ")


def test_a_deal_goes_to_the_trash_and_comes_back_by_undo(login, system, scene):
    client = login("anna")
    with system() as session:
        pk = session.execute(select(Deal.id).where(Deal.number == scene["new"])).scalar_one()
    client.post(f"/deals/delete/{pk}")
    assert client.get(f"/deals/{scene['new']}").status_code == 404
    client.post(f"/trash/restore/deal/{pk}")
    assert client.get(f"/deals/{scene['new']}").status_code == 200
    client.post(f"/deals/delete/{pk}")
    with system() as session:
        row = session.execute(
            select(Deal).where(Deal.id == pk).execution_options(with_deleted=True)
        ).scalar_one()
        assert row.deleted_at is not None


# ── many at once ─────────────────────────────────────────────────────────────


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


def test_a_mass_deletion_keeps_what_has_papers_and_is_undone(login, system, scene):
    from app.services import documents

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


# ── the list ─────────────────────────────────────────────────────────────────


def listed(client, query=""):
    text = client.get(f"/deals/list/{query}").get_data(as_text=True)
    return [int(n) for n in re.findall(r'<a class="b" href="[^"]*">(\d+)</a>', text)]


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


@pytest.mark.parametrize("query", ["?_oc_Deals=owner.password", "?state=moon", "?_flt_0_amount=abc", "?psize_Deals=5000"])
def test_a_list_asked_wrongly_is_400(login, query):
    assert login("anna").get(f"/deals/list/{query}").status_code == 400


# ── statements ───────────────────────────────────────────────────────────────


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
