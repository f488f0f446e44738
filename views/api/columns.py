"""What a resource shows and takes: columns, each of a kind that knows its JSON, its filter and its schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.ground.actor import Actor, current_actor
from models.ground.limits import FIRST_YEAR, LAST_YEAR, clean_date, clean_line, clean_money
from models.ground.refused import Refused

LARGEST_ID = 2**63 - 1
TEXTS_LIMIT = 20


class Unclear(Refused):
    """The request itself cannot be understood: 400."""

    status = 400


@dataclass(frozen=True)
class Kind:
    """A kind of value. `wrong` is said when JSON brings another type than `takes`.

    `load` makes of JSON what a verb takes, `read` of the text of an address what a query compares with.
    """

    schema: Mapping[str, Any]
    wrong: Any
    takes: tuple[type, ...]
    dump: Callable[[Any], Any] = lambda value: value
    load: Callable[[Any, str], Any] = lambda value, _name: value
    read: Callable[[str, str], Any] = clean_line
    has_range: bool = False


def read_whole(text: str, name: str) -> int:
    """A whole number out of an address."""
    plain = text.strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) > 18:
        raise Refused(_("This is not a whole number: “%(value)s”.", value=text[:40]), name)
    return int(plain)


def read_flag(text: str, name: str) -> bool:
    """true or false out of an address."""
    if text not in {"true", "false"}:
        raise Refused(_("Write true or false."), name)
    return text == "true"


def read_moment(text: str, name: str) -> dt.datetime:
    """A moment as ISO 8601; without an offset it is of the zone of whoever asks."""
    moment = _moment(text.strip(), name)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Refused(_("The year must be between 2000 and 2100."), name)
    zone = ZoneInfo(current_actor().zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(dt.UTC)


def _moment(text: str, name: str) -> dt.datetime:
    # A plus that was not escaped arrives in an address as a blank.
    for spelled in (text, "+".join(text.rsplit(" ", 1))):
        try:
            return dt.datetime.fromisoformat(spelled)
        except ValueError:
            continue
    raise Refused(_("This is not a time. Write it as 2026-12-31T11:30:00+03:00."), name)


def load_id(value: int, name: str) -> int:
    """A key of a row, within what the database can hold."""
    if not 1 <= value <= LARGEST_ID:
        raise Refused(_("There is no such record, or you may not see it."), name)
    return value


def load_texts(value: list[Any], name: str) -> list[str]:
    """A short list of texts."""
    if len(value) > TEXTS_LIMIT or not all(isinstance(one, str) for one in value):
        raise Refused(_("Send a list of at most %(limit)s texts.", limit=TEXTS_LIMIT), name)
    return value


def _iso(value: Any) -> str | None:
    return value.isoformat() if value is not None else None


def _plain_money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


_TEXT = _l("Send a text.")
_WHOLE = _l("Send a whole number.")

KINDS: dict[str, Kind] = {
    "text": Kind({"type": "string"}, _TEXT, (str,)),
    "whole": Kind({"type": "integer"}, _WHOLE, (int,), read=read_whole, has_range=True),
    "id": Kind({"type": "integer", "format": "int64"}, _WHOLE, (int,), load=load_id, read=read_whole),
    "flag": Kind({"type": "boolean"}, _l("Send true or false."), (bool,), read=read_flag),
    "money": Kind(
        {"type": "string", "format": "decimal", "example": "184500.00"},
        _l('Send a sum, for example "2500.50".'),
        (str, int, float), _plain_money, lambda value, _name: str(value), clean_money, has_range=True,
    ),
    "date": Kind({"type": "string", "format": "date"}, _TEXT, (str,), _iso, read=clean_date, has_range=True),
    "moment": Kind(
        {"type": "string", "format": "date-time"}, _TEXT, (str,), _iso, read_moment, read_moment,
        has_range=True,
    ),
    "texts": Kind(
        {"type": "array", "maxItems": TEXTS_LIMIT, "items": {"type": "string"}}, _l("Send a list of texts."),
        (list,), load=load_texts,
    ),
    "object": Kind({"type": "object"}, _l("Send an object."), (dict,)),
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One value of a resource.

    `value` tells it of a row (the attribute of the same name, if nothing is said); `by` is the column of the
    database that the list filters by, and with `sort` is ordered by; `ask` makes a condition that is no
    comparison. `taken` names the bodies that may carry it: new, change. `hidden` is what Actor.sees asks for.
    """

    name: str
    kind: str
    words: Any
    value: Callable[[Any], Any] | None = None
    by: Any = None
    ask: Callable[[Any], Any] | None = None
    sort: bool = False
    taken: frozenset[str] = frozenset()
    hidden: str = ""

    @property
    def of(self) -> Kind:
        """Its kind."""
        return KINDS[self.kind]

    def is_seen(self, actor: Actor) -> bool:
        """Whether whoever asks may know of it."""
        return not self.hidden or actor.sees(self.hidden)

    def dump(self, row: Any) -> Any:
        """The value of a row, as JSON has it."""
        return self.of.dump(self.value(row) if self.value else getattr(row, self.name))

    def load(self, value: Any) -> Any:
        """What JSON brought, as a verb takes it; nothing means empty. Raises Refused."""
        if value is None:
            return None
        if not isinstance(value, self.of.takes) or (isinstance(value, bool) and bool not in self.of.takes):
            raise Refused(str(self.of.wrong), self.name)
        return self.of.load(value, self.name)

    def schema(self) -> dict[str, Any]:
        """Its part of an OpenAPI schema."""
        return {**self.of.schema, "nullable": True, "description": str(self.words)}


NEW = frozenset({"new"})
BOTH = frozenset({"new", "change"})


def owner_of(model: Any) -> tuple[Column, Column]:
    """Who is responsible: the key and the name."""
    return (
        Column("owner", "id", _l("Who is responsible"), lambda row: row.owner_id, by=model.owner_id),
        Column("owner_name", "text", _l("Their name"), lambda row: row.owner and row.owner.name),
    )


def stamps_of(model: Any) -> tuple[Column, Column, Column]:
    """When a row was made and changed, and its version."""
    return (
        Column("created_at", "moment", _l("When it was made"), by=model.created_at),
        Column("changed_at", "moment", _l("When it was last changed"), by=model.changed_at),
        Column(
            "version",
            "whole",
            _l("Grows with every change; sent back, it keeps others' changes from being lost"),
        ),
    )
