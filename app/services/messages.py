"""What comes in is kept first, whole and once: raw bodies of hooks."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select

from app.channels.inbound import Raw
from app.queue import enqueue_after_commit
from app.wording import kept
from models.channels import Channel
from models.ground.base import db, utcnow
from models.messages import RawBody, RawState

SAME_BODY = dt.timedelta(minutes=10)
DELIVERY = 42_010_003
GLANCE = 2000


@dataclass(frozen=True)
class Envelope:
    """Around a body: the sender's number of the delivery and the address it came from."""

    external_id: str | None = None
    address: str = ""


def take_in(channel: Channel, raw: Raw, envelope: Envelope) -> RawBody | None:
    """Keep a delivery; None when it is one that we have. It is read after the commit.

    The same delivery has the same number, or, without one, the same body within 10 minutes.
    """
    sha = hashlib.sha256(raw.body).hexdigest()
    number = _number(envelope.external_id)
    # One of two that come at the same moment waits for the other.
    key = func.hashtext(f"{channel.id}:{number or sha}")
    db.session.execute(select(func.pg_advisory_xact_lock(DELIVERY, key)))
    if _same(channel, number, sha):
        return None
    row = RawBody(
        channel_id=channel.id,
        external_id=number,
        content_type=_short(raw.content_type, 120),
        address=envelope.address[:60],
        body=raw.body,
        size=len(raw.body),
        sha256=sha,
    )
    db.session.add(row)
    db.session.flush()
    enqueue_after_commit("app.jobs.inbound.read", row.id)
    return row


def refuse(channel: Channel, raw: Raw, size: int, address: str) -> RawBody:
    """Note a body that is too large: its beginning is kept, and the row says why there is no more."""
    row = RawBody(
        channel_id=channel.id,
        content_type=_short(raw.content_type, 120),
        address=address[:60],
        body=raw.body[:GLANCE],
        size=size,
        sha256=hashlib.sha256(raw.body).hexdigest(),
        state=RawState.REFUSED,
        words=kept("The body is larger than 1 MB; only its beginning is kept."),
    )
    db.session.add(row)
    db.session.flush()
    return row


def _number(external_id: str | None) -> str | None:
    """The sender's number as a column can hold it."""
    text = (external_id or "").strip()
    if not text:
        return None
    is_plain = len(text) <= 200 and text.isprintable()
    return text if is_plain else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _same(channel: Channel, number: str | None, sha: str) -> bool:
    rows = select(RawBody.id).where(RawBody.channel_id == channel.id, RawBody.state != RawState.REFUSED)
    if number is not None:
        rows = rows.where(RawBody.external_id == number)
    else:
        rows = rows.where(RawBody.sha256 == sha, RawBody.received_at > utcnow() - SAME_BODY)
    return db.session.execute(rows.limit(1)).first() is not None


def _short(text: str, limit: int) -> str:
    return "".join(c for c in text if c.isprintable())[:limit]
