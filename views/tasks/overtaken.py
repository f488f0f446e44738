"""A dialog that somebody else has saved meanwhile: it says what is there now and saves over it at the next press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.wording import ago
from models.ground.refused import Refused, Stale

# The boxes whose words are told; of a person the name stands in `names`.
BOXES = {
    "title": _l("What is to be done"), "due_on": _l("When"), "due_time": _l("Time"), "day": _l("Day"),
    "time": _l("Time"), "assignee": _l("Who"), "minutes": _l("Lasts, minutes"), "address": _l("Address"),
    "place_note": _l("How to get in, whom to ask"), "checklist": _l("Checklist"),
}  # fmt: skip


def typed_again(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to be drawn over the newest version."""
    return {name: value for name, value in form.items() if name != "version"}


def overtaken(stale: Stale, now: Mapping[str, Any], form: Mapping[str, str], names: Mapping[str, str]) -> Refused:
    """What a row says now in the boxes where something else was typed."""
    differs = [name for name in BOXES if name in form and name in now and _line(form[name]) != _line(now[name])]
    theirs = [f"{BOXES[name]}: {names.get(name) or _line(now[name]) or '—'}" for name in differs]
    said = {"person": stale.by, "ago": ago(stale.at)}
    if not theirs:
        return Refused(_("%(person)s saved this %(ago)s ago. Press once more to save yours.", **said))
    words = _("%(person)s saved this %(ago)s ago. Now it is: %(theirs)s.", theirs="; ".join(theirs), **said)
    yours = _("Yours is in the boxes: press once more to save it, or close the dialog.")
    return Refused(f"{words} {yours}")


def _line(value: Any) -> str:
    return ", ".join(str(value or "").split("\n")).replace("\r", "").strip()
