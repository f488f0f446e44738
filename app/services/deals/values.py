"""What was typed into fields of a deal becomes what its columns hold, or a refusal that names the field."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from models.clients import Client
from models.deals import Deal
from models.ground.base import db
from models.ground.limits import clean_date, clean_line, clean_money, clean_text
from models.ground.refused import Refused
from models.lowcode.choices import choices, find
from models.lowcode.fields import FIELDS, Field


def cleaned(values: Mapping[str, Any], deal: Deal | None = None) -> dict[str, Any]:
    """Values by column. With a deal, what it holds already is accepted though a list has lost the word since.

    Raises Refused for an unknown field or a bad value.
    """
    found = {}
    for code, value in values.items():
        field = FIELDS.get(code)
        if field is None:
            raise Refused(_("A deal has no field “%(field)s”.", field=clean_line(code, limit=100)), code)
        kept = getattr(deal, field.column) if deal is not None else None
        found[field.column] = kept if deal is not None and value == kept else CLEAN[field.kind](field, value)
    return found


def _line(field: Field, value: Any) -> str:
    return clean_line(value, field.code)


def _text(field: Field, value: Any) -> str:
    return clean_text(value, field.code)


def _money(field: Field, value: Any) -> Any:
    if value is None or value == "":
        return clean_money(0) if field.code == "amount" else None
    money = clean_money(value, field.code)
    if money < 0:
        raise Refused(_("The sum cannot be below zero."), field.code)
    return money


def _date(field: Field, value: Any) -> Any:
    return None if value is None or value == "" else clean_date(value, field.code)


def _choice(field: Field, value: Any) -> str:
    """A word of the company's list; while the list is empty, any word."""
    code = clean_line(value, field.code)
    if code and choices(field.choices) and find(field.choices, code) is None:
        raise Refused(_("“%(value)s” is not in the list. Choose one of its words.", value=code), field.code)
    return code


def _code(field: Field, value: Any) -> str:
    """A short code that a channel may bring before the list knows it."""
    column: Any = getattr(Deal, field.column)
    return clean_line(value, field.code, column.type.length)


def _client(field: Field, value: Any) -> int | None:
    """The id of a client in reach."""
    if value is None or value == "":
        return None
    text = str(value)
    client = db.session.get(Client, int(text)) if text.isdecimal() and len(text) < 19 else None
    if client is None:
        words = _("There is no such client, or you may not see it. Choose one from the list.")
        raise Refused(words, field.code)
    return int(client.id)


CLEAN: dict[str, Callable[[Field, Any], Any]] = {
    "line": _line,
    "text": _text,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "code": _code,
    "client": _client,
}
