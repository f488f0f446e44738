"""What tests of notices share: a push service, an employee with a browser, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.jobs import JOBS
from models.notices import Delivery, PushDevice
from models.staff import Person
from tests.push import Browser, Service, push_service


@pytest.fixture
def service(configure: Callable[..., None]) -> Iterator[Service]:
    """A push service of our own, named whole in the settings, as whoever runs one would."""
    with push_service() as running:
        configure(PUSH_SERVICES=(running.origin,))
        yield running


@pytest.fixture
def anna(as_system: Any) -> Person:
    found: Person = as_system.execute(select(Person).where(Person.username == "anna")).scalar_one()
    return found


@pytest.fixture
def browser(service: Service, as_system: Any, anna: Person) -> Browser:
    """Anna's browser, which has agreed."""
    made = service.browser()
    keys = made.subscription["keys"]
    device = PushDevice(person_id=anna.id, endpoint=made.endpoint, agent="Chrome, Android", **keys)
    as_system.add(device)
    as_system.commit()
    return made


@pytest.fixture
def all_rows(as_system: Any) -> Callable[..., list[Delivery]]:
    """Deliveries, by way when one is named."""

    def found(way: str = "") -> list[Delivery]:
        as_system.expire_all()
        rows = select(Delivery).order_by(Delivery.id)
        return list(as_system.execute(rows.where(Delivery.way == way) if way else rows).scalars())

    return found


@pytest.fixture
def deliver() -> Callable[[Delivery], None]:
    def run(delivery: Delivery) -> None:
        JOBS["app.jobs.outbound.deliver"](delivery.id)

    return run
