"""The sweep: what died stays with a person, and hides nothing that still waits behind it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.jobs import sweep
from models.channels import Channel
from models.messages import RawBody
from models.notices import DeadLetter
from models.works import Work
from tests import hooks

READ = "app.jobs.inbound.read"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "YOUNG", -5)
    sweep._rung.clear()


def bodies(session: Any, count: int) -> list[int]:
    hooks.open_channel(session)
    channel = session.execute(select(Channel.id).limit(1)).scalar_one()
    kept = [RawBody(channel_id=channel, body=b"x", size=1, sha256=f"{number:064}") for number in range(count)]
    session.add_all(kept)
    session.flush()
    return [one.id for one in kept]


def bury(session: Any, job: str, keys: list[int]) -> None:
    session.add_all(DeadLetter(job=job, args=[key], reason="it failed") for key in keys)
    session.commit()


def released(monkeypatch: pytest.MonkeyPatch, path: str) -> list[int]:
    found: list[Any] = []
    monkeypatch.setattr(sweep, "release", lambda calls: found.extend(calls) or True)
    sweep.sweep()
    return [args[0] for job, args in found if job == path]


def test_a_whole_batch_of_the_dead_hides_no_body_that_waits(as_system, monkeypatch):
    *dead, healthy = bodies(as_system, sweep.BATCH + 1)
    bury(as_system, READ, dead)
    assert released(monkeypatch, READ) == [healthy]


def test_only_the_same_job_of_the_same_row_is_dead(as_system, monkeypatch):
    first, second = bodies(as_system, 2)
    bury(as_system, "app.jobs.outbound.deliver", [first])
    bury(as_system, READ, [second])
    assert released(monkeypatch, READ) == [first]


def test_what_a_person_replayed_is_rung_for_again(as_system, monkeypatch):
    bury(as_system, READ, bodies(as_system, 1))
    assert released(monkeypatch, READ) == []
    letter = as_system.execute(select(DeadLetter)).scalar_one()
    letter.replayed_at = letter.at
    as_system.commit()
    assert len(released(monkeypatch, READ)) == 1


def test_a_whole_batch_of_dead_and_unknown_works_hides_no_work_that_waits(as_system, monkeypatch):
    kinds = ["clients.scan"] * (sweep.BATCH // 2) + ["of.an.older.version"] * (sweep.BATCH // 2) + ["clients.scan"]
    works = [Work(kind=kind, title="…") for kind in kinds]
    as_system.add_all(works)
    as_system.flush()
    bury(as_system, "app.jobs.works.scan", [work.id for work in works if work.kind == "clients.scan"][:-1])
    assert released(monkeypatch, "app.jobs.works.scan") == [works[-1].id]
