"""The demo company, once for all tests of reports."""

from collections.abc import Iterator

import pytest
from flask import Flask

from config import Config
from tests.conftest import worker_number
from tests.demo_base import demo_company


@pytest.fixture(scope="package")
def demo(settings: Config) -> Iterator[Flask]:
    """The application over the demo company. Nothing is changed in it."""
    with demo_company(settings, f"company_{worker_number()}") as app:
        yield app
