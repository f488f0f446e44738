"""From the mailbox to the lead, to the answer from the card and back: a real scheduler and a real worker."""

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

from app.queue import queue_state
from models.channels import Channel
from models.ground.files import StoredFile
from models.leads import Lead
from models.messages import Conversation, Message
from tests.files.pictures import jpeg
from tests.letters import answer, mail_channel, say
from tests.mailbox import Mailbox, letter
from tests.talks import System, all_of, one

# ── a scheduler and a worker of their own ────────────────────────────────────


@pytest.fixture
def crew(app: Flask, smtp: Any, here: Path) -> Iterator[None]:
    """A scheduler and a worker as the supervisor starts them."""
    config = app.config["CRM"]
    environ = {**os.environ, **config.to_env(), "VORONKA_SUPERVISED": str(config.VAR), "PYTHONPATH": str(here)}
    processes = [
        subprocess.Popen(
            (sys.executable, "-m", "flask", "--app", "app", "crm", name), cwd=here, env=environ, process_group=0
        )
        for name in ("worker", "scheduler")
    ]
    yield
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    with app.app_context():
        queue_state().redis.flushdb()


def until(done: Callable[[], Any], seconds: float, words: str) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        assert time.monotonic() < deadline, words
        time.sleep(0.2)


@pytest.mark.slow
def test_from_the_mailbox_to_the_lead_to_the_answer_and_back(
    system: System, box: Mailbox, smtp: Any, crew: None, login: Any
) -> None:
    with system() as session:
        key = mail_channel(session, box).id

    def is_heard() -> bool:
        with system() as session:
            return "uid" in session.get(Channel, key).cursor

    until(is_heard, 60, "the scheduler does not listen")
    made = letter("Нужны два окна, фото во вложении.")
    made.add_attachment(jpeg(), maintype="image", subtype="jpeg", filename="Окно.jpg")
    box.put(made)
    since = time.monotonic()
    (lead,) = until(lambda: all_of(system, Lead), 30, "no lead within 30 s")
    assert time.monotonic() - since < 30
    until(lambda: [row for row in all_of(system, StoredFile) if row.preview == "ready"], 30, "the photo is not drawn")
    marina = login("marina")
    page = marina.get(f"/leads/{lead.id}")
    assert "Нужны два окна" in page.text
    until(lambda: marina.post(f"/leads/{lead.id}/take").status_code in {200, 302}, 5, "not taken")
    talk = one(system, Conversation)
    assert say(marina, f"leads/{lead.id}", "Два окна: 98 000 ₽.", way=f"c{talk.id}").status_code == 200
    (sent,) = until(lambda: smtp.to("irina@client.test"), 30, "the answer does not leave")
    box.put(answer(sent, "Хорошо, жду замер."))

    def is_back() -> bool:
        return any(row.words == "Хорошо, жду замер." and row.lead_id == lead.id for row in all_of(system, Message))

    until(is_back, 30, "the reply does not land")
    assert len(all_of(system, Lead)) == 1
    assert len(smtp.to("irina@client.test")) == 1
