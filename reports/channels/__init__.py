"""Channels and what went wrong, for the administrator: deliveries, dead jobs, letters that did not leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from models.channels import Channel
from models.ground.base import db, utcnow
from models.messages import RawBody, RawState
from models.notices import DeadLetter, Delivery, DeliveryState
from reports.channels.bodies import GLANCE, RAW_STATES, SHOWN, bodies, counts, lead_of, sheet_of

DELIVERY_STATES = {
    DeliveryState.FAILED: (_l("Not delivered"), "bad"),
    DeliveryState.HELD: (_l("Held"), "warn"),
    DeliveryState.IN_DOUBT: (_l("In doubt"), "warn"),
}
# What a job of ours does, for whoever has to decide about it.
JOB_WORDS = {
    "app.jobs.events.handle": _l("Rules and notices of an event"),
    "app.jobs.events.again": _l("One rule of an event"),
    "app.jobs.inbound.read": _l("Reading what came in"),
    "app.jobs.outbound.deliver": _l("Sending a letter"),
    "app.jobs.documents.make": _l("Making a document"),
    "app.jobs.works.scan": _l("Search for duplicates of clients"),
    "app.jobs.works.merge": _l("Merging clients"),
    "app.jobs.works.unmerge": _l("Taking merges back"),
}
__all__ = [
    "DELIVERY_STATES", "GLANCE", "JOB_WORDS", "RAW_STATES", "SHOWN", "Traffic", "bodies", "channels", "counts",
    "dead_jobs", "lead_of", "sheet_of", "stuck", "stuck_letters", "traffic", "unread_bodies",
]  # fmt: skip


@dataclass(frozen=True)
class Traffic:
    """What came through a channel in the last week."""

    total: int = 0
    failed: int = 0
    last: dt.datetime | None = None


def channels() -> list[Channel]:
    """All channels, those in use first."""
    rows = select(Channel).order_by(Channel.active.desc(), Channel.name, Channel.id)
    return list(db.session.execute(rows).scalars())


def traffic() -> dict[int, Traffic]:
    """Of each channel, in one statement."""
    bad = RawBody.state.in_((RawState.FAILED, RawState.REFUSED))
    rows = (
        select(RawBody.channel_id, func.count(), func.count().filter(bad), func.max(RawBody.received_at))
        .where(RawBody.received_at > utcnow() - dt.timedelta(days=7))
        .group_by(RawBody.channel_id)
    )
    return {key: Traffic(total, failed, last) for key, total, failed, last in db.session.execute(rows)}


def dead_jobs() -> list[DeadLetter]:
    """Those that wait for a person, the latest first."""
    rows = select(DeadLetter).where(DeadLetter.replayed_at.is_(None)).order_by(DeadLetter.id.desc())
    return list(db.session.execute(rows.limit(SHOWN)).scalars())


def stuck_letters() -> list[Delivery]:
    """Letters that did not leave, the latest first."""
    rows = select(Delivery).where(Delivery.state.in_(list(DELIVERY_STATES))).order_by(Delivery.id.desc())
    return list(db.session.execute(rows.limit(SHOWN)).scalars())


def unread_bodies() -> list[RawBody]:
    """Bodies that nobody understood, the latest first."""
    rows = select(RawBody).where(RawBody.state == RawState.FAILED).options(defer(RawBody.body))
    return list(db.session.execute(rows.order_by(RawBody.id.desc()).limit(SHOWN)).scalars())


def stuck() -> dict[str, int]:
    """How many of each there are."""
    jobs = select(func.count(DeadLetter.id)).where(DeadLetter.replayed_at.is_(None))
    letters = select(func.count(Delivery.id)).where(Delivery.state.in_(list(DELIVERY_STATES)))
    unread = select(func.count(RawBody.id)).where(RawBody.state == RawState.FAILED)
    columns = [part.scalar_subquery() for part in (jobs, letters, unread)]
    return dict(zip(("jobs", "letters", "bodies"), db.session.execute(select(*columns)).one(), strict=True))
