"""Access: who reads and writes which rows, whatever the statement looks like."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.clients import Client
from models.deals import Deal
from models.estimates import Estimate
from models.ground import access
from models.ground.actor import NOBODY, SYSTEM, acting_as, set_actor
from models.ground.base import Model, utcnow
from models.ground.refused import NotFound
from models.notices import DeadLetter
from models.products import Product
from models.settings import Setting
from models.shipments import Shipment
from models.staff import Team
from models.tasks import Task
from tests.scene import actor, all_classes, by_table, person

FAB = {"Group", "Role", "User", "ViewMenu", "PermissionView", "RegisterUser", "ApiKey", "Permission"}


# Nobody's but their own, a head's neither.
PERSONAL = {"notice", "push_device", "notice_address", "work", "recent_view", "feed_link"}


def seen(app: Flask, username: str, statement: Any) -> list[Any]:
    """What the person's session gives for a statement."""
    with app.app_context(), acting_as(actor(app, username)) as session:
        return list(session.execute(statement).scalars())


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
        assert (scene["oleg"][table] in ids) == (table not in PERSONAL)
        assert scene["stranger"][table] not in ids

    def test_internal_ones_are_the_administrators(self, app: Flask, as_system: Session) -> None:
        as_system.add(DeadLetter(job="x", reason="x"))
        as_system.commit()
        assert seen(app, "director", select(DeadLetter.id)) == []
        assert len(seen(app, "admin", select(DeadLetter.id))) == 1


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
