"""A channel's provider is told how to reach us, or asked how it is."""

from app.queue import DEFAULT, enqueue_after_commit, job
from app.services.channels import connecting


@job(queue=DEFAULT, timeout=90)
def set_up(channel_id: int) -> None:
    """After a channel was saved."""
    connecting.set_up(channel_id)


@job(queue=DEFAULT, timeout=90)
def check(channel_id: int) -> None:
    """After somebody asked."""
    connecting.check(channel_id)


@job()
def connect_all() -> None:
    """Those that could not be set up, or whose address is another since the machine was moved."""
    for channel_id in connecting.unconnected():
        enqueue_after_commit(connecting.SET_UP, channel_id)
