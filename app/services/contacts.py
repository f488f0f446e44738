"""Phones, e-mails and handles as they are kept: one form each, whatever was typed."""

import re
from dataclasses import dataclass

import phonenumbers

REGION = "RU"
EMAIL = re.compile(r"[^@\s<>(),;:\\\"\[\]\x00]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}", re.UNICODE)


@dataclass(frozen=True)
class Phone:
    """A phone as it was understood: E.164, whether such a number can exist, and its extension."""

    value: str
    is_valid: bool
    extension: str | None = None


def read_phone(typed: str) -> Phone | None:
    """What the text says as a phone; None when it is none at all. Numbers without a country are Russian."""
    if "@" in typed or len(typed) > 250:
        return None
    try:
        found = phonenumbers.parse(typed, REGION)
    except phonenumbers.NumberParseException:
        return None
    value = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return Phone(value, phonenumbers.is_valid_number(found), found.extension or None)


def phone(typed: object) -> str:
    """The phone in E.164, or an empty text when nobody can be called by it."""
    found = read_phone(str(typed or ""))
    return found.value if found and found.is_valid else ""


def email(typed: object) -> str:
    """The e-mail in lower case, or an empty text when nothing can be sent there."""
    text = str(typed or "").strip().lower()
    return text if len(text) <= 250 and EMAIL.fullmatch(text) else ""


def handle(typed: object) -> str:
    """A name in a messenger, lower case and without @; empty when there is none."""
    text = str(typed or "").strip().removeprefix("@").lower()
    return text[:120] if text and not any(c.isspace() or c == "\x00" for c in text) else ""
