"""A delivery leaves."""

from app.queue import MAIL, job
from app.services import notices


@job(queue=MAIL, timeout=150)
def deliver(delivery_id: int) -> None:
    """Send one letter."""
    notices.deliver(delivery_id)
