"""Works in the background: done in slices, stopped, gone on with after a crash, done again where they failed."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from sqlalchemy import select

from app.jobs import sweep
from app.jobs import works as jobs
from app.services import clients, works
from app.services.works import running
from models.clients import Client
from models.ground.base import utcnow
from models.notices import Notice
from models.works import Work, WorkState
from tests.scene import person


@pytest.fixture
def pairs(system: Any) -> Any:
    """Pairs of Anna's clients with one phone; the last pair of keys is of nobody."""

    def made(count: int, bad: int = 0) -> list[list[int]]:
        with system() as session:
            anna = person(session, "anna")
            keys = [[clients.create(f"Клиент {n}", owner=anna).id for _side in range(2)] for n in range(count)]
        return keys + [[10**9 + n, 10**9 + n + 1] for n in range(bad)]

    return made


@pytest.fixture
def begin(app: Any, system: Any) -> Any:
    """A work of Anna's that merges pairs."""

    def begun(todo: list[list[int]]) -> int:
        with system() as session:
            work = works.begin("clients.merge", "Проба", {"pairs": todo}, url="/clients/merges/")
            work.person_id = person(session, "anna").id
            return work.id

    return begun


def state_of(system: Any, key: int) -> Work:
    with system() as session:
        work = session.get(Work, key)
        session.expunge(work)
        return work


def merged(system: Any) -> int:
    with system() as session:
        found = select(Client.id).where(Client.merged_into_id.is_not(None)).execution_options(with_deleted=True)
        return len(session.execute(found).all())


def test_it_is_done_and_its_end_rings_once(system, login, worker, pairs, begin):
    key = begin(pairs(3, bad=2))
    anna = login("anna")
    assert anna.get(f"/works/{key}/state", headers={"Accept": "application/json"}).json["state"] == "waiting"
    assert "every 1s" in anna.get(f"/works/{key}").text
    worker()
    work = state_of(system, key)
    assert (work.state, work.done, work.total, work.found, work.failed) == (WorkState.DONE, 5, 5, {"merged": 3}, 2)
    assert "every 1s" not in anna.get(f"/works/{key}").text
    assert anna.get(f"/works/{key}/state", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    with system() as session:
        notice = session.execute(select(Notice).where(Notice.event == "work.ended")).scalar_one()
        assert (notice.person_id, notice.url) == (person(session, "anna").id, f"/works/{key}")
    assert "Проба" in anna.get("/works/").text


def test_errors_are_downloaded_and_the_failed_ones_run_again(system, login, worker, pairs, begin):
    key = begin(pairs(1, bad=1))
    worker()
    anna = login("anna")
    answer = anna.get(f"/works/{key}/errors.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 2
    assert rows[1][1]
    again = anna.post(f"/works/{key}/again").headers["Location"]
    worker()
    work = state_of(system, int(again.rsplit("/", 1)[1]))
    assert (work.state, work.total, work.failed, work.params["again_of"]) == (WorkState.DONE, 1, 1, key)


def test_errors_are_no_formulas_in_excel(system, login, pairs, begin, worker):
    key = begin([])
    with system() as session:
        work = session.get(Work, key)
        work.state, work.errors = WorkState.DONE, [{"item": "=cmd|' /C calc'!A0", "words": "+1", "data": None}]
    text = login("anna").get(f"/works/{key}/errors.csv").data.decode("utf-8-sig")
    assert "'=cmd" in text
    assert "'+1" in text
    assert login("anna").post(f"/works/{key}/again").status_code == 409


def test_it_goes_on_in_slices(system, worker, pairs, begin, monkeypatch):
    monkeypatch.setattr(running, "SLICE", 0.0)
    monkeypatch.setattr(running, "STEP", 0.0)
    key = begin(pairs(5))
    worker()
    work = state_of(system, key)
    assert (work.state, work.done, work.found) == (WorkState.DONE, 5, {"merged": 5})


def test_it_stops_where_it_is_and_what_is_done_stays(system, login, app, pairs, begin, monkeypatch):
    monkeypatch.setattr(running, "SLICE", 0.0)
    monkeypatch.setattr(running, "STEP", 0.0)
    key = begin(pairs(4))
    with app.app_context():
        jobs.merge(key)
    assert state_of(system, key).done == 1
    anna = login("anna")
    assert anna.post(f"/works/{key}/stop").status_code == 302
    with app.app_context():
        jobs.merge(key)
        jobs.merge(key)
    work = state_of(system, key)
    assert (work.state, work.done, merged(system)) == (WorkState.STOPPED, 1, 1)
    assert anna.post(f"/works/{key}/stop").status_code == 409


def test_a_worker_that_died_is_missed_after_the_lease(system, app, worker, pairs, begin):
    key = begin(pairs(2))
    with system():
        works.claim(key)
    with app.app_context():
        jobs.merge(key)
    assert state_of(system, key).done == 0, "somebody else has it"
    with system() as session:
        session.get(Work, key).lease_until = utcnow() - dt.timedelta(seconds=1)
    with app.app_context():
        sweep._rung.clear()
        assert sweep.sweep() >= 1
    worker()
    assert state_of(system, key).state == WorkState.DONE
    assert merged(system) == 2


def test_it_may_run_twice(system, app, worker, pairs, begin):
    """A worker may die between a pair and the note that it is done."""
    key = begin(pairs(2))
    worker()
    with system() as session:
        work = session.get(Work, key)
        work.state, work.done, work.found = WorkState.WAITING, 0, {}
    with app.app_context():
        jobs.merge(key)
    assert (state_of(system, key).found, merged(system)) == ({"skipped": 2}, 2)


def test_what_the_person_may_not_do_is_told_in_their_words(system, app, pairs, begin, worker):
    with system() as session:
        oleg = person(session, "oleg")
        pair = [clients.create(f"Чужой {n}", owner=oleg).id for n in range(2)]
    key = begin([pair])
    worker()
    (error,) = state_of(system, key).errors
    assert error["words"].startswith("Объединять можно только")
    assert error["item"] == "Чужой 0 — Чужой 1"
    assert merged(system) == 0


@pytest.mark.parametrize(("method", "path"), [
    ("get", ""), ("get", "/state"), ("get", "/errors.csv"), ("post", "/stop"), ("post", "/again"),
])  # fmt: skip
def test_a_colleagues_work_is_not_there(login, pairs, begin, method, path):
    key = begin(pairs(1))
    assert getattr(login("oleg"), method)(f"/works/{key}{path}").status_code == 404
    assert getattr(login("admin"), method)(f"/works/{key}{path}").status_code != 404
    assert f"/works/{key}" not in login("oleg").get("/works/").text
