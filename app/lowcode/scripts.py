"""Words to say, written by an administrator: places left for plain facts, and nothing that could be run."""

import re
from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

# What may stand in braces, and what it is replaced by. No expression, no attribute, no filter: a name or nothing.
PLACE = re.compile(r"\{\s*([^{}\n]{1,60}?)\s*\}")
PLACES: dict[str, Any] = {
    "client": _l("name of the client"),
    "phone": _l("phone of the client"),
    "title": _l("what we make"),
    "address": _l("address of the site"),
    "amount": _l("amount of the deal"),
    "number": _l("number of the deal"),
    "stage": _l("stage of the deal"),
    "owner": _l("who leads the deal"),
    "me": _l("whoever reads the script"),
    "firm": _l("name of our firm"),
    "visit": _l("day and time of the visit"),
    "wanted": _l("by when the client wants it"),
}
MISSING = "…"


def read_out(text: str, fact: Callable[[str], str]) -> str:
    """The text with facts in their places; what is unknown, empty or hidden is three dots."""
    return PLACE.sub(lambda found: (fact(found[1]) if found[1] in PLACES else "") or MISSING, text)


def unknown_places(text: str) -> list[str]:
    """What stands in braces and is no place that we can fill."""
    return [name for name in PLACE.findall(text) if name not in PLACES]
