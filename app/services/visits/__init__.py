"""Verbs of a visit: plan, move, change, cancel, take back, finish; no two visits of a person clash."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import tasks, worktime
from app.services.tasks.values import clean_moment, person_of, whole
from app.services.versions import check_version, locked
from app.services.visits.slots import MINUTE, Taken, clash, nearest, taken_by
from app.settings import setting
from app.wording import clock, moment
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.leads import Lead
from models.staff import Person
from models.tasks import REMIND_MINUTES, Task, TaskKind
from models.visits import Visit, VisitState

__all__ = ["PLACED", "call_off", "cancel", "change", "finish", "follow_lead", "move", "plan", "take_back"]

# The first key of the advisory locks of people's days; any number that nobody else uses.
LOCK = 7_061
SHORTEST, LONGEST, LONGEST_WAY = 10, 12 * 60, 240
# What may change without another look at the day of whoever goes.
PLACED = ("address", "place_note")
# A visit planned while it begins is no mistake.
GRACE = dt.timedelta(minutes=15)


def plan(place: Deal | Lead, values: Mapping[str, Any]) -> Visit:
    """A visit for a deal or a lead: assignee, starts_at (aware), minutes, address, place_note, travel_minutes.

    The open measuring task goes with it, or a new one does: it reminds, and is the next step of the deal. Raises
    Refused with the nearest free places as details.
    """
    actor = current_actor()
    visit = Visit(created_by_id=actor.person_id, client_id=place.client_id, state=VisitState.PLANNED)
    visit.deal_id, visit.lead_id = (place.id, None) if isinstance(place, Deal) else (None, place.id)
    visit.who = clean_line(_name_of(place))
    _place(visit, {"address": getattr(place, "address", ""), "place_note": "", "travel_minutes": None} | dict(values))
    person = _person(values.get("assignee"))
    _put(visit, person, _starts(values.get("starts_at")), _minutes(values.get("minutes")))
    task = _measuring(place) or _new_task(place, visit)
    visit.task_id = task.id
    db.session.add(visit)
    db.session.flush()
    _lead_task(visit, task)
    record("visit.planned", visit, assignee_id=visit.assignee_id, starts_at=visit.starts_at, address=visit.address)
    return visit


def move(visit: Visit, values: Mapping[str, Any], version: int | None = None) -> Visit:
    """Another time, length, person or way. Raises Refused with the nearest free places, Stale."""
    visit = _planned(visit)
    check_version(visit, version, {key: value for key, value in values.items() if hasattr(visit, key)})
    person = _person(values["assignee"]) if values.get("assignee") else visit.assignee
    starts = _starts(values["starts_at"]) if values.get("starts_at") else visit.starts_at
    minutes = _minutes(values["minutes"]) if values.get("minutes") else visit.minutes
    was, way = (visit.assignee_id, visit.starts_at, visit.ends_at), visit.travel_minutes
    _place(visit, {name: value for name, value in values.items() if name == "travel_minutes"})
    is_placed = was == (person.id, starts, starts + minutes * MINUTE)
    if is_placed and visit.travel_minutes == way:
        return visit
    # All of it at once: an hour that is too near for a longer way may be given up by the same save.
    _put(visit, person, starts, minutes)
    db.session.flush()
    if not is_placed:
        _lead_task(visit, visit.task)
        record("visit.moved", visit, was=was[1], was_assignee_id=was[0], starts_at=visit.starts_at)
    return visit


def change(visit: Visit, values: Mapping[str, Any], version: int | None = None) -> Visit:
    """Address and note for whoever goes. Raises Stale."""
    visit = _planned(visit)
    check_version(visit, version, values)
    _place(visit, {name: values[name] for name in PLACED if name in values})
    db.session.flush()
    return visit


def cancel(visit: Visit, reason: str) -> Visit:
    """Nobody goes; whoever was to go is told why. Refuses without a reason, and a visit that is over."""
    visit = _planned(visit)
    words = clean_line(reason, "reason")
    if not words:
        raise Refused(_("Say why the visit is cancelled: whoever was to go will read it."), "reason")
    task = visit.task
    visit.state, visit.reason, visit.ended_at = VisitState.CANCELLED, words, utcnow()
    db.session.flush()
    # A task of the plan stays: somebody has to go some other time.
    if task is not None and task.done_at is None and task.playbook_id is None:
        task.done_at, task.done_by_id, task.result = utcnow(), current_actor().person_id, words
        db.session.flush()
    record("visit.cancelled", visit, reason=words, starts_at=visit.starts_at)
    return visit


def take_back(visit: Visit) -> Visit:
    """Undo of cancel and finish: planned again, if the time is still free. Refuses a planned one."""
    visit = locked(visit)
    if visit.is_planned:
        raise Refused(_("This visit is planned already."))
    _check_free(visit, visit.assignee, visit.starts_at, visit.ends_at)
    visit.state, visit.reason, visit.ended_at = VisitState.PLANNED, "", None
    db.session.flush()
    if visit.place is not None and _is_led_by_another(visit):
        visit.task = _new_task(visit.place, visit)
        _lead_task(visit, visit.task)
    elif visit.task is not None and visit.task.done_at is not None:
        tasks.reopen(visit.task)
    # Whoever goes was told that nobody does, and the feed says so.
    record("visit.planned", visit, assignee_id=visit.assignee_id, starts_at=visit.starts_at, address=visit.address)
    return visit


def finish(visit: Visit, result: str) -> Visit:
    """It was made: what came of it. Its task is done with it. Refuses without words, and a visit that is over."""
    visit = _planned(visit)
    words = clean_text(result, "result")
    if not words:
        raise Refused(_("Write in a few words what came of the visit."), "result")
    # Read before the end: a deal that was given by this very visit is out of reach after it.
    task = visit.task
    if task is not None and task.done_at is None:
        tasks.finish(task, words)
    record("visit.done", visit, result=words)
    visit.state, visit.result, visit.ended_at = VisitState.DONE, words, utcnow()
    db.session.flush()
    return visit


def call_off(deal: Deal, reason: str) -> None:
    """Nobody goes any more for a deal that has just been lost: at that moment, by which its undo knows them."""
    ahead = select(Visit).where(Visit.deal_id == deal.id, Visit.state == VisitState.PLANNED)
    for visit in db.session.execute(ahead).scalars().all():
        cancel(visit, reason).ended_at = deal.stage_since
    db.session.flush()


def follow_lead(lead: Lead, deal: Deal) -> None:
    """The visits of a lead that became a deal are the deal's."""
    for visit in db.session.execute(select(Visit).where(Visit.lead_id == lead.id)).scalars():
        visit.deal_id, visit.client_id = deal.id, deal.client_id
    db.session.flush()


