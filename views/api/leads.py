"""Leads of the API: list, get, create, change, take, answer, assign, reject, restore, qualify."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.channels.inbound import Agreed, Inbound
from app.services import contacts, leads
from models.clients import Client
from models.ground.base import db
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.leads import LIVE_STATES, Lead
from models.staff import Person
from views.api import bodies
from views.api.columns import BOTH, NEW, Column, owner_of, stamps_of
from views.api.deals import DealsApi
from views.api.resource import Resource, operation
from views.base import committing, require

# As long as the columns of the lead.
LIMITS = {"source": 60, "page": 1000, "referrer": 1000, "first_page": 1000, "handle": 120}
MOST_MARKS = 20


def with_phone(typed: str) -> Any:
    """Leads with this phone, in whatever form it is typed."""
    return Lead.phone == (contacts.phone(typed) or "?")


class LeadsApi(Resource):
    """A lead becomes a deal (qualify), or is set aside with a reason (reject, restore)."""

    resource_name = "leads"
    class_permission_name = "Leads"
    openapi_spec_tag = "Leads"
    noun = "lead"
    model = Lead
    loads = tuple(selectinload(part) for part in (Lead.client, Lead.owner, Lead.deal))
    columns = (
        Column("id", "whole", _l("Key of the lead"), by=Lead.id, sort=True),
        Column("received_at", "moment", _l("When it came"), by=Lead.received_at, sort=True),
        Column("name", "text", _l("Name, as it was given"), taken=BOTH),
        Column(
            "phone", "text", _l("Phone"), lambda row: row.phone or row.typed_phone, ask=with_phone,
            taken=BOTH, hidden="lead.phone",
        ),
        Column("email", "text", _l("E-mail"), by=Lead.email, taken=BOTH, hidden="lead.phone"),
        Column("words", "text", _l("What is asked for"), taken=BOTH),
        Column("klass", "text", _l("new, repeat, duplicate, mistake and so on"), by=Lead.klass),
        Column("state", "text", _l("waiting, taken, qualified, attached or rejected"), by=Lead.state),
        Column(
            "is_live", "flag", _l("Whether somebody still has to deal with it"),
            ask=lambda wanted: Lead.state.in_(LIVE_STATES) if wanted else Lead.state.not_in(LIVE_STATES),
        ),
        Column("source", "text", _l("Where it came from"), by=Lead.source, taken=NEW),
        Column("page", "text", _l("Page of the form"), taken=NEW),
        Column("referrer", "text", _l("Where the visitor came from"), taken=NEW),
        Column("first_page", "text", _l("The first page of the visitor on the site"), taken=NEW),
        Column("utm", "object", _l("Marks of the advertisement: source, medium, campaign"), taken=NEW),
        Column("handle", "text", _l("Name in a messenger"), by=Lead.handle, taken=NEW, hidden="lead.phone"),
        Column(
            "consent", "object", _l("Consent of the client: text_version, text, ip; it is taken, not told"),
            lambda _row: None, taken=NEW,
        ),
        *owner_of(Lead),
        Column(
            "client", "id", _l("Key of the client"), lambda row: row.client and row.client.id,
            by=Lead.client_id,
        ),
        Column("deal", "id", _l("Number of the deal"), lambda row: row.deal and row.deal.number),
        Column("respond_by", "moment", _l("By when it should be answered"), by=Lead.respond_by),
        Column("answered_at", "moment", _l("When it was answered"), by=Lead.answered_at),
        Column("reject_reason", "text", _l("Why it is set aside")),
        *stamps_of(Lead),
    )  # fmt: skip
    answering = (Column("words", "text", _l("What was said")),)
    rejecting = (Column("reason", "text", _l("Why it is set aside")),)
    assigning = (Column("owner", "id", _l("Key of the person")),)
    qualifying = (
        Column("client", "id", _l("Key of the client; without it a new one is made")),
        Column("values", "object", _l("Fields of the deal, by name")),
    )

    def create(self, values: dict[str, Any]) -> Lead:
        said = {name: value or "" for name, value in values.items()}
        # Channels cut what is too long; a program is told.
        said |= {name: clean_line(said[name], name, limit) for name, limit in LIMITS.items() if name in said}
        said |= {"utm": _marks(values.get("utm")), "consent": _agreed(values.get("consent"))}
        return leads.enter(Inbound(**said))

    def change(self, row: Lead, values: dict[str, Any], version: int | None) -> Lead:
        return leads.change(row, values, version)

    @operation(_l("I will answer it"))
    @expose("/<key>/take", methods=["POST"])
    @require("can_take")
    def take(self, key: str) -> Response:
        return self.called_verb(key, leads.take)

    @operation(_l("The client was answered"), body=answering)
    @expose("/<key>/answer", methods=["POST"])
    @require("can_take")
    def answer_lead(self, key: str) -> Response:
        words = bodies.take(bodies.body(), self.answering).get("words") or ""
        return self.called_verb(key, lambda lead: leads.answer(lead, words))

    @operation(_l("Set aside, with a reason"), body=rejecting, needs=("reason",), has_version=True)
    @expose("/<key>/reject", methods=["POST"])
    @require("can_edit")
    def reject(self, key: str) -> Response:
        said = bodies.body()
        version = bodies.version(said)
        reason = bodies.take(said, self.rejecting).get("reason") or ""
        return self.called_verb(key, lambda lead: leads.reject(lead, reason, version))

    @operation(_l("Take back what was set aside"))
    @expose("/<key>/restore", methods=["POST"])
    @require("can_edit")
    def restore(self, key: str) -> Response:
        return self.called_verb(key, leads.restore)

    @operation(_l("Give to somebody else"), body=assigning, needs=("owner",), has_version=True)
    @expose("/<key>/assign", methods=["POST"])
    @require("can_assign")
    def assign(self, key: str) -> Response:
        said = bodies.body()
        version = bodies.version(said)
        person = db.session.get(Person, bodies.take(said, self.assigning).get("owner") or 0)
        if person is None:
            raise Refused(_("There is no such person. Choose somebody else."), "owner")
        return self.called_verb(key, lambda lead: leads.assign(lead, person, version))

    @operation(_l("Make a deal of it"), body=qualifying, status="201")
    @expose("/<key>/qualify", methods=["POST"])
    @require("can_qualify")
    def qualify(self, key: str) -> Response:
        lead = self.find(key)
        said = bodies.take(bodies.body(), self.qualifying)
        taken = [column for column in DealsApi.columns if "new" in column.taken]
        values = bodies.take(said.get("values") or {}, taken)
        funnel = DealsApi.funnel(values.pop("funnel", None))
        with self.saying_fields(), committing():
            deal = leads.qualify(lead, self.client(said.get("client")), values, funnel=funnel)
        response = self.answer(lead, 201)
        response.headers["Location"] = url_for("DealsApi.get_row", key=deal.number)
        return response

    def called_verb(self, key: str, verb: Callable[[Lead], Any]) -> Response:
        """The verb on the lead of an address, and the lead after it."""
        lead = self.find(key)
        with self.saying_fields(), committing():
            verb(lead)
        return self.answer(lead)

    @staticmethod
    def client(client_id: int | None) -> Client | None:
        """The client of a key. Refuses what is out of reach like what is missing."""
        if client_id is None:
            return None
        found = db.session.execute(select(Client).where(Client.id == client_id)).scalar_one_or_none()
        if found is None:
            raise Refused(_("There is no such client, or you may not see it. Choose one from the list."), "client")
        return found


def _marks(typed: Any) -> dict[str, str]:
    """Marks as texts, named with or without utm_."""
    marks = dict(typed or {})
    if len(marks) > MOST_MARKS:
        raise Refused(_("Too many marks: at most %(limit)s.", limit=MOST_MARKS), "utm")
    cleaned = {clean_line(name, "utm", 40).removeprefix("utm_"): _text(value, "utm") for name, value in marks.items()}
    return {name: value for name, value in cleaned.items() if name and value}


def _agreed(typed: Any) -> Agreed | None:
    """A consent that was given; "given": false is none."""
    said = dict(typed or {})
    if not said or said.get("given") is False:
        return None
    words = clean_text(said.get("text") or "", "consent", 2000)
    return Agreed(_text(said.get("text_version"), "consent", 60), _text(said.get("ip"), "consent", 60), words)


def _text(value: Any, field: str, limit: int = 250) -> str:
    if value is None or isinstance(value, str | int | float):
        return clean_line("" if value is None else value, field, limit)
    raise Refused(_("Send a text."), field)
