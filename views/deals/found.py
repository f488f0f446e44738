"""What several pages of deals ask for: the deal of an address, its stage, the marks of tasks."""

from __future__ import annotations

from typing import Any

from flask import abort
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from models.deals import Deal
from models.ground.actor import Scope, current_actor
from models.ground.base import db
from models.ground.prepared import keep_plans
from models.lowcode import choices
from models.lowcode.funnels import Funnel, Stage
from models.staff import Person
from models.tasks import TaskKind
from views.crud.refs import people

BIGGEST = 2**31 - 1
MOST_PEOPLE = 200

TASK_ICONS = {
    TaskKind.CALL: "phone",
    TaskKind.MESSAGE: "message",
    TaskKind.MEASURE: "ruler-measure",
    TaskKind.ESTIMATE: "calculator",
    TaskKind.DOCUMENT: "file-text",
    TaskKind.PAYMENT: "cash",
    TaskKind.PRODUCTION: "hammer",
    TaskKind.DELIVERY: "truck",
    TaskKind.OTHER: "circle-check",
}


def deal_or_404(number: int) -> Deal:
    """The deal with this number, with its funnel, if the actor reaches it."""
    if number > BIGGEST:
        abort(404)
    keep_plans()
    stages = joinedload(Deal.funnel).selectinload(Funnel.stages).joinedload(Stage.gates)
    wanted = select(Deal).where(Deal.number == number).options(stages, joinedload(Deal.owner))
    deal = db.session.execute(wanted).unique().scalar_one_or_none()
    if deal is None:
        abort(404)
    return deal


def stage_or_404(deal: Deal, code: str, funnel: str = "") -> Stage:
    """The stage with this code: of the deal's funnel, or of another one in use."""
    stages = deal.funnel.stages if funnel in {"", deal.funnel.code} else _stages_of(funnel)
    found = next((stage for stage in stages if stage.code == code), None)
    if found is None:
        abort(404)
    return found


def _stages_of(code: str) -> list[Stage]:
    loaded = selectinload(Funnel.stages).joinedload(Stage.gates)
    wanted = select(Funnel).where(Funnel.code == code, Funnel.active.is_(True)).options(loaded)
    funnel = db.session.execute(wanted).scalar_one_or_none()
    return funnel.stages if funnel else []


def colleagues() -> list[Person]:
    """Whose deals the actor reaches: for whom a board may be asked, to whom a deal may be given."""
    actor = current_actor()
    wanted = select(Person).where(Person.active.is_(True)).order_by(Person.first_name, Person.last_name)
    scope = actor.reads("deal")
    if scope is not Scope.ALL:
        wanted = wanted.where(Person.id.in_(actor.team_ids if scope is Scope.TEAM else actor.own_ids))
    return list(db.session.execute(wanted.limit(MOST_PEOPLE)).scalars())


def colleagues_by_name(text: str) -> Any:
    """Colleagues whose either name begins so; after a blank, whose second one does too."""
    rows = select(Person).where(Person.active.is_(True))
    first, blank, last = text.partition(" ")
    if first:
        rows = people(rows, first)
    return rows.where(func.lower(Person.last_name).startswith(last.lower(), autoescape=True)) if blank else rows


def common() -> dict[str, Any]:
    """What every template of deals and tasks may ask for."""
    actor = current_actor()
    said = actor.language
    return {
        "sees": actor.sees,
        "me": actor.person_id,
        "task_icons": TASK_ICONS,
        "lang": said,
        "choice_label": lambda name, code: choices.label(name, code, said),
    }
