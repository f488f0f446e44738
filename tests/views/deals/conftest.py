"""Deals of rivals on several stages, for every test of their doors."""

import pytest

from app.services import deals
from tests.deals import PLACE, agreed, stage, started


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
