"""What is known of a person, each value checked: names, addresses, phone, post, share of leads."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.services import contacts
from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.staff import Person

MOST_SHARES = 100
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,59}")


def fill(person: Person, values: Mapping[str, Any]) -> None:
    """Put values into a person, each checked. Raises Refused, which names the field."""
    for name, value in values.items():
        setattr(person, name, _CHECKED[name](value, person) if name in _CHECKED else value)


def _username(value: Any, person: Person) -> str:
    name = str(value or "").strip().lower()
    if not USERNAME.fullmatch(name):
        raise Refused(_("A user name is of Latin letters and digits, for example anna.belova."), "username")
    _check_free(person, name, "username")
    return name


def _email(value: Any, person: Person) -> str:
    address = contacts.email(value)
    if not address:
        raise Refused(_("This is not an e-mail address. Type it as anna@example.ru."), "email")
    _check_free(person, address, "email")
    return address


def _check_free(person: Person, name: str, field: str) -> None:
    """Names and addresses both open the door, so neither may be another person's other one."""
    with db.session.no_autoflush:
        taken = select(Person.id).where((func.lower(Person.username) == name) | (func.lower(Person.email) == name))
        others = set(db.session.execute(taken).scalars()) - {person.id}
    if others:
        raise Refused(_("Somebody else has this name or address already."), field)


def _phone(value: Any, _person: Person) -> str | None:
    typed = str(value or "").strip()
    found = contacts.phone(typed)
    if typed and not found:
        raise Refused(_("This is not a phone number. Type it as +7 912 345-67-89."), "phone")
    return found or None


def _share(value: Any, _person: Person) -> int:
    text = str(value or "").strip() or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= MOST_SHARES):
        words = _("A share is a whole number from 0 to %(n)s: 0 takes no leads in turn.", n=MOST_SHARES)
        raise Refused(words, "lead_share")
    return int(text)


def _line(name: str, length: int, is_needed: bool = False) -> Any:
    def checked(value: Any, _person: Person) -> str:
        text = clean_line(value, name, length)
        if is_needed and not text:
            raise Refused(_("Fill this in."), name)
        return text

    return checked


_CHECKED: dict[str, Any] = {
    "username": _username,
    "email": _email,
    "phone": _phone,
    "first_name": _line("first_name", 64, is_needed=True),
    "last_name": _line("last_name", 64),
    "post": _line("post", 100),
    "lead_share": _share,
}
