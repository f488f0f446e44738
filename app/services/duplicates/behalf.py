"""A merge moves rows of colleagues too: the rights to both clients are asked for, then all of theirs follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask_babel import gettext as _

from models.clients import Client
from models.ground.actor import Actor, acting_as, current_actor
from models.ground.base import CrmSession
from models.ground.refused import Refused
from models.ground.writing import may_write


@contextmanager
def whole_base(asker: Actor | None = None) -> Iterator[CrmSession]:
    """A session of its own that reaches every row; the history names the person. Whoever opens it commits it."""
    with acting_as(replace(asker or current_actor(), everything=True)) as session:
        yield session


def check_rights(session: CrmSession, asker: Actor, *clients: Client) -> None:
    """Both clients are the asker's to change. Raises Refused."""
    is_allowed = asker.may("can_merge", "Clients")
    if not is_allowed or not all(may_write(session, asker, client) for client in clients):
        words = _("You may merge only clients that you may change yourself. Ask the head of the team.")
        raise Refused(words)
