"""Phones and the letters of an avatar."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

from app.wording.numbers import NBSP


@lru_cache(maxsize=4096)
def phone(value: str | None) -> str:
    """+7 900 000-12-34 from a normalised number; what is not a number comes back as it is."""
    if not value:
        return ""
    digits = value.removeprefix("+")
    if digits.isdigit() and len(digits) == 11 and digits[0] == "7":
        return f"+7{NBSP}{digits[1:4]}{NBSP}{digits[4:7]}-{digits[7:9]}-{digits[9:]}"
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return value
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form).replace(" ", NBSP)


def initials(name: str | None) -> str:
    """МК of Марина Ковалёва; a question mark of nobody."""
    words = [word for word in (name or "").replace("«", " ").replace("»", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"
