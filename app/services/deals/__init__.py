"""Verbs of a deal: start, move, change, assign, transfer to another funnel, lose, reopen."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n
from sqlalchemy import select

from app.lowcode.gates import Obstacle, gates_on_the_way, obstacles
from app.services import tasks
from app.services.deals.facts import gather
from app.services.deals.notes import note
from app.services.deals.steps import enter, gates_to, last_stage, leave, standing
from app.services.deals.values import cleaned
from app.services.versions import check_version, locked
from models.clients import Client
from models.deals import Deal
from models.estimates import Estimate, EstimateState
from models.ground.actor import current_actor
from models.ground.base import db, utcnow
from models.ground.history import record
from models.ground.numbers import next_number
from models.ground.refused import NotFound, Refused
from models.lowcode.fields import FIELDS
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.staff import Person

FIRST_NUMBER = 1001
__all__ = [
    "assign", "change", "follow_estimate", "lose", "missing_for", "move", "name_of", "note", "reopen", "standing",
    "start", "transfer", "ways",
]  # fmt: skip


def start(
    client: Client | None,
    values: Mapping[str, Any] | None = None,
    *,
    owner: Person | None = None,
    funnel: Funnel | None = None,
) -> Deal:
    """A new deal on the first stage of a funnel (the first one in use), with the tasks of its playbook.

    `values` are by field code (models/lowcode/fields.py). The owner is the actor, if nobody is named.
    """
    funnel = funnel or _first_funnel()
    if not funnel.active:
        raise Refused(_("This funnel is no longer in use. Choose another one."), "funnel")
    if owner is not None and not owner.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=owner.name), "owner")
    typed = cleaned({"client": client.id if client else None} | dict(values or {}))
    deal = Deal(
        number=next_number(db.session(), "deal", first=FIRST_NUMBER),
        funnel=funnel,
        stage=funnel.stages[0],
        stage_since=utcnow(),
        owner_id=owner.id if owner else current_actor().person_id,
        **typed,
    )
    db.session.add(deal)
    db.session.flush()
    record("deal.started", deal, stage=deal.stage.code)
    enter(deal, deal.stage)
    return deal


def move(deal: Deal, stage: Stage, values: Mapping[str, Any] | None = None, version: int | None = None) -> Deal:
    """Put a deal on a stage of its funnel; `values` fill in what the gates ask for, in the same transaction.

    Raises Refused with the obstacles as details, Stale when somebody moved or changed the deal meanwhile.
    """
    deal = locked(deal)
    check_version(deal, version, {"stage_id": stage.id})
    if stage.funnel_id != deal.funnel_id:
        raise Refused(_("This stage is of another funnel. Choose one of the deal's own funnel."), "stage")
    if stage.id == deal.stage_id:
        raise Refused(_("The deal is already on the stage “%(stage)s”.", stage=name_of(stage)), "stage")
    _set(deal, _typed(deal, values or {}))
    missing = obstacles(gather(deal), gates_to(deal, stage))
    if missing:
        raise Refused(_sentence(stage, missing), missing[0].field, missing)
    leave(deal, stage)
    return deal


def missing_for(deal: Deal, stage: Stage) -> list[Obstacle]:
    """What a move would be refused for, without moving."""
    return obstacles(gather(deal), gates_to(deal, stage))


def ways(deal: Deal) -> dict[str, list[Obstacle]]:
    """What a move to each other stage would be refused for, by the stage's code; the facts are gathered once."""
    facts, here = gather(deal), standing(deal)
    others = [stage for stage in deal.funnel.stages if stage.id != deal.stage_id]
    return {stage.code: obstacles(facts, gates_on_the_way(deal.funnel.stages, here, stage)) for stage in others}


def change(deal: Deal, values: Mapping[str, Any], version: int | None = None) -> Deal:
    """Save fields by code. Raises Refused for a bad value, Stale when somebody saved meanwhile."""
    deal = locked(deal)
    typed = _typed(deal, values)
    check_version(deal, version, typed)
    _set(deal, typed)
    db.session.flush()
    return deal


def assign(deal: Deal, person: Person, version: int | None = None, staying: Collection[int] = ()) -> Deal:
    """Give the deal to somebody else; its open tasks that were the old owner's go with it, but for those `staying`."""
    deal = locked(deal)
    check_version(deal, version, {"owner_id": person.id})
    if not person.active:
        raise Refused(_("%(name)s no longer works here. Choose somebody else.", name=person.name), "owner")
    if deal.owner_id == person.id:
        return deal
    record("deal.assigned", deal, was=deal.owner_id, now=person.id)
    tasks.hand_over(deal, deal.owner_id, person, staying)
    deal.owner_id = person.id
    db.session.flush()
    return deal


