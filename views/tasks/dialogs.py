"""The dialogs of tasks: a new one, one being changed, a finished one, one handed over."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from app.services.tasks import is_only_given
from app.services.tasks.next_steps import suggestions
from app.services.tasks.plan import script_of
from app.wording import zone
from models.deals import Deal
from models.ground.refused import Refused
from models.tasks import Task
from reports import tasks as report
from views.deals.found import common
from views.security import safe_next
from views.tasks.people import KINDS, assignees
from views.tasks.typed import REMINDERS, REPEATS, blank, moments, values_of


def task_dialog(place: Any, typed: Any, refusal: Refused | None = None, task: Task | None = None) -> str:
    """A new task, or a task with its script and checklist."""
    shown = (values_of(task) if task else blank()) | dict(typed.items())
    script = script_of(task, place if isinstance(place, Deal) else None) if task else ""
    is_given = task is not None and is_only_given(task)
    return render_template(
        "tasks/_dialog.html", task=task, refusal=refusal, script=script, is_given=is_given,
        **_form_values(place, shown), **common(),
    )  # fmt: skip


def finish_dialog(task: Task, typed: Any, refusal: Refused | None = None) -> str:
    """How it went, and what next: the likeliest step is suggested where nothing else is planned."""
    place = task.place
    is_over = isinstance(place, Deal) and place.closed_at is not None
    others = report.others_open(task)
    offers = suggestions(task)
    shown = blank() | {"assignee": str(task.assignee_id or "")}
    if not typed and offers and not others:
        shown |= _offered(offers[0])
    shown |= dict(typed.items())
    return render_template(
        "tasks/_finish.html", task=task, refusal=refusal, others=others, is_over=is_over, offers=offers,
        **_form_values(place, shown), **common(),
    )  # fmt: skip


def transfer_dialog(tasks: list[Task], typed: Any, refusal: Refused | None = None) -> str:
    """To whom, and why; for one task or for the chosen ones."""
    return render_template(
        "tasks/_transfer.html", tasks=tasks, refusal=refusal, typed=typed, people=assignees(None),
        came_from=came_from(), **common(),
    )  # fmt: skip


def _offered(offer: Any) -> dict[str, str]:
    at = offer.due_at.astimezone(zone())
    who = {"assignee": str(offer.assignee_id)} if offer.assignee_id else {}
    return {"title": offer.title, "kind": offer.kind, "due_on": f"{at:%d.%m.%Y}", "due_time": f"{at:%H:%M}"} | who


def _form_values(place: Any, typed: dict[str, Any]) -> dict[str, Any]:
    """What the dialogs draw: the typed values, the lists to choose from, moments in one tap."""
    return {
        "place": place,
        "is_deal": isinstance(place, Deal),
        "typed": typed,
        "kinds": KINDS,
        "repeats": REPEATS,
        "reminders": REMINDERS,
        "people": assignees(place),
        "moments": [(at.astimezone(zone()), words) for at, words in moments()],
        "zone": zone(),
        "came_from": came_from(),
    }


def came_from() -> str:
    """The page under the dialog: htmx says its address."""
    return safe_next(request.form.get("next") or request.headers.get("HX-Current-URL") or url_for("Tasks.list"))
