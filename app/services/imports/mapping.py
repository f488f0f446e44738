"""Which column is what: guessed by its name, remembered from the last file of the same shape, changed by a person."""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.inbound import Inbound
from app.services import contacts
from app.wording import kept
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.imports import LeadImport
from models.lowcode import choices

SKIP, NOTE = "", "note"
FIELDS = ("name", "phone", "email", "handle", "words", "source", "date", "address", NOTE)
# One column of each; words, notes and addresses may be several.
SINGLE = {"name", "phone", "email", "handle", "source", "date"}
GUESSES: dict[str, tuple[str, ...]] = {
    "name": ("name", "имя", "фио", "клиент", "контакт", "fio", "fullname", "заказчик", "client", "contact"),
    "phone": ("phone", "tel", "тел", "телефон", "моб", "мобильный", "сотовый", "mobile", "номер телефона"),
    "email": ("email", "mail", "почта", "емейл", "эл почта", "электронная почта"),
    "handle": ("telegram", "телеграм", "тг", "ник", "handle", "мессенджер"),
    "words": ("message", "comment", "запрос", "комментарий", "сообщение", "что нужно", "заявка", "интерес", "request"),
    "source": ("source", "источник", "откуда", "откуда узнал", "канал", "реклама"),
    "date": ("date", "дата", "дата обращения", "дата заявки", "создан", "дата создания", "когда"),
    "address": ("address", "адрес", "город", "объект", "city"),
    NOTE: ("note", "примечание", "заметка", "notes"),
}
DATES = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
         "%d.%m.%Y %H:%M:%S")  # fmt: skip
FIRST_DAY = dt.date(2000, 1, 1)
MOST_SAID = 10_000


@dataclass(frozen=True)
class Row:
    """What a row says: a request, the day of it, and what is wrong with it in words."""

    inbound: Inbound
    phone: str = ""
    email: str = ""
    day: dt.date | None = None
    wrong: str = ""
    is_empty: bool = False
    unknown: Mapping[str, str] = field(default_factory=dict)


def shape_of(columns: Sequence[str]) -> str:
    """Files with the same columns have the same shape."""
    return hashlib.sha256("\x1f".join(_plain(name) for name in columns).encode()).hexdigest()


def first_guess(columns: Sequence[str], shape: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The mapping and options of the actor's last file of this shape, or a guess by the names."""
    rows = (
        select(LeadImport)
        .where(LeadImport.shape == shape, LeadImport.person_id == current_actor().person_id)
        .where(LeadImport.options["remember"].as_boolean())
        .order_by(LeadImport.id.desc())
        .limit(1)
    )
    last = db.session.execute(rows).scalar_one_or_none()
    if last is not None:
        return dict(last.mapping), dict(last.options)
    return guessed(columns), {"remember": True, "duplicates": "skip", "owner": "me"}


def is_headless(columns: Sequence[str]) -> bool:
    """Whether the line of names looks like somebody's request: it holds a phone or an e-mail."""
    return any(contacts.phone(name) or contacts.email(name) for name in columns)


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """A field for each column, by its name; the first of several takes what only one may be."""
    mapping: dict[str, str] = {}
    for at, name in enumerate(columns):
        found = _guess(_plain(name))
        if found and not (found in SINGLE and found in mapping.values()):
            mapping[str(at)] = found
    return mapping


def _guess(name: str) -> str:
    exact = next((code for code, names in GUESSES.items() if name in names), "")
    if exact or not name:
        return exact
    near = (code for code, names in GUESSES.items() if any(name.startswith(one) for one in names if len(one) > 3))
    return next(near, "")


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.lower().replace("e-mail", "email").replace("ё", "е")).split())


def checked(columns: Sequence[str], typed: Mapping[str, str]) -> dict[str, str]:
    """The mapping as it is kept. Refuses one by which nobody could be answered, and a field given twice."""
    mapping = {str(at): typed.get(str(at), "") for at in range(len(columns)) if typed.get(str(at), "") in FIELDS}
    mapping = {at: code for at, code in mapping.items() if code != SKIP}
    for code in SINGLE:
        if list(mapping.values()).count(code) > 1:
            raise Refused(_("Two columns are the same field. Leave one, put the other into the note."), "mapping")
    if not {"phone", "email", "handle"} & set(mapping.values()):
        words = _("Say which column is the phone, the e-mail or the messenger: nobody could be answered.")
        raise Refused(words, "mapping")
    return mapping


