"""What the form of our own asks and says: its fields in order, its texts, and which words were agreed to."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.form import ASKED, LANGUAGES, TEXTS
from models.channels import Channel
from models.ground.base import db, utcnow
from models.ground.limits import clean_text
from models.ground.refused import Refused
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.staff import Person

LONGEST_TEXT = 2000
DOMAIN = re.compile(r"(https?://)?(\*\.)?[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,8}(:\d{1,5})?")
REACHES = {"phone", "email"}


def apply(channel: Channel, typed: Mapping[str, Any]) -> None:
    """Keep what was typed. Refuses a form by which nobody can be answered, and unusable addresses."""
    settings = dict(channel.settings)
    if "texts" in typed:
        settings["texts"] = _texts(typed["texts"])
        settings["consent_version"] = _version(channel.settings, settings["texts"])
    if "fields" in typed:
        settings["fields"] = _fields(typed["fields"])
    if "domains" in settings:
        settings["domains"] = [_domain(domain) for domain in settings["domains"]]
    _policy(settings.get("policy"))
    if settings.get("frames") == "listed" and not settings.get("domains"):
        raise Refused(_("Name at least one site, or let any site show the form."), "domains")
    channel.settings = {**settings, **_places(typed)}


def consent_version(settings: Mapping[str, Any]) -> str:
    """Which words a visitor agrees to now."""
    return str(settings.get("consent_version") or "1")


def _texts(typed: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    return {
        language: {
            name: clean_text(typed[language].get(name) or "", f"{name}.{language}", LONGEST_TEXT) for name in TEXTS
        }
        for language in LANGUAGES
        if language in typed
    }


def _version(before: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> str:
    """The day on which the sentence was changed; a second one on that day gets a number."""
    old = {code: (said or {}).get("consent", "") for code, said in (before.get("texts") or {}).items()}
    new = {code: said.get("consent", "") for code, said in texts.items()}
    known = str(before.get("consent_version") or "")
    if known and old == new:
        return known
    today = f"{utcnow():%Y-%m-%d}"
    if not known.startswith(today):
        return today
    return f"{today}-{int(known.removeprefix(today).strip('-') or 1) + 1}"


def _fields(typed: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    chosen = {str(one.get("code")): bool(one.get("must")) for one in typed if one.get("code") in ASKED}
    if not REACHES & set(chosen):
        raise Refused(_("Ask for a phone or an e-mail: otherwise nobody can be answered."), "fields")
    if not any(chosen.get(code) for code in REACHES):
        raise Refused(_("Make the phone or the e-mail obligatory: otherwise nobody can be answered."), "fields")
    return [{"code": code, "must": must} for code, must in chosen.items()]


def _domain(typed: str) -> str:
    text = typed.strip().lower().rstrip("/")
    try:
        text = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        text = ""
    if not DOMAIN.fullmatch(text):
        raise Refused(_("“%(typed)s” is not a site. Write it as parus.example.", typed=typed[:60]), "domains")
    return text


def _policy(address: Any) -> None:
    try:
        scheme = urlsplit(str(address or "")).scheme
    except ValueError:
        scheme = ""
    if address and scheme not in ("http", "https"):
        raise Refused(_("Write the whole address of the policy, from https:// on."), "policy")


def _places(typed: Mapping[str, Any]) -> dict[str, str]:
    """Funnel, stage and owner by key; empty: as usual."""
    places: dict[str, str] = {}
    if "stage" in typed:
        stage = _stage(str(typed["stage"] or ""))
        places |= {"stage": str(stage.id) if stage else "", "funnel": str(stage.funnel_id) if stage else ""}
    elif "funnel" in typed:
        places["funnel"] = str(typed["funnel"] or "") if _found(Funnel, typed["funnel"], "stage") else ""
    if "owner" in typed:
        person = _found(Person, typed["owner"], "owner")
        if person is not None and not person.active:
            words = _("%(name)s no longer works here. Choose somebody else.", name=person.name)
            raise Refused(words, "owner")
        places["owner"] = str(person.id) if person else ""
    return places


def _stage(typed: str) -> Stage | None:
    stage: Stage | None = _found(Stage, typed, "stage")
    if stage is not None and stage.kind != StageKind.OPEN:
        raise Refused(_("A deal cannot begin on a stage where it is closed. Choose another."), "stage")
    return stage


def _found(cls: Any, typed: Any, field: str) -> Any:
    text = str(typed or "")
    if not text:
        return None
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    row = db.session.execute(select(cls).where(cls.id == key)).scalar_one_or_none()
    if row is None:
        raise Refused(_("Choose one from the list."), field)
    return row
