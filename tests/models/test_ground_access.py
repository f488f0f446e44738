"""Access: who reads and writes which rows, whatever the statement looks like."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, exists, func, inspect, select, update
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from app.security import actor_of_person
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.estimates import Estimate, EstimateLine
from models.ground import access
from models.ground.actor import NOBODY, SYSTEM, Actor, acting_as, set_actor
from models.ground.base import Model, utcnow
from models.ground.refused import NotFound
from models.leads import Lead
from models.messages import Message
from models.notices import DeadLetter, Notice
from models.products import Product
from models.settings import Setting
from models.shipments import Shipment
from models.staff import Team
from models.tasks import Task
from tests.scene import belongings, person

FAB = {"Group", "Role", "User", "ViewMenu", "PermissionView", "RegisterUser", "ApiKey", "Permission"}


def actor(app: Flask, username: str) -> Actor:
    """One of the cast as an actor."""
    with app.app_context(), acting_as(SYSTEM) as session:
        return actor_of_person(person(session, username))


@pytest.fixture
def scene(app: Flask) -> dict[str, dict[str, int]]:
    """What Anna and Oleg have, by table: ids."""
    with app.app_context(), acting_as(SYSTEM) as session:
        found = {
            name: belongings(session, name, f"тайна-{name}", number)
            for name, number in (("anna", 5001), ("oleg", 5002), ("stranger", 5003))
        }
        ids = {name: {table: row.id for table, row in rows.items()} for name, rows in found.items()}
        session.commit()
    return ids


def seen(app: Flask, username: str, statement: Any) -> list[Any]:
    """What the person's session gives for a statement."""
    with app.app_context(), acting_as(actor(app, username)) as session:
        return list(session.execute(statement).scalars())


def by_table() -> dict[str, Any]:
    return {cls.__tablename__: cls for cls in access.OWNED}


class TestEveryTable:
    def test_is_owned_public_or_internal(self) -> None:
        kinds = (access.Owned, access.Public, access.Internal)
        for mapper in Model.registry.mappers:
            found = [kind for kind in kinds if issubclass(mapper.class_, kind)]
            assert len(found) == (0 if mapper.class_.__name__ in FAB else 1), mapper.class_

    def test_the_scene_has_a_row_of_every_owned_one(self, scene: dict[str, dict[str, int]]) -> None:
        assert set(scene["anna"]) == set(by_table())

    def test_strangers_see_nothing(self, app: Flask, scene: dict[str, dict[str, int]]) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            filled = [c for c in all_classes() if session.execute(select(func.count()).select_from(c)).scalar()]
        assert len(filled) > 20
        with app.app_context(), acting_as(NOBODY) as session:
            for cls in filled:
                found = session.execute(select(func.count()).select_from(cls)).scalar()
                assert found == 0 or cls is Setting, cls

    @pytest.mark.parametrize("table", sorted(by_table()))
    def test_of_a_rival_is_hidden_and_of_oneself_is_seen(self, app: Flask, scene: Any, table: str) -> None:
        cls: Any = by_table()[table]
        ids = set(seen(app, "anna", select(cls.id)))
        assert scene["anna"][table] in ids
        assert scene["stranger"][table] not in ids
        # Leads of the team are seen by all of it; everything else of a rival in the same team is not.
        assert (scene["oleg"][table] in ids) == (table == "lead")

    @pytest.mark.parametrize("table", sorted(by_table()))
    def test_of_a_team_is_seen_by_its_head(self, app: Flask, scene: Any, table: str) -> None:
        cls: Any = by_table()[table]
        ids = set(seen(app, "marina", select(cls.id)))
        assert (scene["oleg"][table] in ids) == (table != "notice")
        assert scene["stranger"][table] not in ids

    def test_internal_ones_are_the_administrators(self, app: Flask, as_system: Session) -> None:
        as_system.add(DeadLetter(job="x", reason="x"))
        as_system.commit()
        assert seen(app, "director", select(DeadLetter.id)) == []
        assert len(seen(app, "admin", select(DeadLetter.id))) == 1


def all_classes() -> list[Any]:
    return [*access.OWNED, *access.PUBLIC, *access.INTERNAL]


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
        monkeypatch.setattr(access, "present", lambda _state: set(all_classes()))
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

        access.event.listen(engine, "before_cursor_execute", note)
        try:
            session.execute(statement).unique().all()
        finally:
            access.event.remove(engine, "before_cursor_execute", note)
    return "\n".join(sent)


def value_of(value: Any) -> Any:
    """A row's columns and loaded relations, for looking into them."""
    if not isinstance(value, Model):
        return value
    state = inspect(value)
    return {key: part if not isinstance(part, Model) else value_of(part) for key, part in state.dict.items() if key[0] != "_"}


