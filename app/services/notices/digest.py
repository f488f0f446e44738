"""The daily letter: once a day to whoever asked for it, when something waits."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.rights import actor_of_person, rights_of
from app.services.notices.choices import digest_time, quiet_of
from app.services.notices.events import EMAIL
from app.services.notices.telling import letter
from app.services.notices.waiting import spare
from app.wording import kept, speaking
from models.ground.actor import acting_as
from models.ground.base import db, utcnow
from models.notices import Delivery, DeliveryState, Notice
from models.staff import Person
from reports.digest import Digest
from reports.digest import digest as read

# A letter that is later than this is of no use to anybody: the next one comes tomorrow.
LATEST = dt.timedelta(hours=6)
SINCE = dt.timedelta(days=7)
DAY = "day"
TOGETHER = kept("It was told in the daily letter.")


def due() -> Iterator[Person]:
    """Those whose letter of today is due and was not written. Runs as the system."""
    now = utcnow()
    wanting = select(Person).where(Person.active, Person.email != "", Person.notify.has_key("digest"))
    for person in db.session.execute(wanting.order_by(Person.id)).scalars():
        time, local = digest_time(person), now.astimezone(ZoneInfo(person.zone))
        if time is None or local.weekday() in quiet_of(person).days:
            continue
        moment = dt.datetime.combine(local.date(), time, local.tzinfo)
        known = select(Delivery.id).where(Delivery.key == f"{_key(person, local)}:{EMAIL}")
        if moment <= local < moment + LATEST and db.session.execute(known).first() is None:
            yield person


def write(person: Person) -> Delivery:
    """Write the letter of today; where nothing waits, only note that nothing did. Runs as the system."""
    local = utcnow().astimezone(ZoneInfo(person.zone))
    with speaking(person.language, person.zone):
        reader = actor_of_person(person)
        with acting_as(reader):
            found = read(reader, _last_letter(local))
        if found.is_empty:
            empty = Delivery(key=f"{_key(person, local)}:{EMAIL}", way=EMAIL, address=person.email)
            spare(empty, kept("Nothing waited."))
            db.session.add(empty)
            db.session.flush()
            return empty
        written = letter(person.email, _key(person, local), "digest", **asdict(found), **_said(found, person))
    _spare_waiting(person)
    return written


def _said(found: Digest, person: Person) -> dict[str, str]:
    total = found.total
    title = ngettext("%(num)s thing waits for you today", "%(num)s things wait for you today", total)
    if not total:
        title = _("You have not seen these notices")
    late = ngettext("%(num)s task is late.", "%(num)s tasks are late.", found.late_tasks) if found.late_tasks else ""
    return {"title": title, "text": late, **_first_screen(person)}


def _first_screen(person: Person) -> dict[str, str]:
    """Not everybody has a day of their own: / leads each to where their work begins."""
    if DAY in rights_of(person.id).homes:
        return {"url": "/day/", "open": _("Open my day")}
    return {"url": "/", "open": _("Open %(name)s", name=current_app.config["APP_NAME"])}


def _last_letter(local: dt.datetime) -> dt.datetime:
    return (local - SINCE).astimezone(dt.UTC)


def _key(person: Person, local: dt.datetime) -> str:
    return f"digest:{person.id}:{local.date().isoformat()}"


def _spare_waiting(person: Person) -> None:
    """Letters that waited for this one are in it."""
    waiting = select(Delivery).join(Notice, Notice.id == Delivery.notice_id).where(Notice.person_id == person.id)
    waiting = waiting.where(Delivery.way == EMAIL, Delivery.state == DeliveryState.PENDING)
    waited = waiting.where(func.coalesce(Delivery.payload["waited"].as_boolean(), False))
    for delivery in db.session.execute(waited.with_for_update(of=Delivery, skip_locked=True)).scalars():
        spare(delivery, TOGETHER)
