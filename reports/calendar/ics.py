"""A person's tasks and visits as a calendar of other programs reads them (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from icalendar import Alarm, Calendar, Event
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from models.ground.base import db, utcnow
from models.tasks import Task
from models.visits import Visit, VisitState

BEHIND, AHEAD = dt.timedelta(days=30), dt.timedelta(days=366)
MOST = 2000


def written(person_id: int, zone: str, mark: str, address: Callable[[Any], str]) -> bytes:
    """The calendar of whoever acts in this session, in UTC; `address` says where the page of a deal is.

    `mark` tells our events from those of another Voronka: an event keeps its UID whatever is changed of it.
    """
    book = Calendar()
    book.add("prodid", "-//Voronka//Calendar//EN")
    book.add("version", "2.0")
    book.add("method", "PUBLISH")
    book.add("calscale", "GREGORIAN")
    book.add("x-wr-calname", "Voronka")
    book.add("x-wr-timezone", zone)
    since, until = utcnow() - BEHIND, utcnow() + AHEAD
    for visit in _visits(person_id, since, until):
        book.add_component(_of_visit(visit, mark, address))
    for task in _tasks(person_id, since, until):
        book.add_component(_of_task(task, mark, address))
    return bytes(book.to_ical())


def _visits(person_id: int, since: dt.datetime, until: dt.datetime) -> Any:
    """Cancelled ones too: a calendar that has them must be told."""
    rows = select(Visit).where(Visit.assignee_id == person_id, Visit.starts_at.between(since, until))
    return db.session.execute(rows.options(selectinload(Visit.deal)).order_by(Visit.starts_at).limit(MOST)).scalars()


def _tasks(person_id: int, since: dt.datetime, until: dt.datetime) -> Any:
    """Open ones, and done ones of the last days; what a visit stands for is told by the visit."""
    visited = select(Visit.id).where(Visit.task_id == Task.id)
    recent = or_(Task.done_at.is_(None), Task.done_at > since)
    rows = select(Task).where(Task.assignee_id == person_id, Task.due_at.between(since, until), recent)
    loaded = rows.where(~visited.exists()).options(joinedload(Task.deal)).order_by(Task.due_at).limit(MOST)
    return db.session.execute(loaded).scalars()


def _of_visit(visit: Visit, mark: str, address: Callable[[Any], str]) -> Event:
    event = _event("visit", visit, mark, _("Visit: %(address)s", address=visit.who or visit.address))
    event.add("dtstart", visit.starts_at.astimezone(dt.UTC))
    event.add("dtend", visit.ends_at.astimezone(dt.UTC))
    event.add("location", visit.address)
    event.add("status", "CANCELLED" if visit.state == VisitState.CANCELLED else "CONFIRMED")
    said = [visit.place_note, visit.reason if visit.state == VisitState.CANCELLED else ""]
    _describe(event, said, address(visit.deal))
    return event


def _of_task(task: Task, mark: str, address: Callable[[Any], str]) -> Event:
    title = f"✓ {task.title}" if task.done_at else task.title
    event = _event("task", task, mark, title)
    due = (task.due_at or utcnow()).astimezone(dt.UTC)
    event.add("dtstart", due)
    event.add("dtend", due + dt.timedelta(minutes=task.minutes))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if task.address:
        event.add("location", task.address)
    place = task.deal.client_name if task.deal is not None and task.deal.client_name else ""
    _describe(event, [place], address(task.deal))
    if task.remind_minutes is not None and task.done_at is None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", task.title)
        alarm.add("trigger", dt.timedelta(minutes=-task.remind_minutes))
        event.add_component(alarm)
    return event


def _event(noun: str, row: Any, mark: str, summary: str) -> Event:
    event = Event()
    event.add("uid", f"{noun}-{row.id}-{mark}@voronka")
    event.add("sequence", row.version - 1)
    event.add("dtstamp", row.changed_at.astimezone(dt.UTC))
    event.add("last-modified", row.changed_at.astimezone(dt.UTC))
    event.add("created", row.created_at.astimezone(dt.UTC))
    event.add("summary", summary)
    return event


def _describe(event: Event, words: list[str], url: str) -> None:
    said = "\n".join(part for part in (*words, url) if part)
    if said:
        event.add("description", said)
    if url:
        event.add("url", url)
