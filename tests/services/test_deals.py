"""Deals: how they start, their plan of tasks, changes, hand-over, notes; what history keeps of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.doors import committing
from app.services import deals
from models.deals import Deal
from models.ground.actor import SYSTEM, acting_as
from models.ground.refused import NotFound, Refused
from models.messages import Message
from models.tasks import Task
from tests.deals import PLACE, agreed, open_titles, stage, started, told, visits, who
from tests.money import acting


def test_a_deal_starts_on_the_first_stage_with_its_number_its_visit_and_its_tasks(as_system):
    deal = started(as_system)
    assert (deal.number, deal.stage.code, deal.owner.username) == (1001, "intake", "anna")
    assert visits(as_system, deal) == [("intake", True)]
    assert told(as_system, deal) == ["deal.started"]
    assert open_titles(as_system, deal) == ["Уточнить задачу клиента", "Договориться о замере"]
    assert started(as_system).number == 1002


def test_numbers_of_deals_started_at_once_have_no_gap_and_no_twin(app):
    def one(_n):
        with app.app_context(), acting_as(SYSTEM) as session, committing(session):
            return started(session).number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(8))) == list(range(1001, 1009))


def test_a_deal_that_could_not_be_saved_leaves_no_gap(as_system):
    started(as_system)
    as_system.rollback()
    assert started(as_system).number == 1001


def test_the_playbook_gives_tasks_to_the_owner_and_to_roles_once(as_system):
    deal = started(as_system, **PLACE)
    deals.move(deal, stage(deal, "measure"))
    given = select(Task).where(Task.deal_id == deal.id, Task.title == "Провести замер")
    task = as_system.execute(given).scalar_one()
    assert (task.assignee.username, task.stage_id) == ("pavel", stage(deal, "measure").id)
    deals.move(deal, stage(deal, "intake"))
    deals.move(deal, stage(deal, "measure"))
    assert len(as_system.execute(given).scalars().all()) == 1


BAD_VALUES = [
    ("budget", "много", "не сумма|not a sum"),
    ("budget", "-1", "меньше нуля"),
    ("budget", "1e30", "слишком большая|too large"),
    ("expected_on", "32.13.2026", "не дата"),
    ("expected_on", "01.01.9999", "от 2000 до 2100"),
    ("work_type", "луна", "нет в списке"),
    ("address", "а" * 251, "слишком длинный|too long"),
    ("comment", "\x00", "нельзя сохранить|cannot be stored"),
    ("client", "999999", "Такого клиента нет"),
    ("client", "9" * 40, "Такого клиента нет"),
    ("payer", "'; drop table deal", "Такого клиента нет"),
    ("moon", "1", "нет поля"),
]


@pytest.mark.parametrize(("code", "value", "words"), BAD_VALUES)
def test_a_bad_value_is_refused_in_words_at_its_field(as_system, code, value, words):
    deal = started(as_system)
    with pytest.raises(Refused, match=words) as refusal:
        deals.change(deal, {code: value})
    assert refusal.value.field == code


def test_the_amount_is_the_estimates_as_soon_as_there_is_one(as_system):
    deal = started(as_system)
    deals.change(deal, {"amount": "1000"})
    assert deal.amount == 1000
    sold = agreed(as_system)
    assert sold.amount == 100_000
    with pytest.raises(Refused, match="берётся из сметы"):
        deals.change(sold, {"amount": "1"})


def test_a_deal_given_away_takes_its_owners_open_tasks_along(as_system):
    deal = started(as_system)
    deals.assign(deal, who(as_system, "oleg"))
    assignees = select(Task.assignee_id).where(Task.deal_id == deal.id)
    assert set(as_system.execute(assignees).scalars()) == {who(as_system, "oleg").id}
    assert told(as_system, deal)[-1] == "deal.assigned"


def test_a_manager_gives_nothing_to_a_rival_but_their_head_does(app, system):
    with system() as session:
        number = started(session).number
    for username, allowed in (("oleg", False), ("anna", False), ("marina", True)):
        with acting(app, username) as session:
            deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one_or_none()
            if username == "oleg":
                assert deal is None
                continue
            if allowed:
                deals.assign(deal, who(session, "oleg"))
                session.commit()
            else:
                with pytest.raises(NotFound):
                    deals.assign(deal, who(session, "oleg"))


def test_a_note_is_kept_with_its_author_and_an_empty_one_is_refused(app, system):
    with system() as session:
        number = started(session).number
    with acting(app, "anna") as session:
        deal = session.execute(select(Deal).where(Deal.number == number)).scalar_one()
        deals.note(deal, "  Просит до пятницы ")
        with pytest.raises(Refused, match="пустая"):
            deals.note(deal, " \n ")
        session.commit()
        note = session.execute(select(Message)).scalar_one()
        assert (note.words, note.author_name) == ("Просит до пятницы", "Анна Белова")
