"""What comes in is kept first, whole and once: raw bodies of hooks."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from sqlalchemy import func, or_, select

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
    """Around a body: the sender's number of the delivery, the address it came from, and what of it was signed.

    With `signed` the number has to stand in what is signed: a header beside it may be written by anybody.
    """

    external_id: str | None = None
    address: str = ""
    signed: bytes | None = None


def take_in(channel: Channel, raw: Raw, envelope: Envelope) -> RawBody | None:
    """Keep a delivery; None when it is one that we have. It is read after the commit.

    The same delivery has the same number, or, without one, the same body within 10 minutes. What was signed is taken
    once for as long as bodies are kept: a sign does not grow old, and whoever has seen it could send it again.
    """
    sha = hashlib.sha256(raw.body).hexdigest()
    number = _number(envelope.external_id)
    is_signed = envelope.signed is not None
    if envelope.signed is not None and number is None:
        number = f"signed:{hashlib.sha256(envelope.signed).hexdigest()}"
    # One of two that come at the same moment waits for the other.
    for name in (number or sha, sha) if is_signed else (number or sha,):
        key = func.hashtext(f"{channel.id}:{name}")
        db.session.execute(select(func.pg_advisory_xact_lock(DELIVERY, key)))
    if _same(channel, number, sha, is_signed):
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


def _same(channel: Channel, number: str | None, sha: str, is_signed: bool) -> bool:
    rows = select(RawBody.id).where(RawBody.channel_id == channel.id, RawBody.state != RawState.REFUSED)
    if is_signed:
        # The type of the content is not signed, and with another one another number could be read out of the body.
        rows = rows.where(or_(RawBody.external_id == number, RawBody.sha256 == sha))
    elif number is not None:
        rows = rows.where(RawBody.external_id == number)
    else:
        rows = rows.where(RawBody.sha256 == sha, RawBody.received_at > utcnow() - SAME_BODY)
    return db.session.execute(rows.limit(1)).first() is not None


def _short(text: str, limit: int) -> str:
    return "".join(c for c in text if c.isprintable())[:limit]
