"""When the demo company works, and who is away: a vacation behind, one ahead."""

from __future__ import annotations

import datetime as dt

from app.demo.company.clock import Clock
from app.demo.company.people import Staff, acting
from app.services.worktime import setting
from app.settings import put
from models.ground.base import clock_at
from models.worktime import AbsenceKind

# A demo is looked at at whatever hour, and its timers run then.
ROUND_THE_CLOCK = dict.fromkeys(range(7), "0:00–24:00")
AWAY = (
    ("anna", -120, 13, AbsenceKind.VACATION, "oleg", ""),
    ("pavel", -40, 2, AbsenceKind.ILLNESS, "", ""),
    ("oleg", 24, 13, AbsenceKind.VACATION, "marina", "Билеты куплены"),
)


def open_doors(staff: Staff, clock: Clock) -> None:
    """Hours, the patience with unanswered leads, absences."""
    setting.set_hours("Europe/Moscow", ROUND_THE_CLOCK)
    put("escalate_minutes", 24 * 60)
    for username, days, longer, kind, deputy, words in AWAY:
        begins = clock.today + dt.timedelta(days=days)
        said = {"begins": f"{begins:%d.%m.%Y}", "ends": f"{begins + dt.timedelta(days=longer):%d.%m.%Y}", "kind": kind}
        said |= {"person": staff[username].id, "deputy": staff[deputy].id if deputy else "", "words": words}
        with clock_at(clock.was(min(days - 20, -1), "10:00")), acting(staff[username]):
            setting.go_away(said)
