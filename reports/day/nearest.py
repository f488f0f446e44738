"""Closest to payment: the open deals that money is nearest to, by rules that say themselves why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n
from sqlalchemy import Select, case, false, func, select, true

from app.wording import day, moment, money, today
from models.deals import Deal
from models.documents import Document, DocumentKind, DocumentState
from models.estimates import Estimate, EstimateState
from models.ground.actor import Actor, Scope
from models.ground.base import db
from models.lowcode.funnels import Stage, StageKind
from models.messages import Conversation
from models.payments import Payment
from reports.day import phone_of

SHOWN = 3
BILLED, AGREED, SENT = 3, 2, 1
# The tables themselves: the deals are in reach, and so is what belongs to them.
BILLS: Any = Document.__table__.alias("bill")
PAID: Any = Payment.__table__.alias("paid")
QUOTES: Any = Estimate.__table__.alias("quote")
CHATS: Any = Conversation.__table__.alias("chat")
BEFORE: Any = Deal.__table__.alias("before")


@dataclass
class Near:
    """A deal close to payment: what is still to come, and why it stands here."""

    deal: Deal
    amount: Decimal
    phone: str = ""
    reasons: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Facts:
    """What the rules look at."""

    rank: int
    billed: Decimal
    paid: Decimal
    billed_on: dt.date | None
    due_on: dt.date | None
    wrote_at: dt.datetime | None
    bought: int


def nearest(actor: Actor) -> list[Near]:
    """At most three: billed and not paid stands before agreed, agreed before sent; then the larger sum."""
    scopes = {actor.reads(noun) for noun in ("document", "estimate", "payment")}
    if not actor.sees("deal.amount") or Scope.NONE in scopes:
        return []
    rows = db.session.execute(_asked(actor)).all()
    return [_near(deal, _Facts(*facts), phone or "") for deal, *facts, phone in rows]


def _asked(actor: Actor) -> Select[Any]:
    live = (BILLS.c.deal_id == Deal.id, BILLS.c.kind == DocumentKind.INVOICE, BILLS.c.state != DocumentState.CANCELLED)
    billed = _of(func.coalesce(func.sum(BILLS.c.amount), 0), *live)
    paid = _of(func.coalesce(func.sum(PAID.c.amount), 0), PAID.c.deal_id == Deal.id, PAID.c.deleted_at.is_(None))
    state = (
        select(QUOTES.c.state).where(QUOTES.c.deal_id == Deal.id).order_by(QUOTES.c.revision.desc()).limit(1)
    ).scalar_subquery()
    wins = select(Stage.id).where(Stage.kind == StageKind.WON)
    # As the class of a request says it: that the client has bought before, of whomever.
    before = (BEFORE.c.client_id == Deal.client_id, BEFORE.c.stage_id.in_(wins), BEFORE.c.deleted_at.is_(None))
    bought = _of(func.count(), *before)
    reads_talks = true() if actor.reads("message") is not Scope.NONE else false()
    rank = case(
        (billed > paid, BILLED),
        (billed > 0, 0),
        (state == EstimateState.AGREED, AGREED),
        (state == EstimateState.SENT, SENT),
        else_=0,
    )
    first = (
        select(Deal.id, rank.label("rank"), billed.label("billed"), paid.label("paid"))
        .where(Deal.owner_id == (actor.person_id or 0), Deal.closed_at.is_(None))
        .order_by(rank.desc(), (Deal.amount + 0).desc(), Deal.id)
        .limit(SHOWN)
        .subquery()
    )
    return (
        select(
            Deal, first.c.rank, first.c.billed, first.c.paid,
            _of(func.max(BILLS.c.issued_on), *live),
            _of(func.min(BILLS.c.due_on), *live),
            _of(func.max(CHATS.c.last_incoming_at), CHATS.c.deal_id == Deal.id, reads_talks),
            bought,
            phone_of(Deal.client_id),
        )
        .join(first, first.c.id == Deal.id)
        .where(first.c.rank > 0)
        .order_by(first.c.rank.desc(), (Deal.amount + 0).desc(), Deal.id)
    )  # fmt: skip


def _of(value: Any, *conditions: Any) -> Any:
    return select(value).where(*conditions).correlate(Deal).scalar_subquery()


def _near(deal: Deal, facts: _Facts, phone: str) -> Near:
    amount = facts.billed - facts.paid if facts.rank == BILLED else deal.amount
    return Near(deal, amount, phone, list(_reasons(facts)))


def _reasons(facts: _Facts) -> Iterator[tuple[str, str, str]]:
    """Icon, hue and words of each rule that holds."""
    if facts.rank == BILLED:
        yield "file-invoice", "ok", _("Invoice of %(day)s", day=day(facts.billed_on))
        if facts.paid:
            yield "cash", "ok", _("%(amount)s is paid already", amount=money(facts.paid))
        if facts.due_on and facts.due_on < today():
            yield "clock", "bad", _("Payment was due: %(day)s", day=day(facts.due_on))
        elif facts.due_on:
            yield "clock", "warn", _("Payment is due: %(day)s", day=day(facts.due_on))
    elif facts.rank == AGREED:
        yield "rosette-discount", "ok", _("The estimate is agreed, no invoice yet")
    else:
        yield "send", "", _("The quote was sent, no answer yet")
    if facts.wrote_at:
        yield "message", "", _("The client wrote %(moment)s", moment=moment(facts.wrote_at))
    if facts.bought:
        yield "repeat", "", _n("Has bought once before", "Has bought %(num)s times before", facts.bought)