def transfer(deal: Deal, stage: Stage, values: Mapping[str, Any] | None = None, version: int | None = None) -> Deal:
    """Put a deal on a stage of another funnel. It keeps its history; every gate up to that stage holds."""
    deal = locked(deal)
    check_version(deal, version, {"stage_id": stage.id})
    if stage.funnel_id == deal.funnel_id:
        raise Refused(_("The deal is in this funnel already. Choose another one."), "funnel")
    if not stage.funnel.active:
        raise Refused(_("This funnel is no longer in use. Choose another one."), "funnel")
    _set(deal, _typed(deal, values or {}))
    missing = obstacles(gather(deal), gates_to(deal, stage))
    if missing:
        raise Refused(_sentence(stage, missing), missing[0].field, missing)
    names = [[deal.funnel.names, deal.stage.names], [stage.funnel.names, stage.names]]
    deal.funnel = stage.funnel
    leave(deal, stage, names=names)
    return deal


def lose(deal: Deal, reason: str, version: int | None = None) -> Deal:
    """Close a deal that will not be; the reason is one of the company's list."""
    lost = next((stage for stage in deal.funnel.stages if stage.kind == StageKind.LOST), None)
    if lost is None:
        raise Refused(_("This funnel has no stage for lost deals."), "stage")
    return move(deal, lost, {"lost_reason": reason}, version)


def reopen(deal: Deal, version: int | None = None) -> Deal:
    """Undo of won and lost: back to the open stage the deal stood on before."""
    if deal.closed_at is None:
        raise Refused(_("The deal is open already."))
    return move(deal, last_stage(deal, Stage.kind == StageKind.OPEN), version=version)


def follow_estimate(deal: Deal) -> None:
    """The amount of a deal is the total of its agreed estimate, or of the last version if none is agreed."""
    total = _estimated(deal)
    if total is not None:
        deal.amount = total
        db.session.flush()


def check_free(deal: Deal, code: str) -> None:
    """Raises Refused for a field that is not typed: the amount, where there is an estimate."""
    if code == "amount" and _estimated(deal) is not None:
        raise Refused(_("The amount is that of the estimate. Change it there."), code)


def _estimated(deal: Deal) -> Decimal | None:
    versions = select(Estimate.total).where(Estimate.deal_id == deal.id)
    agreed_first = (Estimate.state == EstimateState.AGREED).desc()
    newest = versions.order_by(agreed_first, Estimate.revision.desc()).limit(1)
    return db.session.execute(newest).scalar()


def name_of(stage: Stage) -> str:
    """The stage's name in the language of whoever acts."""
    return stage.label(current_actor().language)


def _first_funnel() -> Funnel:
    found = select(Funnel).where(Funnel.active.is_(True)).order_by(Funnel.position, Funnel.id).limit(1)
    funnel = db.session.execute(found).scalar_one_or_none()
    if funnel is None:
        raise Refused(_("There is no funnel yet. Ask the administrator to make one."))
    return funnel


def _typed(deal: Deal, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, by column. A hidden field is not there; the amount is the estimate's if there is one."""
    hidden = [FIELDS[code].hidden for code in values if code in FIELDS and FIELDS[code].hidden]
    if not all(current_actor().sees(name) for name in hidden):
        raise NotFound("")
    typed = cleaned(values, deal)
    if typed.get("amount", deal.amount) != deal.amount:
        check_free(deal, "amount")
    if deal.stage.kind == StageKind.LOST and typed.get("lost_reason", deal.lost_reason) == "":
        raise Refused(_("A lost deal keeps its reason. Choose another one, or open the deal again."), "lost_reason")
    return typed


def _set(deal: Deal, typed: Mapping[str, Any]) -> None:
    for column, value in typed.items():
        setattr(deal, column, value)


def _sentence(stage: Stage, missing: list[Obstacle]) -> str:
    """Why the move is refused, in one sentence and all of its reasons."""
    count = len(missing)
    head = _n(
        "To move the deal to “%(stage)s”, one thing is missing.",
        "To move the deal to “%(stage)s”, %(num)s things are missing.",
        count,
        stage=name_of(stage),
    )
    return " ".join([head, *(obstacle.words for obstacle in missing)])