def understood(cells: Sequence[str], job: LeadImport) -> Row:
    """A row by the mapping. Nothing is raised: what is wrong is told in words."""
    said = _said(cells, job)
    if not any(said.values()):
        return Row(Inbound(), is_empty=True)
    phone = _phone(said.get("phone", ""))
    email, handle = contacts.email(said.get("email", "")), contacts.handle(said.get("handle", ""))
    source, unknown = _source(said.get("source", ""), job)
    day, wrong = _day(said.get("date", ""))
    words = "\n".join(part for part in (said.get("words", ""), said.get(NOTE, "")) if part)
    inbound = Inbound(
        name=said.get("name", ""), phone=said.get("phone", ""), email=email, handle=handle, words=words, source=source,
        extra={name: value for name, value in ((_("Address"), said.get("address", "")), *unknown.items()) if value},
    )  # fmt: skip
    wrong = wrong or _unreachable(said, phone, email, handle) or _too_long(said, words)
    return Row(inbound, phone, email, day, wrong, unknown=unknown)


def _said(cells: Sequence[str], job: LeadImport) -> dict[str, str]:
    """Values by field; several columns of one field are joined, a note says whose it is."""
    said: dict[str, str] = {}
    for at, code in job.mapping.items():
        value = cells[int(at)].strip() if int(at) < len(cells) else ""
        if not value:
            continue
        value = f"{job.columns[int(at)]}: {value}" if code == NOTE else value
        said[code] = f"{said[code]}\n{value}" if code in said else value
    return said


def _phone(typed: str) -> str:
    """The first of several numbers in a cell that can be called."""
    return next((value for part in re.split(r"[;,\n/]", typed) if (value := contacts.phone(part))), "")


def _source(typed: str, job: LeadImport) -> tuple[str, dict[str, str]]:
    """The source that the company knows by this word, or that a person chose for it; other words are kept."""
    if not typed:
        return "import", {}
    wanted = typed.strip().lower()
    chosen = str((job.options.get("values") or {}).get(wanted, ""))
    known = {one.code: one for one in choices.choices("source")}
    if chosen in known:
        return chosen, {}
    for code, choice in known.items():
        if wanted in {code, *(name.lower() for _language, name in choice.names)}:
            return code, {}
    return "import", {_("Source"): typed[:250]}


def _day(typed: str) -> tuple[dt.date | None, str]:
    if not typed:
        return None, ""
    for form in DATES:
        try:
            day = dt.datetime.strptime(typed.strip(), form).date()  # noqa: DTZ007 (a day, no moment)
        except ValueError:
            continue
        if day > utcnow().date() + dt.timedelta(days=1):  # a day's slack covers every zone
            return None, kept("A date of the future: %(date)s", date=typed[:40])
        return (day, "") if day >= FIRST_DAY else (None, kept("A date before 2000: %(date)s", date=typed[:40]))
    return None, kept("This is not a date: %(date)s", date=typed[:40])


def _unreachable(said: Mapping[str, str], phone: str, email: str, handle: str) -> str:
    if phone or email or handle:
        return ""
    if said.get("phone"):
        digits = sum(letter.isdigit() for letter in said["phone"])
        typed = said["phone"][:40]
        return kept("The phone is incomplete: %(typed)s", typed=typed) if digits >= 5 else kept(
            "This is not a phone: %(typed)s", typed=typed)  # fmt: skip
    if said.get("email"):
        return kept("This is not an e-mail: %(typed)s", typed=said["email"][:60])
    return kept("There is no phone, e-mail or messenger")


def _too_long(said: Mapping[str, str], words: str) -> str:
    if len(said.get("name", "")) > 250:
        return kept("The name is too long: at most 250 characters")
    return kept("The text is too long: at most 10 000 characters") if len(words) > MOST_SAID else ""
