"""Verbs of the plan of a stage: add, change, order, remove its steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from sqlalchemy import select

from app.lowcode.scripts import PLACES, unknown_places
from app.services.tasks.values import whole
from models.ground.base import db
from models.ground.history import record
from models.ground.limits import clean_line, clean_text
from models.ground.refused import NotFound, Refused
from models.lowcode.funnels import OnLeave, Playbook, Stage
from models.staff import RoleReach
from models.tasks import TaskKind

LANGUAGES = ("ru", "en")
MOST_STEPS, MOST_POINTS = 30, 30
UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60, "work_days": 9 * 60}
LONGEST = 366 * 24 * 60


def add(stage: Stage, values: Mapping[str, Any]) -> Playbook:
    """A step at the end of a stage's plan: names by language, kind, due, unit, role, on_leave, checklist, script."""
    if len(stage.playbook) >= MOST_STEPS:
        raise Refused(_("A stage has at most %(n)s tasks in its plan.", n=MOST_STEPS))
    step = Playbook(stage_id=stage.id, position=max((one.position for one in stage.playbook), default=-1) + 1)
    _fill(step, values)
    db.session.add(step)
    db.session.flush()
    record("playbook.added", step, stage=stage.code)
    db.session.expire(stage, ["playbook"])
    return step


def change(step: Playbook, values: Mapping[str, Any]) -> Playbook:
    """Save a step; tasks that it has made already stay as they are."""
    _fill(step, values)
    db.session.flush()
    record("playbook.changed", step)
    return step


def order(stage: Stage, ids: Sequence[int]) -> None:
    """The steps of a plan in this order; what is not named stays behind. NotFound: one of another stage."""
    steps = {step.id: step for step in stage.playbook}
    if not set(ids) <= set(steps):
        raise NotFound("")
    wanted = [*dict.fromkeys(ids), *(step.id for step in stage.playbook if step.id not in set(ids))]
    for place, step_id in enumerate(wanted):
        steps[step_id].position = place
    db.session.flush()
    db.session.expire(stage, ["playbook"])


def switch(step: Playbook, is_active: bool) -> None:
    """Out of the plan, or back into it: the undo of one is the other."""
    step.active = is_active
    db.session.flush()
    record("playbook.removed" if not is_active else "playbook.restored", step)


def _fill(step: Playbook, values: Mapping[str, Any]) -> None:
    step.names = _names(values)
    step.kind = _one_of(values.get("kind") or TaskKind.OTHER, TaskKind, "kind", _("There is no such kind of task."))
    step.on_leave = _one_of(
        values.get("on_leave") or OnLeave.KEEP, OnLeave, "on_leave", _("Choose what becomes of the task.")
    )
    step.role = _role(values.get("role"))
    _put_due(step, values)
    step.checklist = _checklist(values)
    step.script = {code: _script(values.get(f"script_{code}"), f"script_{code}") for code in LANGUAGES}


def _names(values: Mapping[str, Any]) -> dict[str, str]:
    typed = {code: clean_line(values.get(f"name_{code}"), f"name_{code}") for code in LANGUAGES}
    said = next((words for words in typed.values() if words), "")
    if not said:
        raise Refused(_("Say what is to be done."), "name_ru")
    return {code: words or said for code, words in typed.items()}


def _one_of(value: Any, kinds: Any, field: str, words: str) -> str:
    if str(value) not in set(kinds):
        raise Refused(words, field)
    return str(value)


def _role(value: Any) -> str | None:
    code = str(value or "")
    if not code:
        return None
    known = select(RoleReach.code).join(Role, Role.id == RoleReach.role_id).where(RoleReach.code == code)
    if db.session.execute(known).first() is None:
        raise Refused(_("There is no such role. Choose another one."), "role")
    return code


def _put_due(step: Playbook, values: Mapping[str, Any]) -> None:
    unit = str(values.get("unit") or "hours")
    if unit not in UNITS:
        raise Refused(_("Choose minutes, hours or days."), "unit")
    minutes = whole(values.get("due") or "0", "due", 9999) * UNITS[unit]
    if minutes > LONGEST:
        raise Refused(_("A task of a plan is due within a year."), "due")
    step.due_hours, step.due_minutes = divmod(minutes, 60)
    step.working_hours = unit == "work_days" or values.get("working_hours") in (True, "1", "y", "on", "true")


def _checklist(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Line by line, the second language beside the first; a line that is missing there is said in the other one."""
    columns = {}
    for code in LANGUAGES:
        lines = str(values.get(f"checklist_{code}") or "").splitlines()
        columns[code] = [clean_line(line, f"checklist_{code}") for line in lines if line.strip()]
    longest = max(len(lines) for lines in columns.values())
    if longest > MOST_POINTS:
        raise Refused(_("A checklist has at most %(n)s points.", n=MOST_POINTS), "checklist_ru")
    points = []
    for place in range(longest):
        said = {code: lines[place] for code, lines in columns.items() if place < len(lines)}
        first = next(iter(said.values()))
        points.append({code: said.get(code, first) for code in LANGUAGES})
    return points


def _script(value: Any, field: str) -> str:
    text = clean_text(value, field)
    wrong = unknown_places(text)
    if wrong:
        known = ", ".join(f"{{{name}}}" for name in PLACES)
        words = _("“{%(name)s}” is no place that can be filled. There are: %(known)s.", name=wrong[0], known=known)
        raise Refused(words, field)
    return text
