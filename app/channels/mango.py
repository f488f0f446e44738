"""Calls of the exchange Mango Office: news of a call as it goes, and its summary at the end."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import lazy_gettext as _l

from app.channels.bodies import clean, fields_of
from app.channels.inbound import Aside, ChannelError, Field, Inbound, Raw, Ring, Setting
from app.channels.ringing import BIGGEST_SEQ, as_phone, moment_of
from app.wording import kept

LABEL: Any = _l("Calls: Mango Office")
FIELDS: tuple[Field, ...] = ()
SETTINGS: tuple[Setting, ...] = (
    Setting("api_key", _l("Unique code of the exchange"), "secret", help=_l("vpbx_api_key of the API connector.")),
    Setting("salt", _l("Key for signatures"), "secret", help=_l("vpbx_api_salt: every delivery is signed with it.")),
    Setting("answered_leads", _l("A lead of every answered call of an unknown number, too"), "flag", default=True),
)
MOST_FIELDS = 50


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """`sign` = sha256(vpbx_api_key + json + vpbx_api_salt), in hex. Raises ChannelError."""
    key, salt = str(settings.get("api_key") or ""), str(settings.get("salt") or "")
    if not key or not salt:
        raise ChannelError(kept("The code and the key of the exchange are not set: nothing can be checked."))
    said = _sent(raw)
    is_ours = hmac.compare_digest(said.get("vpbx_api_key", "").encode(), key.encode())
    sign = hmac.compare_digest(said.get("sign", "").lower().encode(), signature(key, _told(raw), salt).encode())
    if not (is_ours and sign):
        raise ChannelError(kept("A delivery had a wrong signature. Compare the code and the key with the exchange’s."))


def signature(key: str, told: str, salt: str) -> str:
    """What the exchange puts beside its JSON."""
    return hashlib.sha256((key + told + salt).encode()).hexdigest()


def signed(raw: Raw, settings: Mapping[str, Any]) -> bytes | None:
    """The news alone: the form around them may be written in many ways."""
    return _told(raw).encode("utf-8", "surrogatepass")


def external_id(raw: Raw) -> str | None:
    """The conversation with the number of the news in it; a summary comes once."""
    try:
        news = _news(raw)
    except ChannelError:
        return None
    entry = clean(news.get("entry_id") or "", 120)
    if not entry:
        return None
    is_summary = _is_summary(news)
    return f"{entry}:summary" if is_summary else f"{entry}:{clean(news.get('call_id') or '', 60)}:{_seq(news)}"


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """One piece of news. Raises ChannelError."""
    news = _news(raw)
    entry = clean(news.get("entry_id") or "", 120)
    if not entry:
        raise Aside(kept("This tells of no call: it is kept, nothing is made of it."))
    return Inbound(call=_summary(entry, news) if _is_summary(news) else _step(entry, news))


def sample(settings: Mapping[str, Any]) -> Raw:
    """A missed call, signed with what is set."""
    now = int(dt.datetime.now(dt.UTC).timestamp())
    news = {
        "entry_id": f"trial-{now}", "call_direction": 1, "from": {"number": "79000000001"},
        "to": {"extension": "101", "number": "sip:101@voronka.example"}, "line_number": "74950000000",
        "create_time": now - 20, "forward_time": now - 18, "talk_time": 0, "end_time": now, "entry_result": 0,
    }  # fmt: skip
    told = json.dumps(news)
    key, salt = str(settings.get("api_key") or ""), str(settings.get("salt") or "")
    said = {"vpbx_api_key": key, "sign": signature(key, told, salt), "json": told}
    return Raw(urlencode(said).encode(), "application/x-www-form-urlencoded")


def _told(raw: Raw) -> str:
    """The very text that was signed."""
    return _sent(raw).get("json", "")


def _sent(raw: Raw) -> dict[str, str]:
    """The form as it came, not cleaned: every letter is signed. Raises ChannelError."""
    if raw.content_type.startswith("multipart/"):
        return fields_of(raw)
    try:
        return dict(parse_qsl(raw.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise ChannelError(kept("The form has too many fields."), permanent=True) from None


def _news(raw: Raw) -> dict[str, Any]:
    try:
        news = json.loads(_told(raw))
    except (ValueError, RecursionError):
        raise ChannelError(kept("The body is not whole JSON."), permanent=True) from None
    if not isinstance(news, dict):
        raise ChannelError(kept("The JSON has no named fields."), permanent=True)
    return news


def _is_summary(news: Mapping[str, Any]) -> bool:
    return "entry_result" in news or "create_time" in news


def _step(entry: str, news: Mapping[str, Any]) -> Ring:
    """Appeared, Connected, OnHold, Disconnected: the end of one leg is not the end of the call."""
    state = "talking" if news.get("call_state") in ("Connected", "OnHold") else "ringing"
    client, ours = _ends(news, _is_outgoing(news))
    return Ring(entry, state, client, as_phone(_part(news, "to").get("line_number")), ours,
                direction="out" if _is_outgoing(news) else "in", seq=_seq(news),
                started_at=moment_of(news.get("timestamp")))  # fmt: skip


def _summary(entry: str, news: Mapping[str, Any]) -> Ring:
    is_out = str(news.get("call_direction")) == "2"
    client, ours = _ends(news, is_out)
    was_answered = str(news.get("entry_result")) == "1"
    return Ring(entry, "answered" if was_answered else "missed", client, as_phone(news.get("line_number")), ours,
                direction="out" if is_out else "in", seq=BIGGEST_SEQ, started_at=moment_of(news.get("create_time")),
                answered_at=moment_of(news.get("talk_time")) if was_answered else None,
                ended_at=moment_of(news.get("end_time")))  # fmt: skip


def _ends(news: Mapping[str, Any], is_out: bool) -> tuple[str, str]:
    """The client's number and the extension of ours."""
    theirs, ours = ("to", "from") if is_out else ("from", "to")
    return as_phone(_part(news, theirs).get("number")), clean(_part(news, ours).get("extension") or "", 20)


def _is_outgoing(news: Mapping[str, Any]) -> bool:
    """A call that an extension of ours began."""
    return bool(_part(news, "from").get("extension")) and not _part(news, "to").get("extension")


def _part(news: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = news.get(name)
    return part if isinstance(part, dict) else {}


def _seq(news: Mapping[str, Any]) -> int:
    try:
        return max(0, min(int(news.get("seq") or 0), BIGGEST_SEQ - 1))
    except (ValueError, TypeError, OverflowError):
        return 0
