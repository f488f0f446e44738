"""Plans are kept for pages that ask by keys, and keeping them commits nothing."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from models.clients import Client
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import db
from models.ground.prepared import TIMES, keep_plans
from tests.money import agreed_1042

PREPARED = text("SELECT count(*) FROM pg_prepared_statements")


def prepared(app):
    with app.app_context(), db.engine.connect() as connection:
        return connection.execute(PREPARED).scalar_one()


def test_a_card_that_is_opened_often_is_planned_once(app, system, login):
    with app.app_context():
        db.engine.dispose()
    with system() as session:
        agreed_1042(session)
    marina = login("marina")
    for _time in range(TIMES + 1):
        assert marina.get("/deals/1042").status_code == 200
    assert prepared(app) > 10


def test_a_list_is_planned_each_time(app, login):
    with app.app_context():
        db.engine.dispose()
    marina = login("marina")
    for _time in range(TIMES + 1):
        assert marina.get("/deals/list/").status_code == 200
    assert prepared(app) == 0


def test_what_nobody_committed_is_lost_where_plans_are_kept_too(app):
    with app.app_context(), acting_as(SYSTEM) as session:
        keep_plans()
        session.add(Client(name="Никто", kind="person"))
        session.flush()
    with app.app_context(), acting_as(SYSTEM) as session:
        assert session.execute(select(Client).where(Client.name == "Никто")).first() is None


def test_a_connection_that_died_while_plans_were_kept_is_replaced(app, settings):
    with pytest.raises(OperationalError), app.app_context(), acting_as(SYSTEM) as session:
        keep_plans()
        number = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(settings.libpq_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (number,))
    with app.app_context(), acting_as(SYSTEM) as session:
        assert session.execute(select(Client.id)).all() is not None
