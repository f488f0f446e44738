"""My day: what a manager does now, in the order in which it should be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from models.clients import ContactKind, ContactPoint
from models.deals import Deal
from models.ground.actor import Actor, Scope, current_actor
from models.ground.base import db, utcnow
from models.leads import Lead
from models.messages import Conversation, Message, MessageKind
from reports.leads import waiting
from reports.tasks.idle import without_next_step

MOST_LEADS, MOST_CHATS = 30, 6
ENOUGH = 100
POINTS: Any = ContactPoint.__table__.alias("first_phone")


@dataclass
class Requests:
    """Requests that wait, those longest over the target first; `count` and `late` are of all of them."""

    rows: Sequence[Lead] = ()
    count: int = 0
    late: int = 0


@dataclass
class Chats:
    """Conversations that nobody has answered, the longest waiting first, each with its last words."""

    rows: Sequence[Conversation] = ()
    count: int = 0
    words: dict[int, str] = field(default_factory=dict)


def requests(actor: Actor) -> Requests:
    """What the menu counts under Leads."""
    late = func.count().filter(Lead.respond_by < utcnow()).over()
    rows = select(Lead, func.count().over(), late).where(*waiting(actor)).options(joinedload(Lead.owner))
    found = db.session.execute(rows.order_by(Lead.respond_by.asc().nulls_last(), Lead.id).limit(MOST_LEADS)).all()
    return Requests([row[0] for row in found], found[0][1], found[0][2]) if found else Requests()


def chats(actor: Actor) -> Chats:
    """Unanswered conversations of one's own deals and leads, and of nobody's."""
    if actor.reads("message") is Scope.NONE:
        return Chats()
    person = actor.person_id or 0
    chat = Conversation
    of_deals = chat.deal_id.in_(select(Deal.id).where(Deal.owner_id == person))
    mine = or_(Lead.owner_id == person, Lead.owner_id.is_(None))
    of_leads = chat.deal_id.is_(None) & chat.lead_id.in_(select(Lead.id).where(mine))
    which = (chat.unanswered_since.is_not(None), or_(of_deals, of_leads))
    found = select(chat, func.count().over()).where(*which)
    loads = (selectinload(chat.client), selectinload(chat.lead).selectinload(Lead.deal), selectinload(chat.deal))
    rows = db.session.execute(found.options(*loads).order_by(chat.unanswered_since, chat.id).limit(MOST_CHATS)).all()
    if not rows:
        return Chats()
    shown = [row[0] for row in rows]
    return Chats(shown, rows[0][1], _last_words([one.id for one in shown]))


def _last_words(chats: list[int]) -> dict[int, str]:
    incoming = select(Message).where(Message.conversation_id.in_(chats), Message.kind == MessageKind.INCOMING)
    latest = incoming.ext(distinct_on(Message.conversation_id)).order_by(Message.conversation_id, Message.at.desc())
    rows = db.session.execute(latest).scalars()
    return {message.conversation_id: message.subject or message.words for message in rows if message.conversation_id}


def idle_deals(actor: Actor) -> int:
    """Own open deals that have no task and are not on hold: a visible fault. Counted up to a hundred."""
    mine = (Deal.owner_id == (actor.person_id or 0), *without_next_step())
    some = select(Deal.id).where(*mine).limit(ENOUGH).subquery()
    return int(db.session.execute(select(func.count()).select_from(some)).scalar_one())


def phone_of(client_id: Any) -> Any:
    """The first phone of a client in reach, as a column: the whole of its contacts is not read for it."""
    first = select(POINTS.c.value).where(POINTS.c.client_id == client_id, POINTS.c.kind == ContactKind.PHONE)
    return first.order_by(POINTS.c.id).limit(1).scalar_subquery()


def is_head(actor: Actor | None = None) -> bool:
    """Whether somebody else's work is theirs to share out."""
    actor = actor or current_actor()
    return len(actor.people_ids) > 1
