"""Deals with money, for tests that go through doors; what is in the base is looked at between requests."""

import pytest

from tests.money import Rows, agreed_1042, deal_of


@pytest.fixture
def rows(system):
    return Rows(system)


@pytest.fixture
def deal(rows):
    return rows.make(agreed_1042)


@pytest.fixture
def fresh(rows):
    """The deal without any estimate."""
    return rows.make(deal_of)
