"""Setup: what is to be done on each stage: funnel → stage → plan; and how long visits last."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import settings
from app.lowcode.scripts import PLACES
from app.services import playbooks as verbs
from models.ground.base import db
from models.ground.refused import Refused
from models.lowcode.funnels import Funnel, OnLeave, Playbook, Stage
from models.staff import RoleReach
from views.base import CrmView, committing, require
from views.deals.found import common
from views.shell import say, settled
from views.tasks.people import KINDS, kind_words
from views.tasks.typed import key_of

UNITS = [
    ("minutes", _l("minutes")), ("hours", _l("hours")),
    ("work_days", _l("working days")), ("days", _l("calendar days")),
]  # fmt: skip
LEAVES = [(OnLeave.KEEP.value, _l("stays open")), (OnLeave.CLOSE.value, _l("is closed"))]
TYPED = (
    "name_ru", "name_en", "kind", "role", "due", "unit", "on_leave", "working_hours", "checklist_ru", "checklist_en",
    "script_ru", "script_en",
)  # fmt: skip
VISITS = ("visit_minutes", "travel_minutes")


class Playbooks(CrmView):
    """/playbooks/."""

    route_base = "/playbooks"
    default_view = "list"

    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """All stages of all funnels; the chosen one with its plan."""
        return self._page()

    def _page(self, refusal: Refused | None = None) -> Any:
        funnels, chosen = _chosen()
        said = {key: request.form.get(key, settings.setting(key)) for key in VISITS}
        page = self.page(
            "playbooks/list.html", funnels=funnels, chosen=chosen, said=said, meanings=settings.SETTINGS,
            refusal=refusal, **known(),
        )  # fmt: skip
        return make_response(page, 422 if refusal else 200)

    @expose("/now")
    @require("can_list")
    def now(self) -> Any:
        """The plan of the chosen stage alone."""
        stage = request.args.get("stage", "")
        return self.page("playbooks/_plan.html", chosen=_stage(stage) if stage else _chosen()[1], **known())

    @expose("/stages")
    @require("can_list")
    def stages(self) -> Any:
        """The stages alone, with how many tasks each has."""
        funnels, chosen = _chosen()
        return self.page("playbooks/_stages.html", funnels=funnels, chosen=chosen, **known())

    @expose("/<int:stage>/step", methods=["GET", "POST"])
    @require("can_edit")
    def add(self, stage: int) -> Any:
        """A new task of a stage's plan."""
        return self._step(_stage(str(stage)), None)

    @expose("/step/<int:pk>", methods=["GET", "POST"])
    @require("can_edit")
    def change(self, pk: int) -> Any:
        """A task of a plan."""
        step = _step(pk)
        return self._step(_stage(str(step.stage_id)), step)

    def _step(self, stage: Stage, step: Playbook | None) -> Any:
        if request.method == "GET":
            return _dialog(stage, step, values_of(step))
        typed = {name: request.form.get(name, "") for name in TYPED}
        try:
            with committing():
                if step is None:
                    verbs.add(stage, typed)
                else:
                    verbs.change(step, typed)
        except Refused as refusal:
            return make_response(_dialog(_stage(str(stage.id)), _step(step.id) if step else None, typed, refusal), 422)
        say(_("Saved. Tasks that are given already stay as they are."))
        return settled(url_for("Playbooks.list", stage=stage.id))

    @expose("/<int:stage>/order", methods=["POST"])
    @require("can_edit")
    def order(self, stage: int) -> Any:
        """Another order, by drag or by Alt and arrows."""
        row = _stage(str(stage))
        ids = [key_of(text) for text in request.form.get("ids", "").split(",") if text][:100]
        with committing():
            verbs.order(row, ids)
        return settled(url_for("Playbooks.list", stage=stage))

    @expose("/step/<int:pk>/switch", methods=["POST"])
    @require("can_edit")
    def switch(self, pk: int) -> Any:
        """Out of the plan, or back into it."""
        step = _step(pk)
        stage_id, was = step.stage_id, step.active
        with committing():
            verbs.switch(step, not was)
        words = _("Out of the plan.") if was else _("Back in the plan.")
        say(words, undo=url_for("Playbooks.switch", pk=pk))
        return settled(url_for("Playbooks.list", stage=stage_id))

    @expose("/visits", methods=["POST"])
    @require("can_edit")
    def visits(self) -> Any:
        """How long a visit usually lasts, and how much time is kept for the way."""
        try:
            with committing():
                for key in VISITS:
                    settings.put(key, request.form.get(key, ""))
        except Refused as refusal:
            return self._page(refusal)
        say(_("Saved."))
        return settled(url_for("Playbooks.list"))


