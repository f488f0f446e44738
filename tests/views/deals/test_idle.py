"""Deals without a next step: the board, the list beside the tasks and one's day say the same number."""

import re

import pytest
from sqlalchemy import select

from app.services import deals
from app.wording import today
from models.tasks import Task
from tests.deals import started, who


@pytest.fixture
def scene(system):
    """Deals of Anna's: two with no task, one on hold until today whose morning is not told yet, one with a task."""
    with system() as session:
        two = [started(session), started(session)]
        held, lost = started(session), started(session)
        started(session)
        for deal in (*two, held, lost):
            for task in session.execute(select(Task).where(Task.deal_id == deal.id)).scalars():
                session.delete(task)
        held.held_until, held.held_reason = today(), "Ждёт ключи"
        session.flush()
        deals.lose(lost, "price")
        return [deal.number for deal in two], who(session, "anna").id


def test_the_board_the_list_and_the_day_agree(login, scene):
    numbers, anna = scene
    client = login("anna")
    board = client.get(f"/deals/board/?idle=1&owner={anna}").get_data(as_text=True)
    drawn = set(re.findall(r'data-number="(\d+)"', board))
    listed = client.get("/tasks/idle").get_data(as_text=True)
    day = client.get("/day/").get_data(as_text=True)
    assert drawn == {str(number) for number in numbers}
    assert set(re.findall(r'data-href="/deals/(\d+)"', listed)) == drawn
    assert re.search(r"Без задачи <b>2</b>", board)
    assert "2 сделки без следующего шага" in day.replace("\u00a0", " ")
