"""What an administrator sets on screens: a name, a default and a sentence each, kept in the database."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from models.ground.base import db
from models.ground.limits import clean_line
from models.ground.refused import Refused
from models.settings import Setting


@dataclass(frozen=True)
class Meaning:
    """What a setting may be: a whole number between two bounds, one line of text, or yes and no."""

    default: int | str | bool
    sentence: Any
    lowest: int = 0
    highest: int = 0

    def checked(self, value: object, key: str) -> int | str | bool:
        """The value as it is kept. Raises Refused."""
        if isinstance(self.default, bool):
            return value in (True, "1", "y", "on", "true")
        if isinstance(self.default, str):
            return clean_line(value, key)
        try:
            number = int(str(value).strip())
        except ValueError:
            raise Refused(_("Write a whole number."), key) from None
        if not self.lowest <= number <= self.highest:
            words = _("Write a number from %(low)s to %(high)s.", low=self.lowest, high=self.highest)
            raise Refused(words, key)
        return number


SETTINGS: dict[str, Meaning] = {
    "response_minutes": Meaning(15, _l("Minutes within which a lead must be answered."), 1, 10_080),
    "escalate_minutes": Meaning(
        15,
        _l("Minutes after the response target when an unanswered lead goes to the next person; 0: never."),
        0,
        10_080,
    ),
    "lead_limit": Meaning(0, _l("Live leads at which a person gets no more in the round; 0: no limit."), 0, 10_000),
    "duplicate_days": Meaning(14, _l("Days within which a second request is taken as a duplicate."), 1, 365),
    "visit_minutes": Meaning(60, _l("Minutes that a visit to a client usually lasts."), 10, 720),
    "travel_minutes": Meaning(30, _l("Minutes that are kept free for the way between two visits."), 0, 240),
    "demo": Meaning(False, _l("This base holds the demo company.")),
}


def setting(key: str) -> Any:
    """The value an administrator gave, or the default."""
    row = db.session.get(Setting, key)
    return SETTINGS[key].default if row is None else row.value


def put(key: str, value: object) -> None:
    """Keep a value. Refuses one that cannot be used."""
    checked = SETTINGS[key].checked(value, key)
    row = db.session.get(Setting, key)
    if row is None:
        db.session.add(Setting(key=key, value=checked))
    else:
        row.value = checked
    db.session.flush()
