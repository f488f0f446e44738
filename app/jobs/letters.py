"""Letters that come by the clock: the daily one of whoever asked for it."""

from app.queue import job
from app.services.notices import digest


@job()
def daily() -> None:
    """Write those that are due."""
    for person in digest.due():
        digest.write(person)
