"""What a rule can do: one function each, called with the rule's words; it says in words what it did."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.automations.people import people, seen_by
from app.automations.subject import Subject
from app.automations.words import letter_of, title_of, url_of, words_of
from app.rights import actor_of_person
from app.services import deals, notices, tasks, worktime
from app.services.leads import escalation
from app.services.tasks import reminding
from app.settings import setting
from app.wording import kept, speaking
from app.wording.reader import DEFAULT_ZONE
from models.ground.base import db, utcnow
from models.ground.refused import Refused
from models.leads import LIVE_STATES
from models.lowcode.funnels import Stage, StageKind
from models.staff import Person
from models.tasks import TaskKind

Params = Mapping[str, Any]


def notify(subject: Subject, params: Params, key: str) -> str:
    """Tell people in the bell and by mail: `to` is owner, heads, role:<code>, or a user name."""
    meant = people(subject, str(params.get("to", "owner")))
    # Whoever did it knows.
    others = [person for person in meant if person.active and person.id != subject.event.actor_id]
    if subject.owner is not None and not subject.owner.active:
        # The head stands in for whoever left, and is told of it as the head by the next action.
        others = [person for person in others if not notices.was_told(person, f"event:{subject.event.id}:")]
    told = [person.name for person in others if tell(subject, person, params, key)]
    _tell_company(subject, params)
    return kept("Told: %(names)s.", names=", ".join(told)) if told else kept("There was nobody to tell.")


def tell(subject: Subject, person: Person, params: Params, key: str) -> bool:
    """One person's notice, in their language and zone, without what their roles hide; False if that is all of it."""
    reader = actor_of_person(person)
    seen = seen_by(subject, reader)
    if seen is None:
        return False
    with speaking(person.language, person.zone):
        template, values = letter_of(seen, reader)
        notices.notify(
            person,
            f"{key}:{person.id}",
            seen.event.name,
            title_of(seen, params.get("names") or {}, person.language),
            words=words_of(seen),
            url=url_of(seen),
            ways=[str(way) for way in params.get("ways", notices.WAYS)],
            template=template,
            values=values,
            take=_takeable(seen),
        )
    return True


def _takeable(subject: Subject) -> int | None:
    """The lead that whoever is told may take by one touch."""
    lead = subject.lead
    is_waiting = lead is not None and lead.answered_at is None and lead.state in LIVE_STATES
    return lead.id if is_waiting and lead is not None and subject.event.table == "lead" else None


def _tell_company(subject: Subject, params: Params) -> None:
    """The company's own addresses hear of an event once, whichever of its rules speaks first."""
    language = "ru"
    with speaking(language, DEFAULT_ZONE):
        title = title_of(subject, params.get("names") or {}, language)
        notices.tell_company(f"event:{subject.event.id}", subject.event.name, title, url_of(subject))


def add_task(subject: Subject, params: Params, key: str) -> str:
    """A task on the lead or deal, for its owner, due in `due_minutes` or `due_hours` of working time, or in a day."""
    if subject.place is None:
        return kept("There is nothing to put a task on.")
    if subject.event.name == "lead.received" and subject.lead is not None and subject.lead.answered_at:
        return kept("There is nothing to answer.")
    owner = subject.owner
    title = label(params.get("names") or {}, owner.language if owner else "ru")
    values = {
        "title": title or _("Look at it"),
        "kind": params.get("kind", TaskKind.OTHER),
        "due_at": _due(params),
        "assignee": tasks.hands_of(owner.id) if owner else None,
    }
    task = tasks.add(values, on=subject.place)
    if owner and notices.was_told(owner, f"event:{subject.event.id}:"):
        reminding.spare(task)
    return kept("Task: %(title)s.", title=values["title"])


def _due(params: Params) -> dt.datetime:
    """Counted as the time to answer a lead is: whoever is to be called at 9:15 has no task that was late at night."""
    minutes = int(params.get("due_minutes", 0)) + 60 * int(params.get("due_hours", 0))
    return worktime.after(utcnow(), minutes) if minutes else worktime.next_open(utcnow() + dt.timedelta(days=1))


def start_response_timer(subject: Subject, params: Params, key: str) -> str:
    """The lead must be answered within `minutes`, or within what the settings say."""
    lead = subject.lead
    if lead is None or lead.state not in LIVE_STATES or lead.answered_at:
        return kept("There is nothing to answer.")
    minutes = int(params.get("minutes") or setting("response_minutes"))
    escalation.expect_answer(lead, lead.received_at, minutes)
    db.session.flush()
    return kept("To be answered within %(minutes)s min.", minutes=minutes)


def move_stage(subject: Subject, params: Params, key: str) -> str:
    """Put the deal on a stage by its code; its gates hold here too."""
    deal = _deal(subject)
    stage = _stage(deal, Stage.code == str(params.get("stage")))
    if stage.id != deal.stage_id:
        deals.move(deal, stage)
    return kept("Stage: %(stage)s.", stage=stage.code)


def win_deal(subject: Subject, params: Params, key: str) -> str:
    """Close the deal as won when it stands on a stage and nothing is missing for it."""
    deal = _deal(subject)
    standing = params.get("when_standing_on")
    if standing and deal.stage.code != standing:
        return kept("The deal stands on another stage: %(stage)s.", stage=deal.stage.code)
    won = _stage(deal, Stage.kind == StageKind.WON)
    missing = deals.missing_for(deal, won)
    if missing:
        return kept("Not yet: %(words)s", words=" ".join(obstacle.words for obstacle in missing))
    deals.move(deal, won)
    return kept("The deal is won.")


def _deal(subject: Subject) -> Any:
    if subject.deal is None:
        raise Refused(_("There is no deal."))
    return subject.deal


def _stage(deal: Any, condition: Any) -> Stage:
    found = select(Stage).where(Stage.funnel_id == deal.funnel_id, condition).order_by(Stage.position)
    stage = db.session.execute(found.limit(1)).scalars().first()
    if stage is None:
        raise Refused(_("The funnel has no such stage."))
    return stage


def label(names: Mapping[str, str], language: str) -> str:
    """The name in a language, or in the first one it was given in."""
    return str(names.get(language) or next(iter(names.values()), ""))


ACTIONS: dict[str, Callable[[Subject, Params, str], str]] = {
    "notify": notify,
    "add_task": add_task,
    "start_response_timer": start_response_timer,
    "move_stage": move_stage,
    "win_deal": win_deal,
}
