"""What a program sent: JSON of bounded size and depth, with the fields that the resource takes, no others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from models.ground.actor import current_actor
from models.ground.limits import clean_line
from models.ground.refused import Refused
from views.api.columns import Column, Unclear

LARGEST_BODY = 1024 * 1024


def body() -> dict[str, Any]:
    """The JSON object of the request. Raises Unclear (400), 413 or 415."""
    request.max_content_length = LARGEST_BODY
    raw = request.get_data()
    if raw and not request.is_json:
        raise UnsupportedMediaType(_("Send JSON, with the header Content-Type: application/json."))
    try:
        said = json.loads(raw.decode("utf-8"), parse_constant=_no_constant) if raw.strip() else {}
    except RecursionError:
        raise Unclear(_("This is nested too deeply to be read.")) from None
    except ValueError:
        raise Unclear(_("This is not JSON. Check the brackets, the quotes and the encoding (UTF-8).")) from None
    if not isinstance(said, dict):
        raise Unclear(_('Send a JSON object: {"field": value}.'))
    return said


def _no_constant(name: str) -> NoReturn:
    """NaN and Infinity are no JSON, whatever Python thinks."""
    raise ValueError(name)


def take(said: dict[str, Any], columns: Iterable[Column]) -> dict[str, Any]:
    """The values of the body by name, each of the right type. What is not named among the columns is refused.

    A field that whoever asks may not see answers like one that does not exist.
    """
    known = {column.name: column for column in columns if column.is_seen(current_actor())}
    for name in said:
        if name not in known:
            words = _(
                "“%(field)s” cannot be set here. These can: %(known)s.",
                field=short(name),
                known=listed(known),
            )
            raise Refused(words, short(name))
    return {name: known[name].load(value) for name, value in said.items()}


def short(name: str) -> str:
    """A name from outside, fit to be said back."""
    try:
        return clean_line(name[:60]) or "?"
    except Refused:
        return "?"


def listed(names: Iterable[str]) -> str:
    """Names in one line; a dash when there are none."""
    return ", ".join(names) or "—"


def version(said: dict[str, Any]) -> int | None:
    """The version that was seen: If-Match, or `version` of the body, which is taken out of it. None: any."""
    inside = said.pop("version", None)
    if inside is not None and (isinstance(inside, bool) or not isinstance(inside, int)):
        raise Refused(_("Send a whole number."), "version")
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return inside
    plain = header.removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise Unclear(_('If-Match must be the ETag of the record, for example "3".'), "If-Match")
    if inside is not None and inside != int(plain):
        raise Unclear(_("If-Match and version say different things. Send one of them."), "version")
    return int(plain)
