"""Leads as screens ask for them: which wait for an answer, the tabs of the list with their counts, words."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement, func, or_, select

from app.wording import language, now, told
from models.ground.actor import Actor, current_actor
from models.ground.base import db, utcnow
from models.leads import LIVE_STATES, Lead, LeadClass, LeadState
from models.lowcode import choices

NEEDED, MINE, UNOWNED, WEEK, ASIDE = "needed", "mine", "unowned", "week", "aside"
TABS = {
    NEEDED: _l("Needs an answer"),
    MINE: _l("Mine"),
    UNOWNED: _l("Without an owner"),
    WEEK: _l("All of the week"),
    ASIDE: _p("leads", "Set aside"),
}
CLASSES = {
    LeadClass.NEW: (_l("New"), "slate"),
    LeadClass.REPEAT: (_l("Returning"), "blue"),
    LeadClass.PARTNER: (_l("From a partner"), "violet"),
    LeadClass.DUPLICATE: (_l("Duplicate"), "warn"),
    LeadClass.SPAM: (_l("Spam"), "bad"),
    LeadClass.MISTAKE: (_l("Mistake"), "orange"),
    LeadClass.NOT_CUSTOMER: (_l("Not a customer"), "slate"),
}
STATES = {
    LeadState.WAITING: _l("Waits"),
    LeadState.TAKEN: _l("Taken"),
    LeadState.QUALIFIED: _l("Became a deal"),
    LeadState.ATTACHED: _l("Attached"),
    LeadState.REJECTED: _l("Is set aside"),
}
CAP = 1000


def waiting(actor: Actor) -> list[ColumnElement[bool]]:
    """Unanswered requests that wait for this person: one's own, nobody's, and whosever the target ran out on.

    The list's first tab, "My day" and the menu's counter are all made of it, so that they agree.
    """
    whose = or_(Lead.owner_id == (actor.person_id or 0), Lead.owner_id.is_(None), Lead.respond_by < utcnow())
    return [Lead.answered_at.is_(None), Lead.state.in_(LIVE_STATES), whose]


PERIODS = {"day": _l("Today"), "week": _l("A week"), "month": _l("A month"), "all": _l("All the time")}
DAYS = {"week": 7, "month": 30}


def since(period: str) -> list[ColumnElement[bool]]:
    """Requests that came today, or in so many days."""
    if period == "day":
        moment = now()
        return [Lead.received_at >= dt.datetime.combine(moment.date(), dt.time.min, moment.tzinfo)]
    return [Lead.received_at >= utcnow() - dt.timedelta(days=DAYS[period])] if period in DAYS else []


def overdue() -> list[ColumnElement[bool]]:
    """Unanswered requests whose target ran out."""
    return [Lead.answered_at.is_(None), Lead.state.in_(LIVE_STATES), Lead.respond_by < utcnow()]


def within(tab: str, period: str = "") -> list[ColumnElement[bool]]:
    """The conditions of a tab of the list, and of a period where one is asked for."""
    return [*_of_tab(tab, period), *since(period)]


def _of_tab(tab: str, period: str) -> list[ColumnElement[bool]]:
    live = Lead.state.in_(LIVE_STATES)
    if tab == NEEDED:
        return waiting(current_actor())
    if tab == MINE:
        return [live, Lead.owner_id == current_actor().person_id]
    if tab == UNOWNED:
        return [live, Lead.owner_id.is_(None)]
    if tab == ASIDE:
        return [Lead.state.in_((LeadState.REJECTED, LeadState.ATTACHED))]
    return [] if period else since("week")


def counts() -> dict[str, int]:
    """How many leads stand under each tab, up to a thousand; in one statement."""
    columns = [
        select(func.count()).select_from(select(Lead.id).where(*within(tab)).limit(CAP).subquery()).scalar_subquery()
        for tab in TABS
    ]
    return dict(zip(TABS, db.session.execute(select(*columns)).one(), strict=True))


# Sources of our own: no company has to name them.
OURS = {"import": _l("Import"), "manual": _l("By hand")}


def source(code: str) -> str:
    """Where it came from, in words."""
    if code in OURS and choices.find("source", code) is None:
        return str(OURS[code])
    return choices.label("source", code, language()) if code else ""


def reason(code: str) -> str:
    """Why it was set aside, in words."""
    return choices.label("reject_reason", code, language()) if code else ""


def reasons() -> list[tuple[str, str]]:
    """What one may choose from when setting a lead aside."""
    return [(one.code, one.label(language())) for one in choices.choices("reject_reason")]


def klass_of(lead: Lead) -> tuple[str, str, str]:
    """The class in words, its hue, and why."""
    label, hue = CLASSES.get(LeadClass(lead.klass), (lead.klass, "slate"))
    return str(label), hue, told(lead.klass_reason)


def sources() -> list[tuple[str, str]]:
    """Where requests come from, for a filter."""
    return [(one.code, one.label(language())) for one in choices.choices("source")]


def source_codes() -> set[str]:
    """What a form may say about where a request came from."""
    return {one.code for one in choices.choices("source")}


def load_of(people: list[int]) -> dict[int, int]:
    """How many live leads each of these people has: who shares out work sees who has how much."""
    live = (Lead.owner_id.in_(people), Lead.state.in_(LIVE_STATES))
    rows = select(Lead.owner_id, func.count()).where(*live).group_by(Lead.owner_id)
    return {person: count for person, count in db.session.execute(rows) if person is not None}
