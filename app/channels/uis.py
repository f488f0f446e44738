"""Calls of UIS and CoMagic: a notice whose body the company composes itself, from the template that we give."""

import datetime as dt
import json
import re
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
    Setting("zone", _l("Time zone of the notices"), "zone", default=DEFAULT_ZONE),
    Setting("answered_leads", _l("A lead of every answered call of an unknown number, too"), "flag", default=True),
)
# To be copied into the cabinet, into the body of an HTTP notice about the end or the loss of a call; others do no harm.
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
YES, NO = {"true", "1", "yes"}, {"false", "0", "no"}
# Words that names of notices are made of (in_call_session, call_session_finished); a loss is an end by itself.
LOSS = {"lost", "missed"}
END = {"end", "ended", "ending", "finish", "finished", "complete", "completed", "hangup"}
PART = {"talk", "record", "recording", "leg"}
TALK = {"talk", "connected", "answered", "record", "recording"}
BEFORE = TALK | PART | {"start", "started", "begin", "new", "in", "out", "incoming", "outgoing"}
BEFORE |= {"ring", "ringing", "wait", "waiting"}
EMPTY = re.compile(r"\s*(\{\{.*\}\})?\s*", re.DOTALL)
LONGEST_TALK = 24 * 3600
ORDER = {"ringing": 0, "talking": 1}


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """The exchange signs nothing: the secret of the address is all there is."""


def external_id(raw: Raw) -> str | None:
    """The session with the name of the notice and what it tells: a later one that tells more is another one."""
    try:
        said = _said(raw)
    except ChannelError:
        return None
    session = said.get("call_session_id", "")
    return f"{session}:{said.get('notification_mnemonic', '')}:{_state(said)}" if session else None


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """A call as far as the notice tells of it. Raises ChannelError."""
    said = _said(raw)
    entry = clean(said.get("call_session_id", ""), 120)
    if not entry and EMPTY.fullmatch(fields_of(raw).get("call_session_id", "x")):
        raise ChannelError(kept("The notice does not name the call: its body was not filled in."), permanent=True)
    if not entry:
        raise Aside(kept("This tells of no call: it is kept, nothing is made of it."))
    state = _state(said)
    started = moment_of(said.get("start_time"), str(settings.get("zone") or DEFAULT_ZONE))
    talked, was_answered = _talked(said), state == "answered"
    ring = Ring(
        entry,
        state,
        as_phone(said.get("contact_phone_number")),
        as_phone(said.get("virtual_phone_number")),
        direction="out" if said.get("direction") == "out" else "in",
        seq=ORDER.get(state, BIGGEST_SEQ),
        started_at=started,
        answered_at=started if was_answered else None,
        ended_at=started + dt.timedelta(seconds=talked) if was_answered and started and talked else None,
    )
    return Inbound(name=clean(said.get("contact_full_name", ""), 250), call=ring)


def sample(settings: Mapping[str, Any]) -> Raw:
    """A call that nobody answered."""
    now = int(dt.datetime.now(dt.UTC).timestamp())
    said = {
        "notification_mnemonic": "call_ended", "call_session_id": now, "direction": "in",
        "contact_phone_number": "79000000001", "virtual_phone_number": "74950000000",
        "start_time": "", "talk_time_duration": 0, "contact_full_name": "", "is_lost": True,
    }  # fmt: skip
    return Raw(json.dumps(said).encode(), "application/json")


def _said(raw: Raw) -> dict[str, str]:
    """What the notice tells: a placeholder that the exchange has left as it was tells nothing. Raises ChannelError."""
    return {name: value for name, value in fields_of(raw).items() if not EMPTY.fullmatch(value)}


def _state(said: Mapping[str, str]) -> str:
    """How far the call is: ringing, talking, answered, missed, or ended when nobody told whether it was answered.

    What comes before the end knows nothing of it, whatever it says. A name that is not known is taken for an end:
    we ask for ends alone.
    """
    words = set(re.split(r"[\W_]+", said.get("notification_mnemonic", "").lower())) - {""}
    if words & LOSS:
        return "missed"
    if words & PART or (words & BEFORE and not words & END):
        return "talking" if words & TALK else "ringing"
    mark, talked = said.get("is_lost", "").lower(), _talked(said)
    if mark in YES or mark in NO:
        return "missed" if mark in YES else "answered"
    return "ended" if talked is None else "answered" if talked else "missed"


def _talked(said: Mapping[str, str]) -> int | None:
    """Seconds of the talk; None when they are not told."""
    text = said.get("talk_time_duration", "")
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= LONGEST_TALK else None
