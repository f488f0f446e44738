"""Which passwords are taken: long ones that nobody guesses from a list, from the keyboard or from the person."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask_babel import gettext as _

from models.ground.refused import Refused
from models.staff import Person

SHORTEST, LONGEST = 12, 200
COMMON = Path(__file__).parent.parent / "passwords.txt"
HOUSE_WORDS = ("voronka", "воронка", "crm")
EDGE = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@cache
def common() -> frozenset[str]:
    """Passwords and words that people choose again and again, in small letters."""
    return frozenset(COMMON.read_text("utf-8").split("\n"))


def check(password: str, person: Person | None = None, field: str = "password", words: Iterable[str] = ()) -> None:
    """Refuse a password that is short, common, or made of the person's or the company's own names."""
    if len(password) < SHORTEST:
        raise Refused(_("At least %(n)s characters. Several words are easy to remember.", n=SHORTEST), field)
    if len(password) > LONGEST:
        raise Refused(_("At most %(n)s characters.", n=LONGEST), field)
    plain = password.lower()
    if any(part in common() for part in (plain, EDGE.sub("", plain))) or _is_monotonous(plain):
        raise Refused(_("This password is one of the first that are tried. Think of another one."), field)
    if len(_without(plain, [*HOUSE_WORDS, *words, *_names(person)])) < SHORTEST - 4:
        raise Refused(_("This password is made of names that everybody knows here. Think of another one."), field)


def _is_monotonous(plain: str) -> bool:
    """Few different characters, or one piece repeated."""
    if len(set(plain)) < 5:
        return True
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, len(plain) // 2 + 1))


def _names(person: Person | None) -> list[str]:
    if person is None:
        return []
    address, _at, domain = (person.email or "").partition("@")
    return [person.username or "", person.first_name or "", person.last_name or "", address, *domain.split(".")]


def _without(plain: str, words: Iterable[str]) -> str:
    """What is left of a password when known words are taken out."""
    for word in sorted((w.lower() for w in words if w and len(w) >= 3), key=len, reverse=True):
        plain = plain.replace(word, "")
    return plain