def _planned(visit: Visit) -> Visit:
    visit = locked(visit)
    if not visit.is_planned:
        raise Refused(_("This visit is over. Plan a new one."))
    return visit


def _put(visit: Visit, person: Person, starts: dt.datetime, minutes: int) -> None:
    """The one way onto somebody's day: under its lock, clear of absences and of other visits."""
    ends = starts + minutes * MINUTE
    _check_free(visit, person, starts, ends)
    visit.assignee_id, visit.starts_at, visit.ends_at = person.id, starts, ends


def _check_free(visit: Visit, person: Person, starts: dt.datetime, ends: dt.datetime) -> None:
    # Two who plan the same hour at once: the second waits here until the first has committed, and then reads it.
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK, person.id)))
    wanted = Taken(starts, ends, visit.travel_minutes, visit.id or 0)
    if starts < utcnow() - GRACE and (visit.id is None or starts != visit.starts_at):
        raise Refused(_("This time has passed already. Choose a later one."), "starts_at", nearest(person, wanted))
    away = worktime.away_on(worktime.today_of(starts), [person.id]).get(person.id)
    if away is not None:
        words = _("%(name)s is away that day.", name=person.name)
        raise Refused(f"{words} {_free_words(person, wanted)}".strip(), "starts_at", nearest(person, wanted))
    around = dt.timedelta(minutes=LONGEST_WAY)
    other = clash(wanted, taken_by(person.id, starts - around, ends + around, wanted.visit_id))
    if other is not None:
        raise Refused(_clash_words(person, wanted, other), "starts_at", nearest(person, wanted))


