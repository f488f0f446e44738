"""Leads out of a file, through the pages: mapped, checked, loaded in the background, taken back; and what is no table."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from models.ground.actor import SYSTEM, acting_as
from models.ground.base import utcnow
from models.imports import ImportRow, LeadImport
from models.leads import Lead, LeadState
from models.notices import Notice
from models.staff import Person
from models.tasks import Task
from models.works import Work
from tests.doors.importing import MAPPING, all_of, load, send


def test_the_columns_are_guessed_and_shown_with_samples(login):
    browser = login("anna")
    page = browser.get(send(browser).headers["Location"]).text
    assert "Соколова Ирина; Панин Игорь" in page
    chosen = re.findall(r'name="column\.(\d)".*?<option value="(\w+)" selected', page)
    assert dict(chosen) == MAPPING
    assert "1 номер неполный" in page
    assert "сарафан" in page


def test_every_row_is_told_what_it_becomes_before_anything_is_made(app, login):
    address = load(login("anna"))
    (job,) = all_of(app, LeadImport)
    assert job.counts == {"create": 3, "error": 2, "duplicate": 1, "skip": 1}
    page = login("anna").get(address + "?show=error").text
    assert "Телефон неполный: 900 000-1" in page
    assert "Дата в будущем: 31.12.2052" in page
    assert "Панин Игорь" not in page
    assert "в строке 2" in login("anna").get(address + "?show=duplicate").text
    assert all_of(app, Lead) == []


def test_it_is_loaded_by_the_worker_quietly_and_taken_back_whole(app, login, worker):
    anna = login("anna")
    address = load(anna, word="сарафан", source="referral")
    work = anna.post(f"{address}/run").headers["Location"]
    worker()
    assert re.search(r'Создано</span><span class="num">3', anna.get(work).text)
    leads = all_of(app, Lead)
    assert [(lead.name, lead.phone, lead.email) for lead in leads] == [
        ("Соколова Ирина", "+79000001234", "i.sokolova@example.ru"),
        ("Панин Игорь", "+79000002291", ""),
        ("Лесной", "", "tsj@example.ru"),
    ]
    first = leads[0]
    assert first.words == "Окна в дачу\nПримечание 2: звонить после 18"
    assert (first.source, first.received_at.date().isoformat()) == ("avito", "2025-02-03")
    assert leads[1].source == "referral"
    assert (first.state, first.respond_by, first.answered_at) == (LeadState.WAITING, None, None)
    anna_id = next(person.id for person in all_of(app, Person) if person.username == "anna")
    assert {(lead.owner_id, lead.created_by_id) for lead in leads} == {(anna_id, anna_id)}
    assert all_of(app, Task) == []
    assert [notice.event for notice in all_of(app, Notice)] == ["work.ended"]
    link = re.search(r'href="([^"]+)">К лидам', anna.get(address).text)[1]
    assert all(lead.name in anna.get(link).text for lead in leads)
    assert f"№\xa0{first.id}" in anna.get(address).text or f"№ {first.id}" in anna.get(address).text

    anna.post(f"{address}/undo")
    worker()
    assert all_of(app, Lead) == []
    page = anna.get(address).text
    assert "лежат в корзине" in page
    assert f"/leads/{first.id}" not in page
    assert anna.post(f"{address}/undo").status_code == 409


def test_what_somebody_works_on_stays_when_the_import_is_taken_back(app, login, worker):
    anna = login("anna")
    address = load(anna)
    anna.post(f"{address}/run")
    worker()
    first, second, _third = all_of(app, Lead)
    login("oleg").post(f"/leads/{first.id}/take")
    anna.post(f"/leads/{first.id}/answer")
    anna.post(f"/leads/{second.id}/qualify", data={"title": "Дверь"})
    work = anna.post(f"{address}/undo").headers["Location"]
    worker()
    assert {lead.id for lead in all_of(app, Lead)} == {first.id, second.id}
    page = anna.get(work).text.replace("\xa0", " ")
    assert f"Лид № {second.id} уже стал сделкой" in page
    assert f"С лидом № {first.id} уже работают" in page


def test_who_is_there_already_is_left_out_or_made_as_a_duplicate(app, login, worker, system):
    with system() as session:
        session.add(Lead(name="Ирина", phone="+79000001234", received_at=utcnow()))
        session.commit()
    anna = login("anna")
    address = load(anna)
    assert all_of(app, LeadImport)[0].counts["duplicate"] == 2
    assert "ещё открыт" in anna.get(address + "?show=duplicate").text
    address = load(anna, duplicates="create")
    anna.post(f"{address}/run")
    worker()
    made = [lead for lead in all_of(app, Lead) if lead.import_id]
    assert [lead.klass for lead in made] == ["duplicate", "new", "new", "new"]
    assert {lead.state for lead in made} == {LeadState.WAITING}


def test_the_mapping_is_remembered_for_files_of_the_same_kind(app, login):
    anna = login("anna")
    body = "А;Б;В\nИрина;89000001234;x\n"
    address = send(anna, body).headers["Location"]
    anna.post(f"{address}/columns", data={"column.0": "name", "column.1": "phone", "column.2": "words", "remember": "y"})
    again = send(anna, body.replace("Ирина", "Вера")).headers["Location"]
    page = anna.get(again).text
    assert re.findall(r'name="column\.(\d)".*?<option value="(\w+)" selected', page) == [
        ("0", "name"), ("1", "phone"), ("2", "words"),
    ]  # fmt: skip
    oleg = login("oleg")
    page = oleg.get(send(oleg, body).headers["Location"]).text
    assert re.findall(r'name="column\.(\d)".*?<option value="(\w+)" selected', page.partition("</tbody>")[0]) == []


def test_a_mapping_by_which_nobody_could_be_answered_is_refused_and_kept_on_the_page(login):
    anna = login("anna")
    address = send(anna).headers["Location"]
    answer = anna.post(f"{address}/columns", data={"column.0": "words", "column.1": "note"})
    assert answer.status_code == 422
    assert "ответить будет некуда" in answer.text
    assert ("0", "words") in re.findall(r'name="column\.(\d)".*?<option value="(\w+)" selected', answer.text)
    twice = anna.post(f"{address}/columns", data={"column.0": "phone", "column.1": "phone"})
    assert twice.status_code == 422


def test_many_rows_are_checked_and_loaded_in_the_background(app, login, worker):
    anna = login("anna")
    rows = "".join(f"Клиент {number};8900{number:07}\n" for number in range(1500))
    address = load(anna, "Имя;Телефон\n" + rows)
    assert all_of(app, LeadImport)[0].state == "checking"
    assert anna.post(f"{address}/run").status_code == 409
    page = anna.get(address).text
    assert f"/works/{all_of(app, Work)[0].id}/state" in page
    assert "Клиент 1" not in page
    assert re.search(r'aria-current="step".*?Проверка', page)
    worker()
    assert all_of(app, LeadImport)[0].counts == {"create": 1500}
    assert "Создать 1\xa0500 лидов" in anna.get(address).text


def test_a_file_without_a_line_of_names_says_that_its_first_request_would_be_lost(login):
    anna = login("anna")
    page = anna.get(send(anna, "Иван;89001231212\nПётр;89001231213\n").headers["Location"]).text
    assert "похожа на заявку: «Иван; 89001231212»" in page
    assert "похожа на заявку" not in anna.get(send(anna).headers["Location"]).text


def test_stopped_it_keeps_what_was_made_and_can_be_taken_back(app, login, worker):
    anna = login("anna")
    address = load(anna)
    anna.post(f"{address}/run")
    work = all_of(app, Work)[0]
    anna.post(f"/works/{work.id}/stop")
    worker()
    assert all_of(app, Lead) == []
    assert all_of(app, LeadImport)[0].state == "stopped"


def test_run_twice_or_by_two_workers_it_is_one(app, login, worker):
    from app.jobs import imports

    anna = login("anna")
    address = load(anna)
    anna.post(f"{address}/run")
    assert anna.post(f"{address}/run").status_code == 409
    (work,) = all_of(app, Work)
    with app.app_context():
        for _turn in range(3):
            imports.run(work.id)
    worker()
    assert len(all_of(app, Lead)) == 3
    with app.app_context(), acting_as(SYSTEM) as session:
        assert session.execute(select(func.count()).select_from(ImportRow).where(ImportRow.done)).scalar() == 3


def test_a_file_is_its_owners_and_the_head_sees_it(login):
    address = load(login("anna"))
    assert login("stranger").get(address).status_code == 404
    assert login("stranger").post(f"{address}/run").status_code == 404
    assert login("oleg").get(address).status_code == 404
    assert login("marina").get(address).status_code == 200


@pytest.mark.parametrize("who", ["director", "nina", "pavel", "sergey"])
def test_others_may_not(login, who):
    browser = login(who)
    assert browser.get("/imports/").status_code == 403
    assert send(browser).status_code == 403
    assert browser.get("/imports/1").status_code == 403
    for door in ("columns", "run", "undo", "forget"):
        assert browser.post(f"/imports/1/{door}").status_code == 403


@pytest.mark.parametrize("address", ["?page=0", "?page=x", "?show=x", f"?page={10**30}"])
def test_strange_addresses_are_refused(login, address):
    anna = login("anna")
    where = load(anna)
    assert anna.get(where + address).status_code == 400
    assert anna.get(f"/imports/{2**70}").status_code == 404
    assert anna.get("/imports/999").status_code == 404


def test_a_file_is_thrown_away_and_its_leads_stay(app, login, worker):
    anna = login("anna")
    address = load(anna)
    anna.post(f"{address}/run")
    worker()
    assert anna.post(f"{address}/forget").status_code == 302
    assert anna.get(address).status_code == 404
    assert len(all_of(app, Lead)) == 3
