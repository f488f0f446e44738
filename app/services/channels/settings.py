"""The settings of a channel's provider: each is checked by its kind, secrets are sealed and never come back."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _

from app.channels import CHANNELS
from app.channels.inbound import Setting, optional
from app.sealed import Unreadable, seal, unseal
from app.services import contacts
from models.channels import Channel
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused

MOST_LINES = 200
BIGGEST_NUMBER = 1_000_000
LONGEST_SECRET = 2000


def declared(kind: str) -> Sequence[Setting]:
    """The settings that the provider of a kind has."""
    provider = CHANNELS.get(kind)
    return tuple(optional(provider, "SETTINGS") or ()) if provider else ()


def given_secrets(channel: Channel) -> set[str]:
    """Which secrets are set; those that cannot be opened any more are not."""
    try:
        return {code for code, value in unseal(channel.secrets).items() if value}
    except Unreadable:
        return set()


def apply(channel: Channel, typed: Mapping[str, Any]) -> None:
    """Keep what was typed for the provider's settings. Refuses a bad value by its code.

    A secret that is left empty stays; `forget.<code>` takes it away.
    """
    lines = declared(channel.kind)
    plain = {line.code: checked(line, typed[line.code]) for line in lines if _is_given(line, typed)}
    if plain:
        channel.settings = {**channel.settings, **plain}
    _keep_secrets(channel, [line.code for line in lines if line.kind == "secret"], typed)


def _is_given(line: Setting, typed: Mapping[str, Any]) -> bool:
    return line.kind != "secret" and line.code in typed


def _keep_secrets(channel: Channel, codes: Sequence[str], typed: Mapping[str, Any]) -> None:
    said = {code: clean_text(typed.get(code), code, LONGEST_SECRET) for code in codes}
    fresh = {code: value for code, value in said.items() if value}
    forgotten = [code for code in codes if typed.get(f"forget.{code}")]
    if not fresh and not forgotten:
        return
    try:
        known = unseal(channel.secrets)
    except Unreadable:
        known = {}
    channel.secrets = seal({code: value for code, value in (known | fresh).items() if code not in forgotten})


def checked(line: Setting, value: Any) -> Any:
    """The value as it is kept. Raises Refused."""
    if line.kind == "flag":
        return value in (True, "y", "1", "on", "true")
    if line.kind == "number":
        return _number(line, value)
    if line.kind == "choice":
        if str(value) not in {code for code, _label in line.choices}:
            raise Refused(_("Choose one from the list."), line.code)
        return str(value)
    if line.kind == "lines":
        return _lines(line, value)
    if line.kind == "zone" and str(value) not in available_timezones():
        raise Refused(_("There is no such time zone. Choose one from the list."), line.code)
    return _email(line, value) if line.kind == "email" else clean_line(value, line.code, 1000)


def _email(line: Setting, value: Any) -> str:
    typed = clean_line(value, line.code, 250)
    if typed and not contacts.email(typed):
        raise Refused(_("This is not an e-mail. Write it as name@example.ru."), line.code)
    return typed


def _number(line: Setting, value: Any) -> int | None:
    text = str(value).strip()
    if not text:
        return line.default
    if not text.isascii() or not text.isdigit() or len(text) > 20 or int(text) > BIGGEST_NUMBER:
        raise Refused(_("Write a whole number."), line.code)
    return int(text)


def _lines(line: Setting, value: Any) -> list[str]:
    rows = value if isinstance(value, list) else clean_text(value, line.code).splitlines()
    found = list(dict.fromkeys(row for row in (clean_line(row, line.code, 250) for row in rows) if row))
    if len(found) > MOST_LINES:
        raise Refused(_("Too many lines: at most %(limit)s.", limit=MOST_LINES), line.code)
    return found
