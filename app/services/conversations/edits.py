"""A client corrects a message: the newest words stand, and all that stood before are kept with their times."""

import datetime as dt
from typing import NamedTuple

from app.channels.inbound import Inbound
from app.wording import kept
from models.ground.base import db
from models.ground.limits import clean_text
from models.leads import Lead
from models.messages import Message

MOST = 100
SAME = kept("This message is here already.")


class Version(NamedTuple):
    """Words of a message from a moment on; their order is the same in whatever order they came."""

    at: str
    is_edit: bool
    words: str


def is_another(message: Message, inbound: Inbound) -> bool:
    """Whether it only bears the number of the message: no correction, and other words than the first ones."""
    first = {one.words for one in _versions(message) if not one.is_edit}
    return bool(first) and not inbound.is_edit and first.isdisjoint((inbound.words, clean_text(inbound.words, "words")))


def corrected(message: Message, inbound: Inbound) -> str:
    """The same message came again, as it was or corrected; what became of it, in words."""
    known = _versions(message)
    at = (inbound.at or message.at).astimezone(dt.UTC).isoformat()
    came = Version(at, inbound.is_edit, clean_text(inbound.words, "words"))
    if came in known or (not inbound.is_edit and came.words in [one.words for one in known if not one.is_edit]):
        return SAME
    _stand(message, sorted({*known, came}))
    db.session.flush()
    return kept("A correction of a message that is here already.")


def _versions(message: Message) -> list[Version]:
    """All that are known, the standing one last."""
    edited = message.extra.get("edited_at")
    standing = Version(edited or message.at.astimezone(dt.UTC).isoformat(), bool(edited), message.words)
    return [*(Version(one["at"], one["is_edit"], one["words"]) for one in message.extra.get("edits", [])), standing]


def _stand(message: Message, versions: list[Version]) -> None:
    """The newest stands; JSON is replaced as a whole, or its change would not be seen."""
    before, newest = versions[:-1][-MOST:], versions[-1]
    _lead_too(message, newest.words)
    message.words = newest.words
    message.at = min(dt.datetime.fromisoformat(one.at) for one in versions)
    message.extra = {**message.extra, "edits": [one._asdict() for one in before]}
    if newest.is_edit:
        message.extra = {**message.extra, "edited_at": newest.at}


def _lead_too(message: Message, words: str) -> None:
    """A request that consists of these words says what the client says now."""
    lead = db.session.get(Lead, message.lead_id) if message.lead_id else None
    if lead is not None and lead.is_live and lead.words == message.words:
        lead.words = words
