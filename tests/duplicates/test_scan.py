"""The base is looked through: what is found, with which reason, and what is never named again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.services import clients, duplicates, works
from app.services.duplicates import batches
from app.services.duplicates.following import followers
from models.clients import Client
from models.duplicates import LikePair, Merge, PairState
from models.ground.actor import Actor
from models.works import Work, WorkState
from reports.duplicates import PARTS
from tests.scene import person

ASKER = Actor("Анна", everything=True)


@pytest.fixture
def make(as_system: Any) -> Any:
    def made(name: str, *contacts: str, **values: Any) -> int:
        phones = [one for one in contacts if "@" not in one]
        emails = [one for one in contacts if "@" in one]
        anna = person(as_system, "anna")
        return clients.create(name, phones=phones, emails=emails, owner=anna, values=values).id

    return made


@pytest.fixture
def scan(as_system: Any, worker: Any) -> Any:
    def run() -> dict[tuple[int, int], LikePair]:
        batches.begin_scan()
        as_system.commit()
        worker()
        as_system.expire_all()
        rows = as_system.execute(select(LikePair).where(LikePair.state == PairState.OPEN)).scalars()
        return {(row.a_id, row.b_id): row for row in rows}

    return run


def test_a_contact_with_names_alike_is_exact_and_with_other_names_is_not(make, scan):
    one, same = make("Смирнова Ольга", "89261230001"), make("Ольга Смирнова", "+7 926 123-00-01")
    other = make("Пётр Кузнецов", "8 (926) 123 00 01")
    found = scan()
    assert found[one, same].is_exact
    assert found[one, same].reasons == ["phone"]
    assert not found[one, other].is_exact
    assert set(found) == {(one, same), (one, other), (same, other)}


def test_reasons_add_up_and_a_phone_instead_of_a_name_speaks_against_nobody(make, scan):
    one = make("+7 926 123-00-01", "89261230001", "a@b.example")
    two = make("Семён Орлов", "89261230001", "a@b.example", inn="7799010028")
    three = make("ООО «Орлов»", "zakaz@orlov.example", inn="7799010028", kpp="779901001")
    found = scan()
    assert sorted(found[one, two].reasons) == ["email", "phone"]
    assert found[two, three].reasons == ["inn"]
    assert found[two, three].is_exact


def test_branches_of_one_inn_are_a_hint(make, scan):
    one = make("ООО «Ромашка»", inn="7799010028", kpp="779901001")
    two = make("ООО «Ромашка», филиал", inn="7799010028", kpp="780101001")
    pair = scan()[one, two]
    assert (pair.reasons, pair.is_exact) == (["branch"], False)


def test_the_scan_counts_what_it_found(as_system, make, scan):
    make("Иван", "89261230001", address="Москва, Примерная, 15")
    make("Иван", "89261230001", address="Москва, Примерная, 15")
    scan()
    work = as_system.execute(select(Work).order_by(Work.id.desc())).scalars().first()
    assert (work.state, work.found, work.done, work.total) == (WorkState.DONE, {"exact": 1, "alike": 1}, 4, 4)


def test_names_alike_count_only_at_one_address(make, scan):
    one = make("Семёнова Алёна", address="125167, г. Москва, ул. Примерная, д. 1, кв. 5")
    two = make("Алена Семенова", address="Москва, улица Примерная 1-5")
    make("Алена Семенова", address="Москва, Другая 7")
    make("Борис Чужой", address="Москва, Примерная, 1, 5")
    found = scan()
    assert set(found) == {(one, two)}
    assert (found[one, two].reasons, found[one, two].is_exact) == (["address"], False)


def test_what_was_called_different_is_not_named_again(as_system, make, scan):
    one, two = make("Иван", "89261230001"), make("Иван", "89261230001")
    assert set(scan()) == {(one, two)}
    duplicates.apart(ASKER, two, one)
    assert scan() == {}
    assert [holder.client_id for holder in clients.recognise("+79261230001", apart_from=one)] == []
    duplicates.maybe_same(ASKER, one, two)
    assert set(scan()) == {(one, two)}


def test_a_pair_that_is_none_any_more_goes(as_system, make, scan):
    one, two = make("Иван", "89261230001"), make("Иван", "89261230001")
    assert scan()
    clients.set_contacts(as_system.get(Client, two), ["89261230002"], None)
    assert scan() == {}
    assert one < two


def test_a_contact_of_very_many_is_compared_in_a_chain(make, scan):
    keys = [make("Приёмная", "84951230099") for _n in range(8)]
    assert set(scan()) == set(zip(keys, keys[1:], strict=False))


def test_all_exact_pairs_are_merged_as_a_batch_and_the_batch_is_taken_back(as_system, worker, make, scan):
    keys = [make("Иван Петров", "89261230001") for _n in range(3)]
    other = [make("Олег", "89261230005"), make("Олег", "89261230005")]
    make("Мария", "89261230005")
    scan()
    work = batches.begin_merge().id
    as_system.commit()
    worker()
    as_system.expire_all()
    done = as_system.get(Work, work)
    assert (done.state, done.errors, done.found) == (WorkState.DONE, [], {"merged": 3, "skipped": 1})
    merges = list(as_system.execute(select(Merge).where(Merge.batch_id == work)).scalars())
    assert {(row.survivor_id, row.loser_id) for row in merges} == {
        (keys[0], keys[1]), (keys[0], keys[2]), (other[0], other[1]),
    }  # fmt: skip
    back = batches.begin_undo(done).id
    as_system.commit()
    worker()
    as_system.expire_all()
    assert as_system.get(Work, back).found == {"unmerged": 3}
    left = as_system.execute(select(Client.id).where(Client.id.in_([*keys, *other]))).scalars()
    assert set(left) == {*keys, *other}


def test_a_batch_asks_about_what_was_changed_since_and_undoes_the_rest(as_system, worker, make, scan):
    one, two = make("Иван", "89261230001"), make("Иван", "89261230001", address="Москва, Примерная, 1")
    three, four = make("Олег", "89261230002"), make("Олег", "89261230002")
    scan()
    work = batches.begin_merge().id
    as_system.commit()
    worker()
    as_system.expire_all()
    clients.change(as_system.get(Client, one), {"address": "Тверь, Новая, 2"})
    back = batches.begin_undo(as_system.get(Work, work)).id
    as_system.commit()
    worker()
    as_system.expire_all()
    done = as_system.get(Work, back)
    assert (done.found, done.failed) == ({"unmerged": 1}, 1)
    assert done.errors[0]["item"] == "Иван — Иван"
    assert done.errors[0]["url"].startswith("/clients/merges/")
    assert as_system.get(Client, four) is not None
    assert as_system.execute(select(Client.id).where(Client.id == two)).first() is None
    assert works.retriable(done.errors)
    assert three < four


def test_what_follows_a_client_is_found_by_an_index():
    """A merge looks for his rows in every table that names a client: none may be read from end to end."""
    slow = []
    for name, follower in followers().items():
        table = follower.model.__table__
        firsts = {one.columns[0].name for one in (*table.indexes, *table.constraints) if len(getattr(one, "columns", ()))}
        if table.c[follower.key].name not in firsts:
            slow.append(name)
    assert slow == []


def test_no_table_that_names_a_client_is_forgotten():
    """The pages say each of them in words."""
    assert set(followers()) <= set(PARTS)