def _chosen() -> tuple[list[Funnel], Stage | None]:
    """The funnels in use, and the stage of the address, or the first one."""
    rows = select(Funnel).where(Funnel.active.is_(True)).order_by(Funnel.position, Funnel.id)
    loaded = rows.options(selectinload(Funnel.stages).selectinload(Stage.playbook))
    funnels = [*db.session.execute(loaded).scalars()]
    stages = [stage for funnel in funnels for stage in funnel.stages if stage.kind == "open"]
    wanted = request.args.get("stage", "")
    return funnels, next((stage for stage in stages if str(stage.id) == wanted), stages[0] if stages else None)


def _stage(text: str) -> Stage:
    wanted = select(Stage).where(Stage.id == key_of(text or "0")).options(selectinload(Stage.playbook))
    found = db.session.execute(wanted).scalar_one_or_none() if len(text) < 10 else None
    return found if found is not None else abort(404)


def _step(pk: int) -> Playbook:
    found = db.session.get(Playbook, pk) if pk < 2**31 else None
    return found if found is not None else abort(404)


def values_of(step: Playbook | None) -> dict[str, Any]:
    """What the boxes of a step show."""
    if step is None:
        return {"due": "1", "unit": "work_days", "kind": "call", "on_leave": "keep", "working_hours": "1"}
    shown: dict[str, Any] = {"kind": step.kind, "role": step.role or "", "on_leave": step.on_leave}
    for code in verbs.LANGUAGES:
        shown[f"name_{code}"] = step.names.get(code, "")
        shown[f"script_{code}"] = step.script.get(code, "")
        shown[f"checklist_{code}"] = "\n".join(str(point.get(code, "")) for point in step.checklist)
    unit = due_unit(step)
    return shown | {
        "due": str(step.minutes // verbs.UNITS[unit]), "unit": unit, "working_hours": "1" if step.working_hours else "",
    }  # fmt: skip


def due_unit(step: Playbook) -> str:
    """The largest unit in which the term is a whole number."""
    large = ["work_days", "hours"] if step.working_hours else ["days", "hours"]
    return next((unit for unit in large if step.minutes and step.minutes % verbs.UNITS[unit] == 0), "minutes")


def term(step: Playbook) -> str:
    """When a step is due, in words: 4 hours of working time, 3 working days."""
    unit = due_unit(step)
    count = step.minutes // verbs.UNITS[unit]
    words = {
        "minutes": _n("%(num)s minute", "%(num)s minutes", count), "hours": _n("%(num)s hour", "%(num)s hours", count),
        "days": _n("%(num)s day", "%(num)s days", count),
        "work_days": _n("%(num)s working day", "%(num)s working days", count),
    }[unit]  # fmt: skip
    return _("%(term)s of working time", term=words) if step.working_hours and unit != "work_days" else words


def known() -> dict[str, Any]:
    """What list and dialog draw besides their rows."""
    roles = db.session.execute(select(RoleReach).order_by(RoleReach.role_id)).scalars()
    said = common()["lang"]
    names = {row.code: str(row.names.get(said) or row.code) for row in roles}
    return {
        "kinds": KINDS, "kind_words": kind_words(), "roles": names, "units": UNITS, "leaves": LEAVES, "places": PLACES,
        "term": term, **common(),
    }  # fmt: skip


def _dialog(stage: Stage, step: Playbook | None, typed: dict[str, Any], refusal: Refused | None = None) -> str:
    values = {"stage": stage, "step": step, "typed": typed, "refusal": refusal}
    return render_template("playbooks/_step.html", **values, **known())
