"""Verbs of further addresses: SMS and messengers of a person or of the company; the Telegram chat of a person."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.channels import apprise
from app.channels.inbound import ChannelError
from app.sealed import seal
from app.services.notices.events import APPRISE, COMPANY, TELEGRAM
from app.services.notices.sending import Target
from app.services.notices.telling import trial
from app.wording import told
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.limits import clean_line
from models.ground.refused import NotFound, Refused
from models.notices import NoticeAddress
from models.staff import Person

MOST_ADDRESSES, LONGEST = 10, 1000
CODE_LIVES = dt.timedelta(minutes=15)


def add_address(url: str, label: str, person_id: int | None, events: Collection[str] = ()) -> NoticeAddress:
    """Another way to reach a person, or the company when there is no person. The address is sealed at once."""
    typed = url.strip()
    if not typed or len(typed) > LONGEST or not typed.isprintable():
        raise Refused(_("Paste the address of the service, such as ntfys://… or smsc://…"), "url")
    try:
        apprise.check(typed, frozenset(current_app.config["CRM"].OUTBOUND_ALLOW))
    except ChannelError as error:
        raise Refused(told(error.words), "url") from None
    if _count(person_id) >= MOST_ADDRESSES:
        raise Refused(_("There are %(n)s addresses already. Remove one first.", n=MOST_ADDRESSES), "url")
    row = NoticeAddress(person_id=person_id, way=APPRISE, address=seal({"url": typed}), mark=mark_of(typed))
    named = clean_line(label, "label", 60)
    row.label = f"{named} ({apprise.masked(typed)})" if named else apprise.masked(typed)
    row.events = [event for event in COMPANY if event in events]
    row.confirmed_at = utcnow()
    db.session.add(row)
    db.session.flush()
    return row


def _count(person_id: int | None) -> int:
    mine = select(func.count(NoticeAddress.id)).where(NoticeAddress.person_id == person_id)
    return db.session.execute(mine).scalar_one()


def choose_events(row: NoticeAddress, events: Collection[str]) -> None:
    """What the company's address is told of."""
    row.events = [event for event in COMPANY if event in events]
    db.session.flush()


def remove_address(row: NoticeAddress) -> None:
    """Nothing goes there any more."""
    db.session.delete(row)
    db.session.flush()


def try_address(row: NoticeAddress) -> None:
    """A message at once to one address."""
    trial(row.way, Target(row.label, row.id), _("A trial message. Notices will look like this."))


def own_address(key: int) -> NoticeAddress:
    """One of the actor's own. Raises NotFound."""
    return address_of(key, current_actor().person_id)


def address_of(key: int, person_id: int | None) -> NoticeAddress:
    """One of a person's, or of the company's. Raises NotFound."""
    mine = select(NoticeAddress).where(NoticeAddress.id == key, NoticeAddress.person_id == person_id)
    row = db.session.execute(mine).scalar_one_or_none()
    if row is None:
        raise NotFound("")
    return row


def telegram_code() -> str:
    """A one-time code by which the actor's chat is linked: good for a quarter of an hour; the one before is not."""
    me = current_actor().person_id
    waiting = select(NoticeAddress).where(NoticeAddress.person_id == me, NoticeAddress.way == TELEGRAM)
    for row in db.session.execute(waiting.where(NoticeAddress.confirmed_at.is_(None))).scalars():
        db.session.delete(row)
    code = secrets.token_urlsafe(24)
    db.session.add(NoticeAddress(person_id=me, way=TELEGRAM, mark=mark_of(code), made_at=utcnow()))
    db.session.flush()
    return code


def link_chat(code: str, chat_id: int | str, name: str) -> Person | None:
    """The chat of whoever showed the code is theirs from now on; None for a code that is used up or unknown.

    Runs as the system. A chat that was another person's changes hands; a person has one chat.
    """
    waiting = select(NoticeAddress).where(NoticeAddress.way == TELEGRAM, NoticeAddress.mark == mark_of(code))
    fresh = waiting.where(NoticeAddress.confirmed_at.is_(None), NoticeAddress.address == "")
    row = db.session.execute(fresh.with_for_update()).scalars().first()
    if row is None or row.made_at < utcnow() - CODE_LIVES:
        return None
    person = db.session.get(Person, row.person_id)
    if person is None or not person.active:
        return None
    chat = mark_of(str(chat_id))
    before = select(NoticeAddress).where(NoticeAddress.way == TELEGRAM, NoticeAddress.id != row.id)
    mine = (NoticeAddress.person_id == person.id) | (NoticeAddress.mark == chat)
    for other in db.session.execute(before.where(mine)).scalars():
        db.session.delete(other)
    row.address, row.mark = seal({"chat": str(chat_id)}), chat
    row.label, row.confirmed_at = " ".join(str(name).split())[:100] or "Telegram", utcnow()
    db.session.flush()
    return person


def person_of_chat(chat_id: int | str) -> Person | None:
    """Whose chat this is. Runs as the system."""
    linked = select(Person).join(NoticeAddress, NoticeAddress.person_id == Person.id)
    linked = linked.where(NoticeAddress.way == TELEGRAM, NoticeAddress.mark == mark_of(str(chat_id)))
    found = linked.where(NoticeAddress.confirmed_at.is_not(None), Person.active).limit(1)
    return db.session.execute(found).scalars().first()


def mark_of(text: str) -> str:
    """Finds an address that is sealed."""
    return hashlib.sha256(text.encode()).hexdigest()
