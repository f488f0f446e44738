"""Every link of the daily letter opens for whoever gets it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from app.jobs import letters
from models.ground.base import clock_at
from models.leads import Lead
from models.tasks import Task
from tests.cast import CAST
from tests.scene import belongings, person

MORNING = dt.datetime.fromisoformat("2026-06-10T08:30+03:00")
LINK = re.compile(r"http://localhost(/[^\s\"<]*)")


@pytest.fixture
def letter(app: Flask, system: Any, smtp: Any, worker: Callable[[], None]) -> Callable[[str], EmailMessage]:
    """The letter of one of the cast to whom very different things are given."""

    def written(username: str) -> EmailMessage:
        with system() as session:
            lay_out(session, username)
        with clock_at(MORNING):
            with app.app_context():
                letters.daily()
            worker()
        (found,) = smtp.to(f"{username}@parus.test")
        return found  # type: ignore[no-any-return]

    return written


def lay_out(session: Any, username: str) -> None:
    """Tasks by themselves, on one's own deal, on a deal and a lead of another team, and what waits for an answer."""
    me, soon = person(session, username), MORNING + dt.timedelta(hours=1)
    me.notify = {"digest": "08:30"}
    rows = belongings(session, username, "qq")
    rows["task"].due_at = soon
    session.add(Lead(name="Ждёт", owner_id=me.id, received_at=MORNING, respond_by=soon))
    rival = belongings(session, "oleg" if username == "stranger" else "stranger", "zz", 5001)
    places = ({}, {"deal_id": rows["deal"].id}, {"deal_id": rival["deal"].id}, {"lead_id": rival["lead"].id})
    for number, place in enumerate((*places, {"lead_id": rows["lead"].id}, {"client_id": rival["client"].id})):
        session.add(Task(title=f"Дело {number}", assignee_id=me.id, due_at=soon, **place))


def links_of(letter: EmailMessage, kind: str) -> list[str]:
    body = letter.get_body((kind,))
    assert body is not None
    return LINK.findall(body.get_content())


@pytest.mark.parametrize("username", [part.username for part in CAST])
def test_every_link_opens(letter, login, username):
    got = letter(username)
    client, links = login(username), {*links_of(got, "plain"), *links_of(got, "html")}
    opened = {link: client.get(link, follow_redirects=True).status_code for link in links}
    assert len(opened) > 2
    assert set(opened.values()) == {200}, opened


@pytest.mark.parametrize(
    ("username", "says", "first"),
    [
        ("anna", "Открыть «Мой день»", "/day/"),
        ("pavel", "Открыть Voronka", "/visits/"),
        ("sergey", "Открыть Voronka", "/tasks/list/"),
        ("nina", "Открыть Voronka", "/invoices/"),
        ("director", "Открыть Voronka", "/dashboard/"),
        ("admin", "Открыть Voronka", "/people/"),
    ],
)
def test_the_button_leads_to_the_first_screen_of_each(letter, login, username, says, first):
    got = letter(username)
    for kind in ("plain", "html"):
        assert says in got.get_body((kind,)).get_content()
        answer = login(username).get(links_of(got, kind)[-1], follow_redirects=True)
        assert answer.request.path.startswith(first)
