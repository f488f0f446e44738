"""What a person most likely does next when a task is done: out of the plans of stages, then by its kind."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.services.tasks import whoever
from app.services.tasks.plan import term, wanted
from models.deals import Deal
from models.ground.actor import current_actor
from models.lowcode.funnels import Playbook, StageKind
from models.tasks import Task, TaskKind

MOST = 3
HOUR, DAY = 60, 9 * 60

# What usually follows when the plans have nothing left: the words, the kind, working minutes until then.
FOLLOWS = {
    TaskKind.CALL: (_l("Write down what was agreed and send it"), TaskKind.MESSAGE, 2 * HOUR),
    TaskKind.MESSAGE: (_l("Call and ask whether it is clear"), TaskKind.CALL, DAY),
    TaskKind.MEASURE: (_l("Work out the estimate"), TaskKind.ESTIMATE, DAY),
    TaskKind.ESTIMATE: (_l("Send the quote"), TaskKind.DOCUMENT, 4 * HOUR),
    TaskKind.DOCUMENT: (_l("Find out what the client has decided"), TaskKind.CALL, 2 * DAY),
    TaskKind.PAYMENT: (_l("Tell the client that the payment has come"), TaskKind.CALL, DAY),
    TaskKind.PRODUCTION: (_l("Agree the day of delivery"), TaskKind.DELIVERY, DAY),
    TaskKind.DELIVERY: (_l("Receive the rest of the payment"), TaskKind.PAYMENT, DAY),
    TaskKind.OTHER: (_l("Call the client"), TaskKind.CALL, DAY),
}
AGAIN = (_l("Call again"), TaskKind.CALL, 3 * HOUR)


@dataclass(frozen=True)
class Suggestion:
    """A likely next task: one tap fills the form with it."""

    title: str
    kind: str
    due_at: dt.datetime
    assignee_id: int | None = None


def suggestions(task: Task) -> list[Suggestion]:
    """The likely next steps of a task's deal or lead, the likeliest first; none without a place."""
    place = task.place
    if place is None or (isinstance(place, Deal) and place.closed_at is not None):
        return []
    found = [_of_plan(step, place) for step in _steps_ahead(place)] if isinstance(place, Deal) else []
    by_kind = [FOLLOWS[TaskKind(task.kind)], *([AGAIN] if task.kind == TaskKind.CALL else [])]
    found += [Suggestion(str(words), kind, term(minutes, True), task.assignee_id) for words, kind, minutes in by_kind]
    return list({one.title: one for one in found}.values())[:MOST]


def _steps_ahead(deal: Deal) -> list[Playbook]:
    """What this stage's plan still lacks, then how the next stage begins."""
    ahead = [stage for stage in deal.funnel.stages if stage.position > deal.stage.position]
    following = next((stage for stage in ahead if stage.kind == StageKind.OPEN), None)
    begins = [step for step in following.playbook if step.active][:1] if following else []
    return [*wanted(deal, deal.stage), *begins]


def _of_plan(step: Playbook, deal: Deal) -> Suggestion:
    who = whoever(step.role) if step.role else deal.owner_id
    return Suggestion(step.label(current_actor().language), step.kind, term(step.minutes, step.working_hours), who)