def _clash_words(person: Person, wanted: Taken, other: Taken) -> str:
    busy = f"{clock(other.starts)}–{clock(other.ends)}"
    if wanted.starts < other.ends and other.starts < wanted.ends:
        words = _("%(name)s is on another visit %(busy)s.", name=person.name, busy=busy)
    else:
        way = max(wanted.travel, other.travel)
        words = _(
            "%(name)s has another visit %(busy)s and needs %(way)s min for the way.",
            name=person.name, busy=busy, way=way,
        )  # fmt: skip
    return f"{words} {_free_words(person, wanted)}".strip()


def _free_words(person: Person, wanted: Taken) -> str:
    places = ", ".join(moment(place.starts) for place in nearest(person, wanted))
    return _("Free: %(places)s.", places=places) if places else _("There is no free time in the next three weeks.")


def _place(visit: Visit, values: Mapping[str, Any]) -> None:
    if "address" in values:
        visit.address = clean_line(values["address"], "address")
        if not visit.address:
            raise Refused(_("Write the address: whoever goes must know where."), "address")
    if "place_note" in values:
        visit.place_note = clean_text(values["place_note"], "place_note")
    if "travel_minutes" in values:
        way = values["travel_minutes"]
        visit.travel_minutes = (
            setting("travel_minutes") if way in (None, "") else whole(way, "travel_minutes", LONGEST_WAY)
        )


def _name_of(place: Deal | Lead) -> str:
    if isinstance(place, Deal):
        return place.client_name or place.title
    return place.name


def _person(value: Any) -> Person:
    person_id = person_of(value, "assignee")
    if person_id is None:
        raise Refused(_("Choose who goes."), "assignee")
    return db.session.get_one(Person, person_id)


def _starts(value: Any) -> dt.datetime:
    starts = clean_moment(value, "starts_at")
    if starts is None:
        raise Refused(_("Choose the day and the time."), "starts_at")
    return starts.replace(second=0, microsecond=0)


def _minutes(value: Any) -> int:
    if value in (None, ""):
        return int(setting("visit_minutes"))
    minutes = whole(value, "minutes", LONGEST)
    if minutes < SHORTEST:
        raise Refused(_("A visit lasts %(n)s minutes at least.", n=SHORTEST), "minutes")
    return minutes


def _new_task(place: Deal | Lead, visit: Visit) -> Task:
    """Without an event of its own: the visit's is told."""
    task = Task(title=clean_line(_("Visit: %(address)s", address=visit.address[:200])), kind=TaskKind.MEASURE)
    task.created_by_id, task.client_id = visit.created_by_id, place.client_id
    task.remind_minutes = REMIND_MINUTES
    task.deal_id, task.lead_id, task.assignee_id = visit.deal_id, visit.lead_id, visit.assignee_id
    task.stage_id = place.stage_id if isinstance(place, Deal) else None
    db.session.add(task)
    db.session.flush()
    return task


def _measuring(place: Deal | Lead) -> Task | None:
    """The open measuring task of a deal or lead that no visit has yet."""
    taken = select(Visit.id).where(Visit.task_id == Task.id, Visit.state == VisitState.PLANNED)
    whose = Task.deal_id == place.id if isinstance(place, Deal) else Task.lead_id == place.id
    mine = select(Task).where(whose, Task.kind == TaskKind.MEASURE, Task.done_at.is_(None))
    return db.session.execute(mine.where(~taken.exists()).order_by(Task.id).limit(1)).scalar_one_or_none()


def _is_led_by_another(visit: Visit) -> bool:
    """Whether its task went to a visit that was planned since it was cancelled."""
    others = select(Visit.id).where(Visit.task_id == visit.task_id, Visit.id != visit.id)
    planned = others.where(Visit.state == VisitState.PLANNED)
    return visit.task_id is not None and db.session.execute(planned.limit(1)).first() is not None


def _lead_task(visit: Visit, task: Task | None) -> None:
    """The task goes where the visit goes: the same person, the same hour."""
    if task is not None and task.done_at is None:
        task.assignee_id, task.due_at, task.address = visit.assignee_id, visit.starts_at, visit.address
        task.minutes = visit.minutes
        db.session.flush()
