"""One merge in words: what became of each field, what followed, and what was changed since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.wording import moment, percent, phone
from models.duplicates import Merge
from models.ground.base import db
from models.staff import Person
from reports.clients import KINDS
from reports.duplicates import FIELDS, PARTS, names_of, sees_contacts

ROWS = {
    "deal.client_id": _l("Deal"),
    "lead.client_id": _l("Lead"),
    "task.client_id": _l("Task"),
    "contact_point.client_id": _l("Contact"),
    "visit.client_id": _l("Visit"),
}
CONTACTS = {"phone": _l("Phone"), "email": _l("E-mail"), "handle": _l("Messenger")}


@dataclass(frozen=True)
class Line:
    """One field through a merge."""

    label: str
    survivor: str
    loser: str
    after: str


@dataclass(frozen=True)
class Question:
    """Something that was changed since: what is there now and what stood there. `asks`: a person has to decide."""

    key: str
    kind: str
    label: str
    now: str
    back: str
    asks: bool
    decided: str = ""


def survivor_name(merge: Merge) -> str:
    """What the client that stays was called before: after it both names may be the same."""
    return str(merge.snapshot.get("survivor", {}).get("name", "")) if merge.survivor else "—"


def lines(merge: Merge) -> list[Line]:
    """The fields that the two did not have alike."""
    snapshot = merge.snapshot
    sides = [snapshot.get(side, {}) for side in ("survivor", "loser", "after")]
    people = _people({side.get("owner_id") for side in sides})
    found = []
    for name, label in FIELDS.items():
        said = [value_words(name, side.get(name), people) for side in sides]
        if said[0] != said[1]:
            found.append(Line(str(label), *said))
    return found


def followed(merge: Merge) -> list[tuple[str, int]]:
    """How much of the loser's became the survivor's, by kind."""
    moved = merge.snapshot.get("moved", {})
    return [(str(PARTS.get(name, name)), len(one["ids"])) for name, one in moved.items()]


def questions(merge: Merge, conflicts: Sequence[Mapping[str, Any]]) -> list[Question]:
    """Conflicts in words, those that have to be decided first."""
    owners = {value for one in conflicts if one["what"] == "owner_id" for value in (one["now"], one["back"])}
    clients = {one["now"] for one in conflicts if one["kind"] == "row" and isinstance(one["now"], int)}
    people, names = _people(owners), names_of(clients)
    found = [_question(merge, one, people, names) for one in conflicts]
    return sorted(found, key=lambda one: not one.asks)


def _question(merge: Merge, one: Mapping[str, Any], people: dict[int, str], names: dict[int, str]) -> Question:
    kind, what, now, back = one["kind"], one["what"], one["now"], one["back"]
    if kind == "field":
        label, said = str(FIELDS.get(what, what)), [value_words(what, value, people) for value in (now, back)]
    elif kind == "contact":
        label, said = str(CONTACTS.get(what, what)), [_("removed since"), contact_words(str(back))]
    elif kind == "row":
        label = f"{ROWS.get(what) or PARTS.get(what, what)} № {one['row_id']}"
        said = [names.get(now, _("another client")), str(merge.snapshot.get("loser", {}).get("name", ""))]
    else:
        label = str(ROWS.get(what) or PARTS.get(what, what))
        said = [_added_words(what, str(now)) if kind == "added" else _("deleted for good"), ""]
    return Question(one["key"], kind, label, *said, kind in ("field", "row", "contact"), one.get("decided", ""))


def _added_words(what: str, value: str) -> str:
    if what == "contact_point.client_id":
        return contact_words(value)
    return moment(dt.datetime.fromisoformat(value)) if what == "visit.client_id" else value


def contact_words(value: str) -> str:
    """A phone, an address or a name, as far as the actor may see it."""
    sees_phone, sees_email = sees_contacts()
    if value.startswith("+"):
        return phone(value) if sees_phone else "—"
    return value if "@" not in value or sees_email else "—"


def value_words(name: str, value: Any, people: Mapping[int, str]) -> str:
    """A field's value of a snapshot, in words."""
    if value in (None, "", {}):
        return ""
    if name == "owner_id":
        return people.get(value, "—")
    if name == "kind":
        return str(KINDS.get(value, value))
    if name == "partner_percent":
        return percent(float(value))
    if name == "extra":
        return ", ".join(f"{key}: {said}" for key, said in value.items())
    return str(value)


def _people(ids: set[Any]) -> dict[int, str]:
    rows = select(Person).where(Person.id.in_({key for key in ids if key}))
    return {person.id: person.name for person in db.session.execute(rows).scalars()}
