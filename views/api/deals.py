"""Deals of the API: list, get, create, change, move, assign, note."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.services import deals
from models.deals import Deal
from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import Funnel, Stage
from models.staff import Person
from views.api import bodies
from views.api.columns import BOTH, NEW, Column, owner_of, stamps_of
from views.api.resource import Resource, operation
from views.base import committing, require

KIND_OF_FIELD = {"client": "id", "money": "money", "date": "date"}


def of_funnel(code: str) -> Any:
    """Deals of a funnel by its code."""
    return Deal.funnel_id.in_(select(Funnel.id).where(Funnel.code == code))


def on_stage(code: str) -> Any:
    """Deals on a stage by its code."""
    return Deal.stage_id.in_(select(Stage.id).where(Stage.code == code))


def field(code: str, **more: Any) -> Column:
    """A field that people fill in, as models/lowcode/fields.py has it."""
    known = FIELDS[code]
    kind = KIND_OF_FIELD.get(known.kind, "text")
    column = known.column
    return Column(code, kind, known.label, lambda row: getattr(row, column), taken=BOTH, hidden=known.hidden, **more)


class DealsApi(Resource):
    """`number` stands in the addresses; the amount is the estimate's as soon as there is one."""

    resource_name = "deals"
    class_permission_name = "Deals"
    openapi_spec_tag = "Deals"
    noun = "deal"
    model = Deal
    key_name = "number"
    needed = ("title",)
    loads = tuple(selectinload(part) for part in (Deal.client, Deal.payer, Deal.funnel, Deal.stage, Deal.owner))
    columns = (
        Column("number", "whole", _l("Number of the deal"), by=Deal.number, sort=True),
        field("title", by=Deal.title, sort=True),
        field("client", by=Deal.client_id),
        Column("client_name", "text", _l("Name of the client"), lambda row: row.client and row.client.name),
        field("payer"),
        Column(
            "funnel", "text", _l("Code of the funnel"), lambda row: row.funnel.code, ask=of_funnel, taken=NEW
        ),
        Column("stage", "text", _l("Code of the stage"), lambda row: row.stage.code, ask=on_stage),
        Column("stage_since", "moment", _l("Since when on this stage"), by=Deal.stage_since, sort=True),
        Column(
            "is_open", "flag", _l("Neither won nor lost"),
            ask=lambda wanted: Deal.closed_at.is_(None) if wanted else Deal.closed_at.is_not(None),
        ),
        field("amount", by=Deal.amount, sort=True),
        field("budget"),
        *owner_of(Deal),
        field("address"),
        field("work_type", by=Deal.work_type),
        field("source", by=Deal.source),
        field("category", by=Deal.category),
        field("expected_on", by=Deal.expected_on),
        field("production_on", by=Deal.production_on),
        field("comment"),
        field("lost_reason", by=Deal.lost_reason),
        Column("closed_at", "moment", _l("When it was won or lost"), by=Deal.closed_at),
        *stamps_of(Deal),
    )  # fmt: skip
    moving = (
        Column("stage", "text", _l("Code of the stage to go to")),
        Column("values", "object", _l("Fields that the stage asks for, by name")),
    )
    assigning = (Column("owner", "id", _l("Key of the person")),)
    noting = (Column("words", "text", _l("What should be remembered")),)

    def create(self, values: dict[str, Any]) -> Deal:
        funnel = self.funnel(values.pop("funnel", None))
        return deals.start(None, values, funnel=funnel)

    def change(self, row: Deal, values: dict[str, Any], version: int | None) -> Deal:
        return deals.change(row, values, version)

    def called(self, field: str | None) -> str | None:
        columns = {known.column: code for code, known in FIELDS.items()}
        return columns.get(field, field) if field else None

    @operation(_l("Move to a stage, through its gates"), body=moving, needs=("stage",), has_version=True)
    @expose("/<key>/move", methods=["POST"])
    @require("can_move")
    def move(self, key: str) -> Response:
        deal = self.find(key)
        said = bodies.body()
        version = bodies.version(said)
        asked = bodies.take(said, self.moving)
        stage = self.stage(deal, asked.get("stage"))
        values = bodies.take(asked.get("values") or {}, self.taken("change"))
        with self.saying_fields(), committing():
            deal = deals.move(deal, stage, values, version)
        return self.answer(deal)

    @operation(_l("Give to somebody else"), body=assigning, needs=("owner",), has_version=True)
    @expose("/<key>/assign", methods=["POST"])
    @require("can_assign")
    def assign(self, key: str) -> Response:
        deal = self.find(key)
        said = bodies.body()
        version = bodies.version(said)
        person = db.session.get(Person, bodies.take(said, self.assigning).get("owner") or 0)
        if person is None:
            raise Refused(_("There is no such person. Choose somebody else."), "owner")
        with self.saying_fields(), committing():
            deal = deals.assign(deal, person, version)
        return self.answer(deal)

    @operation(_l("Write a note into the feed"), body=noting, needs=("words",), status="201")
    @expose("/<key>/note", methods=["POST"])
    @require("can_show")
    def note(self, key: str) -> Response:
        deal = self.find(key)
        words = bodies.take(bodies.body(), self.noting).get("words") or ""
        with committing():
            deals.note(deal, words)
        return self.answer(deal, 201)

    @staticmethod
    def funnel(code: str | None) -> Funnel | None:
        """The funnel of a code; the first one in use when nothing is said."""
        if not code:
            return None
        wanted = select(Funnel).where(Funnel.code == clean_line(code, "funnel"))
        found = db.session.execute(wanted).scalar_one_or_none()
        if found is None:
            raise Refused(_("There is no funnel “%(code)s”.", code=bodies.short(code)), "funnel")
        return found

    @staticmethod
    def stage(deal: Deal, code: str | None) -> Stage:
        """The stage of a code in the deal's own funnel."""
        known = {stage.code: stage for stage in deal.funnel.stages}
        if code not in known:
            words = _("There is no stage “%(code)s”. There are: %(known)s.",
                      code=bodies.short(code or ""), known=bodies.listed(known))  # fmt: skip
            raise Refused(words, "stage")
        return known[code]
