"""Access in statements of every shape: all their tables get their conditions, and none shows what is another's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, exists, func, inspect, select, update
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from models.clients import Client, ContactPoint
from models.deals import Deal
from models.estimates import Estimate, EstimateLine
from models.ground import conditions
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import Model
from models.leads import Lead
from models.messages import Message
from models.notices import Notice
from models.tasks import Task
from tests.scene import actor, all_classes

OTHER = aliased(Deal)
STATEMENTS: dict[str, Any] = {
    "entity": select(Deal),
    "column": select(Deal.id),
    "count": select(func.count(Deal.id)),
    "select from": select(func.count()).select_from(Deal),
    "alias": select(OTHER.id),
    "subquery": select(select(Deal.id).subquery().c.id),
    "cte": select(select(Deal.id).cte("d").c.id),
    "union": select(Deal.id).union(select(Deal.id)),
    "in": select(Client.id).where(Client.id.in_(select(Deal.client_id))),
    "exists": select(Client.id).where(exists().where(Deal.client_id == Client.id)),
    "has": select(Task.id).where(Task.deal.has(Deal.number > 0)),
    "any": select(Client.id).where(Client.contacts.any(ContactPoint.kind == "email")),
    "join by relation": select(Task.id).join(Task.deal),
    "join by condition": select(Task.id).join(Deal, Deal.id == Task.deal_id),
    "join of an alias": select(Task.id).join(OTHER, OTHER.id == Task.deal_id),
    "outer join": select(Task.id, Deal.id).outerjoin(Task.deal),
    "joined load": select(Task).options(joinedload(Task.deal).joinedload(Deal.client)),
    "select in load": select(Deal).options(selectinload(Deal.client).selectinload(Client.contacts)),
    "contains eager": select(Task).join(Task.deal).options(contains_eager(Task.deal)),
    "scalar subquery": select(Client.id, select(func.count(Deal.id)).scalar_subquery()),
    "lateral": select(Client.id).join(select(Deal.id).where(Deal.client_id == Client.id).lateral(), Client.id > 0),
    "two tables": select(Task.id, Lead.id).where(Task.lead_id == Lead.id),
    "lines": select(EstimateLine).join(Estimate, Estimate.id == EstimateLine.estimate_id),
}


class TestStatements:
    """Conditions are added only for the tables that a statement names; it must name all of them."""

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_get_all_their_conditions(self, app: Flask, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        few = compiled(app, STATEMENTS[name])
        monkeypatch.setattr(conditions, "present", lambda _state: set(all_classes()))
        assert few == compiled(app, STATEMENTS[name])

    @pytest.mark.parametrize("name", STATEMENTS)
    def test_show_nothing_of_a_rival(self, app: Flask, scene: Any, name: str) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            rows = session.execute(STATEMENTS[name]).unique().all()
            text = repr([[value_of(value) for value in row] for row in rows])
        assert "тайна-stranger" not in text
        hidden = {(table, key) for table, key in scene["stranger"].items()}
        assert not hidden & {(type(v).__tablename__, v.id) for row in rows for v in row if isinstance(v, Model)}

    def test_bulk_changes_of_what_has_history_are_refused(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session, pytest.raises(RuntimeError):
            session.execute(update(Deal).values(comment="x"))

    def test_bulk_changes_reach_no_foreign_rows(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            session.execute(update(Message).values(words="чужое"))
            session.execute(delete(Notice))
            session.execute(delete(EstimateLine))
            session.commit()
        with app.app_context(), acting_as(SYSTEM) as session:
            assert session.get_one(Message, scene["oleg"]["message"]).words == "тайна-oleg"
            assert session.get(Notice, scene["oleg"]["notice"]) is not None
            assert session.get(Notice, scene["anna"]["notice"]) is None
            assert session.get(EstimateLine, scene["oleg"]["estimate_line"]) is not None

    def test_whoever_only_reads_deletes_nothing_in_bulk(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "director")) as session:
            session.execute(delete(EstimateLine))
            session.commit()
        with app.app_context(), acting_as(SYSTEM) as session:
            assert session.get(EstimateLine, scene["anna"]["estimate_line"]) is not None


def compiled(app: Flask, statement: Any) -> str:
    """The SQL that a manager's session sends."""
    sent: list[str] = []
    with app.app_context(), acting_as(actor(app, "anna")) as session:
        engine: Any = session.get_bind()
        raw = session.connection()
        raw.execution_options(compiled_cache=None)

        def note(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            sent.append(text)

        event.listen(engine, "before_cursor_execute", note)
        try:
            session.execute(statement).unique().all()
        finally:
            event.remove(engine, "before_cursor_execute", note)
    return "\n".join(sent)


def value_of(value: Any) -> Any:
    """A row's columns and loaded relations, for looking into them."""
    if not isinstance(value, Model):
        return value
    state = inspect(value)
    return {key: value_of(part) for key, part in state.dict.items() if not key.startswith("_")}
