"""Conditions of a rule over plain facts: does it hold, and if not, why not, in words."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from app.wording import kept

Facts = Mapping[str, Any]


def unmet(conditions: Sequence[Mapping[str, Any]], facts: Facts) -> str | None:
    """The first condition that does not hold, as a kept sentence; None when all hold."""
    for condition in conditions:
        field = str(condition.get("field", ""))
        value = facts.get(field)
        if not all(holds(name, value, wanted) for name, wanted in condition.items() if name != "field"):
            return kept("The field “%(field)s” is %(value)s.", field=field, value=said(value))
    return None


def holds(test: str, value: Any, wanted: Any) -> bool:
    """One test: is, is_not, in, not_in, more, less, empty. An unknown test never holds."""
    found = TESTS.get(test)
    return found(value, wanted) if found else False


def said(value: Any) -> str:
    """A value as the log shows it."""
    return "—" if value is None or value == "" else str(value)[:80]


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _compare(value: Any, wanted: Any) -> int | None:
    """-1, 0 or 1 as numbers compare; None when one of them is not a number."""
    left, right = _number(value), _number(wanted)
    if left is None or right is None:
        return None
    return (left > right) - (left < right)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, wanted: str(value) == str(wanted),
    "is_not": lambda value, wanted: str(value) != str(wanted),
    "in": lambda value, wanted: str(value) in map(str, wanted),
    "not_in": lambda value, wanted: str(value) not in map(str, wanted),
    "more": lambda value, wanted: _compare(value, wanted) == 1,
    "less": lambda value, wanted: _compare(value, wanted) == -1,
    "empty": lambda value, wanted: _is_empty(value) is bool(wanted),
}
