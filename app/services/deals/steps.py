"""How a deal leaves one stage and enters another: visits, events and tasks, the same for every verb that moves it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.lowcode.conditions import unmet
from app.lowcode.facts import Facts
from app.lowcode.gates import AnyGate, gates_on_the_way
from app.services import tasks
from app.services import visits as calls
from models.deals import Deal
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import StageVisit, record
from models.lowcode.funnels import Stage, StageKind
from models.lowcode.rules import Rule
from models.tasks import Task


@dataclass(frozen=True)
class Outside:
    """Where a deal comes from that enters a funnel: every gate up to its stage is on the way."""

    id: int = 0
    kind: str = StageKind.OPEN
    position: int = -1
    gates: tuple[Any, ...] = ()


def standing(deal: Deal) -> Stage:
    """The stage a move is counted from: for a lost deal the one it was lost from, so that a detour through
    Lost does not walk around a gate."""
    if deal.stage.kind != StageKind.LOST:
        return deal.stage
    return last_stage(deal, Stage.kind != StageKind.LOST)


def last_stage(deal: Deal, *wanted: Any) -> Stage:
    """The stage of this kind, in its present funnel, on which the deal stood last; the first one if on none."""
    visits = (
        select(Stage)
        .join(StageVisit, StageVisit.stage_id == Stage.id)
        .where(StageVisit.deal_id == deal.id, Stage.funnel_id == deal.funnel_id, *wanted)
        .order_by(StageVisit.entered_at.desc(), StageVisit.id.desc())
        .limit(1)
    )
    return db.session.execute(visits).scalar_one_or_none() or deal.funnel.stages[0]


def gates_to(deal: Deal, stage: Stage) -> list[AnyGate]:
    """The gates between a deal and a stage; in another funnel all of them up to that stage."""
    if stage.funnel_id != deal.funnel_id:
        return gates_on_the_way(stage.funnel.stages, Outside(), stage)
    return gates_on_the_way(deal.funnel.stages, standing(deal), stage)


def woken(deal: Deal, stage: Stage, facts: Facts) -> list[Rule]:
    """The rules that a move to a stage would wake and whose conditions hold, in their order."""
    events = {"deal.moved", f"deal.{stage.kind}"}
    rows = select(Rule).where(Rule.event.in_(events), Rule.active.is_(True)).order_by(Rule.position, Rule.id)
    known = {
        **facts.fields,
        "stage": stage.code,
        "came_from": deal.stage.code,
        "funnel": stage.funnel.code,
        "owner": deal.owner_id,
    }
    return [rule for rule in db.session.execute(rows).scalars() if unmet(rule.conditions, known) is None]


@dataclass(frozen=True)
class SetOff:
    """What a move does besides moving: tasks that it gives and ticks off, rules that it wakes."""

    given: list[tasks.Coming]
    closed: list[Task]
    rules: list[Rule]


def set_off(deal: Deal, stage: Stage, facts: Facts) -> SetOff:
    """What a move to a stage would set off at this moment, without moving."""
    return SetOff(tasks.coming(deal, stage), tasks.going(deal, stage), woken(deal, stage, facts))


def leave(deal: Deal, stage: Stage, **data: Any) -> None:
    """Off to another stage: the stay ends, the event is told, what was said about a loss goes with a lost deal.

    Whoever moves a deal works on it: a deal on hold is no longer.
    """
    left, now = deal.stage, utcnow()
    current = select(StageVisit).where(StageVisit.deal_id == deal.id, StageVisit.left_at.is_(None))
    for visit in db.session.execute(current).scalars():
        visit.left_at = now
    deal.stage, deal.stage_since = stage, now
    deal.closed_at = None if stage.kind == StageKind.OPEN else now
    deal.held_until, deal.held_reason, deal.held_by_id = None, "", None
    if stage.kind != StageKind.LOST:
        deal.lost_reason = deal.lost_words = deal.competitor = ""
    db.session.flush()
    record("deal.moved", deal, came_from=left.code, stage=stage.code, **data)
    _tell_the_end(deal, stage)
    said = left.label(current_actor().language)
    tasks.leave(deal, left.id, _("The deal left the stage “%(stage)s”.", stage=said))
    enter(deal, stage)


def _tell_the_end(deal: Deal, stage: Stage) -> None:
    if stage.kind == StageKind.WON:
        record("deal.won", deal)
    elif stage.kind == StageKind.LOST:
        record("deal.lost", deal, reason=deal.lost_reason, words=deal.lost_words, competitor=deal.competitor)
        # A visit before its task, as whoever ends the visit locks them.
        calls.call_off(deal, _("The deal is lost."))
        tasks.close(deal, _("The deal is lost."))


def enter(deal: Deal, stage: Stage) -> None:
    """A stay begins, with the tasks of the stage's playbook."""
    visit = StageVisit(
        deal_id=deal.id, stage_id=stage.id, entered_at=deal.stage_since, actor_id=current_actor().person_id
    )
    db.session.add(visit)
    db.session.flush()
    tasks.start_playbook(deal)
