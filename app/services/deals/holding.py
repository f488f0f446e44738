"""Verbs of a deal on hold: put it off until a day with a reason, take it up again, wake those whose day has come."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from app.services import tasks
from app.services.versions import check_version, locked
from app.wording import speaking, today, zone
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_date, clean_line
from models.ground.refused import Refused
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
    tomorrow = utcnow().date() + dt.timedelta(days=1)
    due = select(Deal).where(Deal.held_until <= tomorrow, Deal.closed_at.is_(None)).order_by(Deal.held_until, Deal.id)
    woken = 0
    for deal in db.session.execute(due.limit(AT_ONCE).with_for_update(skip_locked=True, of=Deal)).scalars():
        here = ZoneInfo(deal.owner.zone) if deal.owner and deal.owner.zone else zone()
        now = utcnow().astimezone(here)
        if deal.held_until and (deal.held_until, MORNING) <= (now.date(), now.time()):
            _wake(deal, now)
            woken += 1
    return woken


def _wake(deal: Deal, now: dt.datetime) -> None:
    reason = deal.held_reason
    _lift(deal)
    record("deal.woken", deal, reason=reason)
    due = max(now, dt.datetime.combine(now.date(), FIRST_TASK, now.tzinfo))
    with speaking(deal.owner.language if deal.owner else "ru", str(now.tzinfo)):
        title = _("Back to the deal: %(reason)s", reason=reason)[:250]
    tasks.add({"title": title, "kind": TaskKind.CALL, "due_at": due, "assignee": deal.owner_id}, on=deal)


def _lift(deal: Deal) -> None:
    deal.held_until, deal.held_reason, deal.held_by_id = None, "", None
    db.session.flush()
