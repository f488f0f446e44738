"""Housekeeping: partitions ahead of time, marks that are of no use any more."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, text

from app.jobs import upkeep
from app.jobs.schedule import SCHEDULE
from models.ground.base import utcnow
from models.ground.history import Change, Event, HandlerRun
from models.leads import Lead


def test_history_has_a_partition_for_this_month_and_the_next_and_keeps_its_rows(as_system):
    lead = Lead(received_at=utcnow(), name="Иван")
    as_system.add(lead)
    as_system.commit()
    before = as_system.execute(select(func.count()).select_from(Change)).scalar_one()
    as_system.rollback()
    try:
        upkeep.partitions()
        upkeep.partitions()
        months = as_system.execute(text("SELECT relname FROM pg_class WHERE relname ~ '^change_20\\d\\d_\\d\\d$'"))
        assert len(set(months.scalars())) >= upkeep.MONTHS_AHEAD + 1
        assert as_system.execute(select(func.count()).select_from(Change)).scalar_one() == before
        place = as_system.execute(text(f"SELECT tableoid::regclass FROM change WHERE row_id = {lead.id}")).scalar()
        assert str(place) == f"change_{utcnow():%Y_%m}"
        lead.name = "Пётр"
        as_system.commit()
    finally:
        as_system.rollback()
        _drop(as_system)


def _drop(session):
    """The base of the tests is remembered without them."""
    names = session.execute(text("SELECT relname FROM pg_class WHERE relname ~ '^change_20\\d\\d_\\d\\d$' AND relkind = 'r'"))
    for name in names.scalars().all():
        session.execute(text(f"DROP TABLE {name}"))
    session.commit()


def test_marks_of_events_long_handled_are_forgotten(as_system):
    lead = Lead(received_at=utcnow(), name="Иван")
    as_system.add(lead)
    as_system.flush()
    event = Event(name="lead.received", table="lead", row_id=lead.id, actor_name="x", handled_at=utcnow())
    as_system.add(event)
    as_system.flush()
    old = HandlerRun(event_id=event.id, handler="old", at=utcnow() - dt.timedelta(days=91))
    as_system.add_all([old, HandlerRun(event_id=event.id, handler="new")])
    as_system.commit()
    upkeep.forget_marks()
    as_system.rollback()
    assert as_system.execute(select(HandlerRun.handler)).scalars().all() == ["new"]


def test_all_periodic_work_has_a_name_of_its_own():
    names = [one.name for one in SCHEDULE]
    assert len(names) == len(set(names))
