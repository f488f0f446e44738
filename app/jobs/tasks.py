"""Reminders of tasks: what is due soon, and what is overdue."""

from app.queue import job
from app.services.tasks import reminding


@job()
def remind() -> None:
    """Each becomes an event, once per term of the task."""
    reminding.tell_due()
    reminding.tell_overdue()
