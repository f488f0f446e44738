"""Calls of UIS and CoMagic: a notice whose body the company composes itself, from the template that we give."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.channels.bodies import clean, fields_of
from app.channels.inbound import Aside, ChannelError, Field, Inbound, Raw, Ring, Setting
from app.channels.ringing import BIGGEST_SEQ, DEFAULT_ZONE, as_phone, moment_of
from app.wording import kept

LABEL: Any = _l("Calls: UIS, CoMagic")
FIELDS: tuple[Field, ...] = ()
SETTINGS: tuple[Setting, ...] = (
    Setting("zone", _l("Time zone of the notices"), "text", default=DEFAULT_ZONE),
    Setting("answered_leads", _l("A lead of every answered call of an unknown number, too"), "flag", default=True),
)
# To be copied into the cabinet, into the body of an HTTP notice about the end or the loss of a call.
TEMPLATE = """{
  "notification_mnemonic": "{{notification_mnemonic}}",
  "call_session_id": "{{call_session_id}}",
  "direction": "{{direction}}",
  "contact_phone_number": "{{contact_phone_number}}",
  "virtual_phone_number": "{{virtual_phone_number}}",
  "start_time": "{{start_time}}",
  "talk_time_duration": "{{talk_time_duration}}",
  "contact_full_name": "{{contact_full_name}}",
  "is_lost": "{{is_lost}}"
}"""
YES = {"true", "1", "yes"}


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """The exchange signs nothing: the secret of the address is all there is."""


def external_id(raw: Raw) -> str | None:
    """The session with the name of the notice."""
    fields = _fields(raw)
    session = fields.get("call_session_id", "")
    return f"{session}:{fields.get('notification_mnemonic', '')}" if session else None


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """A call that has ended. Raises ChannelError."""
    fields = fields_of(raw)
    entry = clean(fields.get("call_session_id", ""), 120)
    if not entry:
        raise Aside(kept("This tells of no call: it is kept, nothing is made of it."))
    zone = str(settings.get("zone") or DEFAULT_ZONE)
    is_lost = fields.get("is_lost", "").lower() in YES or "lost" in fields.get("notification_mnemonic", "").lower()
    started = moment_of(fields.get("start_time"), zone)
    ring = Ring(
        entry,
        "missed" if is_lost else "answered",
        as_phone(fields.get("contact_phone_number")),
        as_phone(fields.get("virtual_phone_number")),
        direction="out" if fields.get("direction") == "out" else "in",
        seq=BIGGEST_SEQ,
        started_at=started,
        answered_at=None if is_lost else started,
    )
    return Inbound(name=clean(fields.get("contact_full_name", ""), 250), call=ring)


def sample(settings: Mapping[str, Any]) -> Raw:
    """A call that nobody answered."""
    now = int(dt.datetime.now(dt.UTC).timestamp())
    said = {
        "notification_mnemonic": "call_ended", "call_session_id": now, "direction": "in",
        "contact_phone_number": "79000000001", "virtual_phone_number": "74950000000",
        "start_time": "", "contact_full_name": "", "is_lost": True,
    }  # fmt: skip
    return Raw(json.dumps(said).encode(), "application/json")


def _fields(raw: Raw) -> dict[str, str]:
    try:
        return fields_of(raw)
    except ChannelError:
        return {}
