"""Follows an event: the rules that wait for it run once each, and every run leaves a line in words."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.automations.actions import ACTIONS
from app.automations.subject import Subject, facts_of, subject_of
from app.lowcode.conditions import unmet
from app.services import leads, trash
from app.services.leads import following
from app.wording import kept
from models.ground.base import db, utcnow
from models.ground.history import Event, HandlerRun
from models.ground.refused import Refused, Stale
from models.leads import Lead
from models.lowcode.rules import Rule, RuleRun
from models.notices import DeadLetter

log = logging.getLogger(__name__)

# An event caused by an event caused by …: a rule that wakes itself is stopped here, and says so.
DEEPEST = 5
DONE, SKIPPED, REFUSED, FAILED, STOPPED = "done", "skipped", "refused", "failed", "stopped"


@dataclass
class Outcome:
    """What became of a rule: the worst of its steps, and the words of all of them."""

    name: str
    words: str


def _hand_over(subject: Subject) -> None:
    if subject.lead is not None:
        leads.hand_over_tasks(subject.lead, subject.event.data.get("was"))


def _settle_tasks(subject: Subject) -> None:
    event = subject.event
    was = event.data.get("was")
    if event.table in trash.BINS and event.row_id is not None:
        trash.settle_tasks(event.table, event.row_id, dt.datetime.fromisoformat(was) if was else None)


def _follows(verb: Callable[[Lead, Event], None]) -> Callable[[Subject], None]:
    return lambda subject: verb(subject.lead, subject.event) if subject.lead is not None else None


FOLLOWED: dict[str, Callable[[Lead, Event], None]] = {
    "lead.answered": following.answered,
    "lead.rejected": following.set_aside,
    "lead.qualified": following.became_a_deals,
    "lead.attached": following.became_a_deals,
    "lead.restored": following.taken_back,
}
# What happens in every company, whatever its rules.
HANDED_ON = ("lead.taken", "lead.assigned", "lead.escalated")
ALWAYS: dict[str, Callable[[Subject], None]] = {
    **dict.fromkeys(HANDED_ON, _hand_over),
    **dict.fromkeys((trash.THROWN, trash.RESTORED), _settle_tasks),
    **{name: _follows(verb) for name, verb in FOLLOWED.items()},
}


def follow(event: Event) -> None:
    """Run everything that waits for this event. Runs as the system; safe to run twice."""
    subject = subject_of(event)
    db.session().info["cause"] = event
    try:
        if event.name in ALWAYS and _is_first(event, "always"):
            ALWAYS[event.name](subject)
        for rule in rules_for(event.name):
            run(rule, subject)
    finally:
        db.session().info.pop("cause", None)
    event.handled_at = utcnow()


def rules_for(name: str) -> list[Rule]:
    """The rules in use that wait for an event of this name, in order."""
    found = select(Rule).where(Rule.event == name, Rule.active).order_by(Rule.position, Rule.id)
    return list(db.session.execute(found).scalars())


def again(event: Event, rule: Rule) -> None:
    """One rule that failed runs anew for its event, if it has not been run since."""
    db.session().info["cause"] = event
    try:
        run(rule, subject_of(event))
    finally:
        db.session().info.pop("cause", None)


def run(rule: Rule, subject: Subject) -> None:
    """One rule for one event, once; what it did or why it did not is kept as a line."""
    event = subject.event
    handler = f"rule:{rule.code}"
    if not _is_first(event, handler):
        return
    if event.depth >= DEEPEST:
        words = kept("Stopped: events caused one another %(depth)s times.", depth=event.depth)
        outcome = Outcome(STOPPED, words)
    else:
        outcome = _tried(rule, subject)
    db.session.add(RuleRun(rule_id=rule.id, event_id=event.id, outcome=outcome.name, words=outcome.words))
    if outcome.name == FAILED:
        _bury(rule, event, outcome.words)
    db.session.flush()


def _is_first(event: Event, handler: str) -> bool:
    known = select(HandlerRun.id).where(HandlerRun.event_id == event.id, HandlerRun.handler == handler)
    if db.session.execute(known).first():
        return False
    db.session.add(HandlerRun(event_id=event.id, handler=handler))
    db.session.flush()
    return True


def _tried(rule: Rule, subject: Subject) -> Outcome:
    reason = unmet(rule.conditions, facts_of(subject))
    if reason is not None:
        return Outcome(SKIPPED, reason)
    steps = [_step(rule, subject, number) for number in range(len(rule.actions))]
    worst = next((name for name in (FAILED, REFUSED) if any(step.name == name for step in steps)), DONE)
    return Outcome(worst, "\n".join(step.words for step in steps))


def _step(rule: Rule, subject: Subject, number: int) -> Outcome:
    """One action, in a savepoint of its own: a refusal undoes this action alone."""
    params = rule.actions[number]
    act = ACTIONS.get(str(params.get("do")))
    if act is None:
        return Outcome(FAILED, kept("There is no action “%(name)s”.", name=params.get("do")))
    try:
        with db.session.begin_nested():
            # A rule that is run again after a failure does not repeat the steps that were done.
            if not _is_first(subject.event, f"rule:{rule.code}:{number}"):
                return Outcome(DONE, kept("This was done before."))
            return Outcome(DONE, act(subject, params, subject.key(rule, number)))
    except Refused as refusal:
        return Outcome(REFUSED, refusal.words or kept("It is not there any more."))
    except Stale as stale:
        return Outcome(REFUSED, kept("%(name)s changed it at that moment.", name=stale.by))
    except DBAPIError:
        # The database is away or busy: the whole job is tried again.
        raise
    except Exception as error:
        log.exception("rule %s, event %s", rule.code, subject.event.id)
        return Outcome(FAILED, f"{type(error).__name__}: {error}"[:500])


def _bury(rule: Rule, event: Event, words: str) -> None:
    """A rule with a mistake is an administrator's to mend, and to run again."""
    done = select(HandlerRun).where(HandlerRun.event_id == event.id)
    mine = done.where(HandlerRun.handler == f"rule:{rule.code}")
    db.session.delete(db.session.execute(mine).scalar_one())
    args = [event.id, rule.id]
    db.session.add(DeadLetter(job="app.jobs.events.again", args=args, reason=words, attempts=1))
