"""An event is followed: rules, notices, tasks."""

from sqlalchemy import select

from app.automations import engine
from app.queue import HIGH, STUBBORN, job
from models.ground.base import db
from models.ground.history import Event
from models.lowcode.rules import Rule


@job(queue=HIGH, retries=STUBBORN)
def handle(event_id: int) -> None:
    """Follow an event that nobody has followed yet; whoever comes second finds it locked or handled."""
    waiting = select(Event).where(Event.id == event_id, Event.handled_at.is_(None))
    event = db.session.execute(waiting.with_for_update(skip_locked=True)).scalar_one_or_none()
    if event is not None:
        engine.follow(event)


@job(queue=HIGH)
def again(event_id: int, rule_id: int) -> None:
    """One rule that failed for this event."""
    event = db.session.get(Event, event_id, with_for_update=True)
    rule = db.session.get(Rule, rule_id)
    if event is not None and rule is not None:
        engine.again(event, rule)
