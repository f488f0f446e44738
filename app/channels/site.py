"""Requests of sites: any form or JSON; which field means what is a matter of the channel's settings."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote, urlencode

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p

from app.channels.bodies import clean, fields_of
from app.channels.inbound import Agreed, ChannelError, Field, Inbound, Raw, Setting
from app.wording import kept

LABEL: Any = _l("Site")

# How others call what we need; compared without case. The first names are those of the preset "generic".
GENERIC: dict[str, list[str]] = {
    "name": ["name", "fio", "fullname", "full_name", "имя", "фио"],
    "phone": ["phone", "tel", "telephone", "mobile", "телефон"],
    "email": ["email", "e-mail", "mail", "почта"],
    "handle": ["telegram", "handle", "username"],
    "words": ["message", "comment", "comments", "text", "question", "сообщение", "комментарий"],
    "source": ["source"],
    "page": ["page", "url", "page_url"],
    "referrer": ["referrer", "referer"],
    "first_page": ["first_page", "landing_page", "landing"],
}
TILDA: dict[str, list[str]] = {
    "name": ["Name"],
    "phone": ["Phone"],
    "email": ["Email"],
    "handle": ["Telegram"],
    "words": ["Comments", "Textarea", "Input"],
    "source": [],
    "page": ["url", "pageurl"],
    "referrer": ["referer"],
    "first_page": [],
}
PRESETS: dict[str, dict[str, list[str]]] = {"generic": GENERIC, "tilda": TILDA}

FIELDS: tuple[Field, ...] = (
    Field("name", _p("person", "Name")),
    Field("phone", _l("Phone")),
    Field("email", _l("E-mail")),
    Field("handle", _l("Messenger")),
    Field("words", _l("Request")),
    Field("source", _l("Source")),
    Field("page", _l("Page")),
    Field("referrer", _l("Came from")),
    Field("first_page", _l("First page")),
)
SETTINGS: tuple[Setting, ...] = (
    Setting("signature", _l("Key of the signature"), "secret", help=_l(
        "When it is set, the header X-Signature must be HMAC-SHA256 of the body with this key, in hex; anything else "
        "is refused. The same signed body is taken once: let the site put the number of the request into it as "
        "idempotency_key."
    )),
)  # fmt: skip
KEYS = ("tranid", "idempotency_key", "idempotency-key")
LIMITS = {
    "name": 250, "phone": 250, "email": 250, "handle": 120, "source": 60, "page": 1000, "referrer": 1000,
    "first_page": 1000,
}  # fmt: skip
TECHNICAL = {"cookies", "test", *KEYS}
MARK = re.compile(r"utm[_.](\w{1,40})", re.IGNORECASE)


def verify(raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
    """The secret of the address was compared by the door; a key besides signs the body. Raises ChannelError."""
    key = str(settings.get("signature") or "")
    if not key:
        return
    said = headers.get("X-Signature", "").strip().lower().removeprefix("sha256=")
    if not hmac.compare_digest(said.encode(), signature(key, raw.body).encode()):
        raise ChannelError(kept("A delivery had a wrong signature. Compare the key with the site’s."))


def signature(key: str, body: bytes) -> str:
    """What X-Signature must be."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def signed(raw: Raw, settings: Mapping[str, Any]) -> bytes | None:
    """The whole body, where there is a key."""
    return raw.body if settings.get("signature") else None


def external_id(raw: Raw) -> str | None:
    """Tilda's `tranid`, or the `idempotency_key` of a site that can be asked to give one."""
    try:
        fields = {name.lower(): value for name, value in fields_of(raw).items()}
    except ChannelError:
        return None
    return next((fields[key] for key in KEYS if fields.get(key)), None)


def parse(raw: Raw, settings: Mapping[str, Any]) -> Inbound:
    """Understand a body by the map of fields; what it does not name is kept as extra. Raises ChannelError."""
    fields = fields_of(raw)
    lower = {name.lower(): value for name, value in fields.items()}
    if lower.get("test") and set(lower) <= {"test", "tranid"}:
        return Inbound(is_test=True)
    found, used = _mapped(lower, settings)
    utm = _marks(lower)
    extra = {
        name: value
        for name, value in fields.items()
        if value and not _is_known(name.lower(), used)
    }
    said = Inbound(utm=utm, extra=extra, consent=_consent(lower))
    return replace(said, **cast(Any, found))


def sample(settings: Mapping[str, Any]) -> Raw:
    """A form such as the site would send it, by the channel's own names."""
    names = {field: (names_of(settings, field) or [field])[0] for field in ("name", "phone", "words")}
    said = {
        names["name"]: "Проверка связи",
        names["phone"]: "+7 (900) 000-00-01",
        names["words"]: "Пробная заявка с кнопки «Проверить»",
        "utm_source": "voronka",
    }
    return Raw(urlencode(said).encode(), "application/x-www-form-urlencoded; charset=UTF-8")


def names_of(settings: Mapping[str, Any], field: str) -> list[str]:
    """The sender's names for one of our fields: those of the channel, or of its preset."""
    own = (settings.get("map") or {}).get(field)
    if own is not None:
        return [str(name) for name in own]
    return PRESETS.get(str(settings.get("preset")), GENERIC)[field]


def _mapped(lower: Mapping[str, str], settings: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Our fields with their values, and the names that were used up."""
    found: dict[str, str] = {}
    used: set[str] = set()
    for field in FIELDS:
        # A site may send both its own names and usual ones; the channel's own stand first.
        names = [name.lower() for name in (*names_of(settings, field.code), *GENERIC[field.code])]
        hits = [name for name in dict.fromkeys(names) if lower.get(name) and name not in used]
        taken = hits if field.code == "words" else hits[:1]
        used |= set(taken)
        found[field.code] = clean("\n".join(lower[name] for name in taken), LIMITS.get(field.code, 10_000))
    return found, used


def _is_known(name: str, used: set[str]) -> bool:
    return name in used or name in TECHNICAL or bool(MARK.fullmatch(name)) or name.startswith("consent.")


def _marks(lower: Mapping[str, str]) -> dict[str, str]:
    """Marks of the advertisement: from Tilda's cookie first, then from the fields themselves."""
    marks: dict[str, str] = {}
    cookie = re.search(r"TILDAUTM=([^;]*)", lower.get("cookies", ""), re.IGNORECASE)
    for pair in unquote(unquote(cookie.group(1))).split("|||") if cookie else ():
        name, _equals, value = pair.partition("=")
        marks[clean(name, 46).removeprefix("utm_")[:40]] = clean(value, 250)
    for name, value in lower.items():
        mark = MARK.fullmatch(name)
        if mark and value:
            marks[mark.group(1)] = clean(value, 250)
    return {name: value for name, value in marks.items() if name and value}


def _consent(lower: Mapping[str, str]) -> Agreed | None:
    if lower.get("consent.given", lower.get("consent", "")).lower() not in {"true", "1", "yes", "on", "да"}:
        return None
    version, address = lower.get("consent.text_version", "")[:60], lower.get("consent.ip", "")[:60]
    return Agreed(version, address, lower.get("consent.text", ""))

