"""Verbs of one's own settings: change, take leads, remember what was opened."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.services import contacts
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.limits import clean_text
from models.ground.refused import Refused
from models.recent import RecentView
from models.staff import Person

# Offered in the list; any other zone that the system knows is accepted too.
ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
    "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
    "Europe/Minsk", "Europe/Chisinau", "Asia/Almaty", "Asia/Bishkek", "Asia/Tashkent", "Asia/Dushanbe",
    "Asia/Ashgabat", "Asia/Yerevan", "Asia/Baku", "Asia/Tbilisi", "Europe/Belgrade", "Europe/Berlin",
    "Europe/London", "Europe/Istanbul", "Asia/Dubai", "Asia/Shanghai",
)  # fmt: skip
MOST_RECENT = 50
LONGEST_SIGNATURE = 1000
THEMES = ("auto", "light", "dark")


def change(person: Person, said: Mapping[str, Any]) -> None:
    """Language, zone, theme, phone, signature of letters, single keys."""
    if said["language"] not in current_app.config["LANGUAGES"]:
        raise Refused(_("Choose one of the languages."), "language")
    if said["zone"] not in ZONES and said["zone"] not in available_timezones():
        raise Refused(_("Choose one of the time zones."), "zone")
    if said["theme"] not in THEMES:
        raise Refused(_("Choose one of the themes."), "theme")
    typed = str(said["phone"] or "").strip()
    phone = contacts.phone(typed)
    if typed and not phone:
        raise Refused(_("This is not a phone number. Type it as +7 912 345-67-89."), "phone")
    person.language, person.zone, person.theme = said["language"], said["zone"], said["theme"]
    person.phone = phone or None
    person.single_keys = bool(said["single_keys"])
    if "signature" in said:
        person.signature = clean_text(said["signature"], "signature", LONGEST_SIGNATURE)
    db.session.flush()


def take_leads(person: Person, takes: bool) -> None:
    """Whether new requests are shared out to this person."""
    person.takes_leads = takes
    db.session.flush()


def remember(noun: str, row_id: int) -> None:
    """The actor opened a row just now; the oldest of many are forgotten."""
    person_id = current_actor().person_id
    fresh = insert(RecentView).values(person_id=person_id, what=noun, row_id=row_id, at=utcnow())
    again = fresh.on_conflict_do_update(index_elements=["person_id", "noun", "row_id"], set_={"at": utcnow()})
    db.session.execute(again)
    mine = select(RecentView.id).where(RecentView.person_id == person_id).order_by(RecentView.at.desc())
    db.session.execute(delete(RecentView).where(RecentView.id.in_(mine.offset(MOST_RECENT))))
