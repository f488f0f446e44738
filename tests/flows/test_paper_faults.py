"""A worker is killed in the middle of a paper: one document, one file, the same number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.queue import release
from app.services import documents, estimates
from app.worker import alive
from models.documents import Document, DocumentState
from models.ground.files import StoredFile
from tests.money import deal_of

pytestmark = pytest.mark.slow
SECONDS = 60


@pytest.fixture
def crews(app: Flask, here: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start `flask crm worker` over the servers of the tests; whatever is left is killed."""
    config = app.config["CRM"]
    environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
    command = (sys.executable, "-m", "flask", "--app", "app", "crm", "worker")
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command, cwd=here, env=environ, process_group=0))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def until(done: Callable[[], Any]) -> None:
    deadline = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def long_invoice(session: Any) -> Document:
    """Three hundred lines: a paper that takes its time."""
    deal = deal_of(session)
    rows = [{"name": f"Позиция {n}", "quantity": "2", "price": "100"} for n in range(300)]
    estimates.agree(estimates.save_lines(estimates.draft(deal), rows))
    return documents.issue(deal, "invoice")


def test_a_worker_killed_in_the_middle_of_a_paper_leaves_one_document_with_its_number(app, system, crews):
    crew = crews()
    with app.app_context():
        until(alive)
    with system() as session:
        issued = long_invoice(session)
        session.commit()
        pk = issued.id

    def look() -> Document:
        with system() as session:
            found = session.execute(select(Document).where(Document.id == pk)).scalar_one()
            session.expunge_all()
            return found

    until(lambda: look().attempts == 1)
    os.killpg(crew.pid, signal.SIGKILL)
    crew.wait()
    assert (look().state, look().number) == (DocumentState.MAKING, "1")

    crews()
    # What the sweep does a minute later.
    with app.app_context():
        release([(documents.JOB, (pk,))])
    until(lambda: look().state == DocumentState.READY)
    # The child that pressed it may outlive its worker and end the work alone: then there is no second attempt.
    assert look().number == "1"
    assert look().attempts in {1, 2}
    with system() as session:
        assert len(session.execute(select(Document)).scalars().all()) == 1
        assert len(session.execute(select(StoredFile)).scalars().all()) == 1
