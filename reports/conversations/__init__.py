"""What the cards show of conversations: the pulse of a feed, who waits for an answer, versions of a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select

from models.deals import Deal
from models.ground.base import db
from models.leads import Lead
from models.messages import Conversation, Message

Place = Deal | Lead


@dataclass(frozen=True)
class Talk:
    """All that the box of a card needs: the ways, what was typed and refused, and the addresses it speaks to.

    `mark` changes when anything is said or an answer comes; `waits` is since when the client waits.
    """

    noun: str
    key: int
    ways: Sequence[Any]
    url: str
    pulse_url: str
    settle_url: str
    mark: str = ""
    waits: dt.datetime | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def chosen(self) -> Any:
        """The way that stands in the box: the one that was chosen, else the first that is open."""
        picked = [way for way in self.ways if way.key == self.typed.get("way")]
        return next(iter([*picked, *(way for way in self.ways if not way.obstacle), *self.ways]), None)


def pulse(place: Place) -> str:
    """A mark of what was said on a deal or lead: another mark, something is new."""
    column = Message.deal_id if isinstance(place, Deal) else Message.lead_id
    said = select(func.max(Message.id), func.max(Message.changed_at), func.count()).where(column == place.id)
    newest, changed, count = db.session.execute(said).one()
    return f"{newest or 0}-{changed.timestamp() if changed else 0:.3f}-{count}"


def waits_since(place: Place) -> dt.datetime | None:
    """Since when somebody on this deal or lead waits for an answer of ours."""
    rows = select(func.min(Conversation.unanswered_since)).where(_of(place))
    return db.session.execute(rows).scalar()


def of_place(place: Place) -> list[Conversation]:
    """The conversations of a deal or lead, the one that spoke last first."""
    rows = select(Conversation).where(_of(place)).order_by(Conversation.last_at.desc(), Conversation.id).limit(50)
    return list(db.session.execute(rows).scalars())


def waiting(deal_ids: Sequence[int], lead_ids: Sequence[int] = ()) -> set[tuple[str, int]]:
    """Of these deals and leads those whose client waits for an answer, in one statement: ("deal", 17), ("lead", 5)."""
    if not deal_ids and not lead_ids:
        return set()
    rows = select(Conversation.deal_id, Conversation.lead_id).where(
        Conversation.unanswered_since.is_not(None),
        or_(Conversation.deal_id.in_(deal_ids), Conversation.deal_id.is_(None) & Conversation.lead_id.in_(lead_ids)),
    )
    found = db.session.execute(rows).all()
    return {("deal", row.deal_id) if row.deal_id else ("lead", row.lead_id) for row in found}


def _of(place: Place) -> Any:
    if isinstance(place, Deal):
        return Conversation.deal_id == place.id
    return Conversation.deal_id.is_(None) & (Conversation.lead_id == place.id)


def versions(message: Message) -> list[dict[str, Any]]:
    """What a message says and said, the newest first; the times are moments."""
    edited = message.extra.get("edited_at")
    now = {"at": dt.datetime.fromisoformat(edited) if edited else message.at, "words": message.words}
    before = [
        {"at": dt.datetime.fromisoformat(one["at"]), "words": one["words"]} for one in message.extra.get("edits", [])
    ]
    return [now, *reversed(before)]
