"""Deliveries of a channel, and one of them made readable: JSON in lines, a form as a table, anything else as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from models.channels import Channel
from models.ground.base import db
from models.leads import Lead
from models.messages import RawBody, RawState

RAW_STATES = {
    RawState.KEPT: (_l("Waits to be read"), "blue"),
    RawState.READ: (_l("Read"), "ok"),
    RawState.FAILED: (_l("Not understood"), "bad"),
    RawState.REFUSED: (_l("Refused"), "warn"),
}
SHOWN = 50
GLANCE = 100_000
MOST_FIELDS = 500


@dataclass(frozen=True)
class Sheet:
    """A body for a person to read: `rows` of a form, or `text`; `is_cut` says that only the beginning is here."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False


def bodies(channel: Channel, state: str = "", page: int = 1) -> list[tuple[RawBody, int | None]]:
    """The deliveries of a channel, the latest first, without their bodies, each with the lead it became."""
    rows = (
        select(RawBody, Lead.id)
        .outerjoin(Lead, Lead.raw_id == RawBody.id)
        .where(RawBody.channel_id == channel.id)
        .options(defer(RawBody.body))
        .order_by(RawBody.id.desc())
    )
    rows = rows.where(RawBody.state == state) if state else rows
    found = db.session.execute(rows.limit(SHOWN).offset((page - 1) * SHOWN))
    return [(row[0], row[1]) for row in found]


def counts(channel: Channel) -> dict[str, int]:
    """How many there are of each state."""
    rows = select(RawBody.state, func.count()).where(RawBody.channel_id == channel.id).group_by(RawBody.state)
    return {state: count for state, count in db.session.execute(rows)}  # noqa: C416 (a row is no pair to mypy)


def lead_of(raw: RawBody) -> Lead | None:
    """What a delivery became."""
    return db.session.execute(select(Lead).where(Lead.raw_id == raw.id)).scalar_one_or_none()


def sheet_of(raw: RawBody) -> Sheet:
    """The body as a person reads it; bytes that are no text are shown with marks in their place."""
    is_cut = raw.size > min(len(raw.body), GLANCE)
    text = _text(raw.body[:GLANCE])
    if not is_cut and (found := _json(text)) is not None:
        return Sheet("json", found)
    if not is_cut and (rows := _form(text, raw.content_type)):
        return Sheet("form", rows=rows)
    return Sheet("text", text, is_cut=is_cut)


def _text(body: bytes) -> str:
    for coding in ("utf-8", "cp1251"):
        try:
            return _shown(body.decode(coding))
        except UnicodeDecodeError:
            continue
    return _shown(body.decode("utf-8", "replace"))


def _shown(text: str) -> str:
    """Without what turns letters round or cannot be seen: a body must not look like another."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text.replace("\r\n", "\n"))


def _json(text: str) -> str | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return _shown(json.dumps(json.loads(text), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return None


def _form(text: str, content_type: str) -> tuple[tuple[str, str], ...]:
    if not content_type.startswith("application/x-www-form-urlencoded"):
        return ()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return ()
    return tuple((_shown(name), _nested(value)) for name, value in pairs)


def _nested(value: str) -> str:
    """A field may hold JSON of its own."""
    found: Any = _json(value)
    return found if found is not None else _shown(value)
