"""Verbs of a deal on hold: put it off until a day with a reason, take it up again, wake those whose day has come."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select

from app.services import tasks
from app.services.versions import check_version, locked
from app.wording import speaking, today, zone
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_date, clean_line
from models.ground.refused import Refused
from models.staff import Person
from models.tasks import TaskKind

MORNING, FIRST_TASK = dt.time(8, 0), dt.time(10, 0)
AT_ONCE = 100


def hold(deal: Deal, until: Any, reason: Any, version: int | None = None) -> Deal:
    """Nobody is reminded of the deal until the morning of a day. Refuses a past day, no reason, a closed deal."""
    deal = locked(deal)
    check_version(deal, version, {"held_until": until})
    if deal.closed_at is not None:
        raise Refused(_("The deal is closed, there is nothing to wait for. Open it again first."))
    day, words = clean_date(until, "held_until"), clean_line(reason, "held_reason")
    if day <= today():
        raise Refused(_("This day has come already. Choose tomorrow or later."), "held_until")
    if not words:
        raise Refused(_("Say why the deal waits, so that whoever opens it knows."), "held_reason")
    deal.held_until, deal.held_reason, deal.held_by_id = day, words, current_actor().person_id
    db.session.flush()
    record("deal.held", deal, until=day, reason=words)
    return deal


def resume(deal: Deal, version: int | None = None) -> Deal:
    """Take the deal up again before its day."""
    deal = locked(deal)
    check_version(deal, version)
    if deal.held_until is None:
        raise Refused(_("The deal is not on hold."))
    _lift(deal)
    record("deal.resumed", deal)
    return deal


def wake_due() -> int:
    """Wake the deals whose morning has come where their owner lives: an event, and a task for the same day.

    Runs as the system; safe to run twice. Returns how many were woken.
    """
    # The morning is asked in the query: those that still sleep do not stand before those that are to be woken.
    due = select(Deal).where(_morning_has_come(), Deal.closed_at.is_(None)).order_by(Deal.held_until, Deal.id)
    deals = db.session.execute(due.limit(AT_ONCE).with_for_update(skip_locked=True, of=Deal)).scalars().all()
    for deal in deals:
        _wake(deal, utcnow().astimezone(_zone_of(deal.owner.zone if deal.owner else "")))
    return len(deals)


def _morning_has_come() -> ColumnElement[bool]:
    """Of the day that a deal was put off to, by the clock of its owner, or the company's where it has none."""
    zones = db.session.execute(select(Person.zone).distinct()).scalars().all()
    by_day: dict[dt.date, list[str]] = {}
    for name in zones:
        by_day.setdefault(_last_day(_zone_of(name)), []).append(name)
    owners = {day: select(Person.id).where(Person.zone.in_(names)) for day, names in by_day.items()}
    theirs = (and_(Deal.held_until <= day, Deal.owner_id.in_(ids)) for day, ids in owners.items())
    return or_(and_(Deal.held_until <= _last_day(_zone_of("")), Deal.owner_id.is_(None)), *theirs)


def _last_day(here: ZoneInfo) -> dt.date:
    """The last day whose morning has come there."""
    now = utcnow().astimezone(here)
    return now.date() if now.time() >= MORNING else now.date() - dt.timedelta(days=1)


def _zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name) if name else zone()


def _wake(deal: Deal, now: dt.datetime) -> None:
    reason = deal.held_reason
    _lift(deal)
    record("deal.woken", deal, reason=reason)
    due = max(now, dt.datetime.combine(now.date(), FIRST_TASK, now.tzinfo))
    with speaking(deal.owner.language if deal.owner else "ru", str(now.tzinfo)):
        title = _("Back to the deal: %(reason)s", reason=reason)[:250]
    whose = tasks.hands_of(deal.owner_id)
    tasks.add({"title": title, "kind": TaskKind.CALL, "due_at": due, "assignee": whose}, on=deal)


def _lift(deal: Deal) -> None:
    deal.held_until, deal.held_reason, deal.held_by_id = None, "", None
    db.session.flush()
