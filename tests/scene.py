"""One row of every table that belongs to somebody, with words that nobody else may read: for tests of access."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.security import actor_of_person
from app.services.duplicates.merging import values_of
from models.channels import Channel
from models.clients import Client, ContactPoint
from models.deals import Deal
from models.documents import Document
from models.duplicates import Merge
from models.estimates import Estimate, EstimateLine
from models.firms import Firm
from models.ground import conditions
from models.ground.actor import SYSTEM, Actor, acting_as
from models.ground.base import utcnow
from models.ground.files import StoredFile
from models.ground.history import Change, Event, StageVisit
from models.imports import ImportRow, LeadImport
from models.leads import Lead
from models.lowcode.funnels import Stage
from models.messages import Conversation, Message
from models.notices import Notice, NoticeAddress, PushDevice
from models.participants import Participant
from models.payments import Payment
from models.recent import RecentView
from models.shipments import Shipment, ShipmentLine
from models.staff import FeedLink, Person
from models.tasks import Task
from models.visits import Visit
from models.works import Work

DAY = dt.date(2026, 3, 2)


def person(session: Session, username: str) -> Person:
    """One of the cast."""
    return session.execute(select(Person).where(Person.username == username)).scalar_one()


def belongings(session: Session, username: str, mark: str, number: int = 5000) -> dict[str, Any]:
    """A row of every Owned table that is this person's, by the table's name; `mark` is in their words."""
    owner = person(session, username)
    stage = session.execute(select(Stage).order_by(Stage.id)).scalars().first()
    firm = session.execute(select(Firm)).scalars().first()
    assert stage is not None
    assert firm is not None
    client = put(session, Client(name=f"Клиент {mark}", owner_id=owner.id, comment=mark))
    contact = put(session, ContactPoint(client_id=client.id, kind="email", value=f"{mark}@client.test"))
    lead = put(
        session,
        Lead(name=f"Лид {mark}", words=mark, owner_id=owner.id, received_at=utcnow(), email=f"{mark}@lead.test"),
    )
    deal = put(
        session,
        Deal(
            number=number, title=f"Сделка {mark}", client_id=client.id, owner_id=owner.id, funnel_id=stage.funnel_id,
            stage_id=stage.id, stage_since=utcnow(), amount=Decimal(777), comment=mark,
        ),
    )  # fmt: skip
    job = put(session, LeadImport(person_id=owner.id, name=mark, columns=[mark], mapping={}, options={}, counts={}))
    row = put(session, ImportRow(import_id=job.id, number=1, cells=[mark], words=mark))
    twin = put(session, Client(name=f"Двойник {mark}", owner_id=owner.id, comment=mark))
    snapshot = {"survivor": values_of(client), "after": values_of(client), "loser": values_of(twin), "moved": {}}
    merge = put(session, Merge(survivor_id=client.id, loser_id=twin.id, by_id=owner.id, snapshot=snapshot))
    work = put(session, Work(kind="clients.scan", title=mark, person_id=owner.id))
    rows = {"client": client, "contact_point": contact, "lead": lead, "deal": deal, "merge": merge, "work": work}
    rows |= {"lead_import": job, "import_row": row}
    return rows | work_on(session, deal, owner, firm, mark)


def work_on(session: Session, deal: Deal, owner: Person, firm: Firm, mark: str) -> dict[str, Any]:
    """What belongs to a deal."""
    estimate = put(session, Estimate(deal_id=deal.id, revision=1, terms=mark, cost=Decimal(300)))
    line = EstimateLine(estimate_id=estimate.id, deal_id=deal.id, position=1, name=mark, quantity=1, price=777)
    document = Document(
        kind="invoice", number=mark, year=2026, firm_id=firm.id, deal_id=deal.id, issued_on=DAY, amount=777, vat=0,
        request_key=mark,
    )  # fmt: skip
    talks = put(session, Channel(kind="site", name=mark, token=mark))
    shipment = put(session, Shipment(deal_id=deal.id, shipped_on=DAY, amount=777, comment=mark))
    rows: dict[str, Any] = {
        "estimate": estimate,
        "estimate_line": line,
        "document": document,
        "shipment": shipment,
        "shipment_line": ShipmentLine(shipment_id=shipment.id, deal_id=deal.id, name=mark, quantity=1, amount=777),
        "payment": Payment(deal_id=deal.id, amount=777, paid_on=DAY, purpose=mark),
        "task": Task(title=f"Дело {mark}", deal_id=deal.id, assignee_id=owner.id),
        "visit": Visit(
            deal_id=deal.id, assignee_id=owner.id, starts_at=utcnow(), ends_at=utcnow() + dt.timedelta(hours=1),
            address=f"ул. {mark}", who=mark,
        ),
        "conversation": Conversation(
            channel_id=talks.id, kind="site", external_id=mark, deal_id=deal.id, title=mark, handle=mark
        ),
        "participant": Participant(deal_id=deal.id, client_id=deal.client_id, words=mark),
        "recent_view": RecentView(person_id=owner.id, what="deal", row_id=deal.id),
        "feed_link": FeedLink(person_id=owner.id, token_hash=mark),
        "message": Message(kind="note", deal_id=deal.id, words=mark, author_name=mark),
        "stored_file": StoredFile(deal_id=deal.id, name=mark, content_type="a/b", size=1, sha256="0", key=mark),
        "notice": Notice(person_id=owner.id, key=mark, event="deal.assigned", title=mark),
        "notice_address": NoticeAddress(person_id=owner.id, way="telegram", mark=mark),
        "push_device": PushDevice(person_id=owner.id, endpoint=f"https://push.test/{mark}", p256dh="k", auth="a"),
        "stage_visit": StageVisit(deal_id=deal.id, stage_id=deal.stage_id, entered_at=utcnow()),
        "event": Event(name=f"x.{mark}", table="deal", row_id=deal.id, deal_id=deal.id, actor_name=mark),
    }
    for row in rows.values():
        put(session, row)
    changed = select(Change).where(Change.table == "deal", Change.row_id == deal.id)
    return rows | {"change": session.execute(changed).scalars().first()}


def put(session: Session, row: Any) -> Any:
    """Add a row and give it its key."""
    session.add(row)
    session.flush()
    return row


def actor(app: Flask, username: str) -> Actor:
    """One of the cast as an actor."""
    with app.app_context(), acting_as(SYSTEM) as session:
        return actor_of_person(person(session, username))


def by_table() -> dict[str, Any]:
    """Tables whose rows belong to somebody."""
    return {cls.__tablename__: cls for cls in conditions.OWNED}


def all_classes() -> list[Any]:
    """Every class that access knows."""
    return [*conditions.OWNED, *conditions.PUBLIC, *conditions.INTERNAL]