class TestRelations:
    def test_a_hidden_client_of_ones_own_deal_is_nobody(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            task = session.get_one(Task, scene["anna"]["task"])
            task.client_id = scene["stranger"]["client"]
            session.get_one(Deal, scene["anna"]["deal"]).payer_id = scene["stranger"]["client"]
            session.commit()
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            deal = session.get_one(Deal, scene["anna"]["deal"])
            assert deal.payer is None
            assert deal.client is not None

    def test_of_a_row_that_was_just_made_are_filtered_too(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            me = person(session, "anna")
            task = Task(title="x", deal_id=scene["anna"]["deal"], lead_id=scene["stranger"]["lead"], assignee_id=me.id)
            session.add(task)
            session.flush()
            session.expire(task)
            assert task.lead is None
            assert task.deal is not None


class TestWriting:
    def test_a_rivals_row_cannot_be_changed(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            stolen = session.get_one(Deal, scene["oleg"]["deal"])
            session.expunge(stolen)
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            session.add(stolen)
            stolen.title = "моё"
            with pytest.raises(NotFound):
                session.flush()

    @pytest.mark.parametrize("how", ["key", "relation"])
    def test_a_row_cannot_be_given_away(self, app: Flask, scene: Any, how: str) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            deal, oleg = session.get_one(Deal, scene["anna"]["deal"]), person(session, "oleg")
            if how == "key":
                deal.owner_id = oleg.id
            else:
                deal.owner = oleg
            with pytest.raises(NotFound):
                session.flush()

    @pytest.mark.parametrize("how", ["key", "relation"])
    def test_a_row_cannot_be_planted_as_anothers(self, app: Flask, scene: Any, how: str) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            oleg = person(session, "oleg")
            client = Client(name="подкинут")
            if how == "key":
                client.owner_id = oleg.id
            else:
                client.owner = oleg
            session.add(client)
            with pytest.raises(NotFound):
                session.flush()

    @pytest.mark.parametrize("how", ["key", "relation"])
    def test_a_row_cannot_be_moved_to_a_rivals_deal(self, app: Flask, scene: Any, how: str) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            foreign = session.get_one(Deal, scene["oleg"]["deal"])
            session.expunge(foreign)
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            estimate = session.get_one(Estimate, scene["anna"]["estimate"])
            if how == "key":
                estimate.deal_id = foreign.id
            else:
                estimate.deal = session.merge(foreign, load=False)
            estimate.revision = 9
            with pytest.raises(NotFound):
                session.flush()

    def test_the_old_owner_counts_as_well(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            stolen = session.get_one(Deal, scene["oleg"]["deal"])
            session.expunge(stolen)
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            session.add(stolen)
            stolen.owner_id = person(session, "anna").id
            with pytest.raises(NotFound):
                session.flush()

    def test_a_rivals_row_cannot_be_deleted(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            stolen = session.get_one(Shipment, scene["oleg"]["shipment"])
            session.expunge(stolen)
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            session.delete(stolen)
            with pytest.raises(NotFound):
                session.flush()

    def test_ones_own_row_can_be_changed_and_handed_to_ones_own_people(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "marina")) as session:
            deal, anna = session.get_one(Deal, scene["oleg"]["deal"]), person(session, "anna")
            deal.owner = anna
            session.commit()
            assert deal.owner_id == anna.id

    def test_whoever_reads_everything_still_writes_nothing(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "director")) as session:
            session.get_one(Deal, scene["anna"]["deal"]).title = "моё"
            with pytest.raises(NotFound):
                session.flush()

    def test_internal_rows_are_the_systems(self, app: Flask) -> None:
        with app.app_context(), acting_as(actor(app, "director")) as session:
            session.add(DeadLetter(job="x", reason="x"))
            session.flush()
            letter = DeadLetter(job="y", reason="y")
            session.add(letter)
            session.flush()
            letter.reason = "z"
            with pytest.raises(NotFound):
                session.flush()

    def test_a_stranger_writes_nothing_at_all(self, app: Flask) -> None:
        for row in (Team(name="x"), Product(name="x", unit="шт.", price=1)):
            with app.app_context(), acting_as(NOBODY) as session, session.no_autoflush:
                session.add(row)
                with pytest.raises(NotFound):
                    session.flush()
                session.expunge_all()


class TestTrash:
    def test_what_is_thrown_away_is_not_seen_anywhere(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(actor(app, "anna")) as session:
            session.get_one(Task, scene["anna"]["task"]).deleted_at = utcnow()
            session.commit()
            session.expire_all()
            assert session.get(Task, scene["anna"]["task"]) is None

    def test_work_of_a_deal_in_the_trash_is_hidden_with_it(self, app: Flask, scene: Any) -> None:
        with app.app_context(), acting_as(SYSTEM) as session:
            session.get_one(Deal, scene["anna"]["deal"]).deleted_at = utcnow()
            session.commit()
        assert scene["anna"]["estimate"] not in seen(app, "anna", select(Estimate.id))


class TestActor:
    def test_a_session_never_changes_hands(self, app: Flask) -> None:
        with app.app_context(), acting_as(actor(app, "anna")), pytest.raises(RuntimeError):
            set_actor(actor(app, "oleg"))

    def test_of_several_roles_the_widest_scope_holds_and_few_fields_are_hidden(
        self, app: Flask, as_system: Session
    ) -> None:
        anna, pavel = person(as_system, "anna"), person(as_system, "pavel")
        pavel.roles = [*pavel.roles, *anna.roles]
        as_system.commit()
        both = actor(app, "pavel")
        assert both.reads("deal") == actor(app, "anna").reads("deal")
        assert both.sees("client.phone")

    def test_rights_are_read_anew_after_a_change_in_another_process(self, app: Flask, as_system: Session) -> None:
        before = actor(app, "pavel")
        assert not before.may("can_list", "Leads")
        pavel = person(as_system, "pavel")
        pavel.roles = list(person(as_system, "anna").roles)
        as_system.commit()
        assert actor(app, "pavel").may("can_list", "Leads")


