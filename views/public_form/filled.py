"""What was typed into the form: checked field by field, and put together as the body that is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext as _n

from app.channels import form
from app.channels.bodies import clean
from app.channels.inbound import Raw
from app.services import contacts
from app.services.channels.site_form import consent_version
from models.ground.limits import clean_line, clean_text
from models.ground.refused import Refused
from models.lowcode import choices

MARKS = ("source", "medium", "campaign", "content", "term")
PHONE_DIGITS = 11


@dataclass
class Filled:
    """The values by field code, words of what is wrong by field code."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    agrees: bool = False


def typed() -> dict[str, Any]:
    """Everything as it was typed, to be shown again."""
    said: dict[str, Any] = {code: request.form.get(code, "")[:10_000] for code in form.ASKED}
    said["need"] = request.form.getlist("need")[:50]
    return said


def checked(settings: Mapping[str, Any], asks_consent: bool) -> Filled:
    """Read the form that was sent."""
    filled = Filled(typed(), agrees=request.form.get("consent") == "1")
    for asked, must in form.asked(settings):
        try:
            filled.values[asked.code] = _value(asked, must, filled.values[asked.code])
        except Refused as refusal:
            filled.errors[asked.code] = refusal.words
    if asks_consent and not filled.agrees:
        filled.errors["consent"] = _("Tick the box: without your consent we may not keep the request.")
    return filled


def _value(asked: form.Asked, must: bool, said: Any) -> Any:
    if asked.kind == "many":
        said = [code for code in said if choices.find("work_type", code)]
    elif asked.kind == "one":
        said = said if said in dict(form.HOW) else ""
    elif asked.kind == "area":
        said = clean_text(said, asked.code, asked.limit)
    else:
        said = clean_line(said, asked.code, asked.limit)
    if must and not said:
        raise Refused(_missing(asked), asked.code)
    return CHECKS.get(asked.code, lambda value: value)(said) if said else said


def _missing(asked: form.Asked) -> str:
    words = {
        "phone": _("Write the phone: we answer by it."),
        "email": _("Write the e-mail: we answer by it."),
        "name": _("Write how to call you."),
    }
    return words.get(asked.code) or _("Fill this in.")


def _phone(said: str) -> str:
    if contacts.phone(said):
        return said
    digits = sum(letter.isdigit() for letter in said)
    lacking = PHONE_DIGITS - digits
    if 0 < lacking < PHONE_DIGITS:
        raise Refused(_n("One digit is missing.", "%(num)d digits are missing.", lacking), "phone")
    raise Refused(_("This is not a phone. Write it with the code of the city."), "phone")


def _email(said: str) -> str:
    if not contacts.email(said):
        raise Refused(_("This is not an e-mail. Write it as name@example.ru."), "email")
    return said


CHECKS = {"phone": _phone, "email": _email}


def body(filled: Filled, settings: Mapping[str, Any], language: str, consent: str, robot: str) -> Raw:
    """What is kept: the fields, their labels, where the visitor came from, and the sentence that was agreed to."""
    values = filled.values
    labels = {code: str(asked.label) for code, asked in form.ASKED.items()}
    fields = {code: clean(text) for code, text in values.items() if isinstance(text, str) and text}
    if values.get("need"):
        fields["need"] = ", ".join(choices.label("work_type", code, "ru") for code in values["need"])
    if values.get("how"):
        fields["how"] = str(dict(form.HOW)[values["how"]])
    said: dict[str, Any] = {"fields": fields, "labels": labels, "visit": visit(), "language": language}
    if robot:
        said["spam"] = robot
    if consent and filled.agrees:
        said["consent"] = {
            "text_version": consent_version(settings), "words": consent, "address": (request.remote_addr or "")[:60],
        }  # fmt: skip
    return Raw(json.dumps(said, ensure_ascii=False).encode(), "application/json")


def visit() -> dict[str, Any]:
    """Where the visitor came from: told by the page around the form, or by its own address."""
    told = request.form if request.method == "POST" else request.args
    places = {name: clean(told.get(name, ""), 1000) for name in ("page", "referrer", "first_page")}
    places["referrer"] = places["referrer"] or ("" if told.get("page") else clean(request.referrer or "", 1000))
    utm = {mark: value for mark in MARKS if (value := clean(told.get(f"utm_{mark}", ""), 250))}
    return {**places, "utm": utm}


def robot(settings: Mapping[str, Any], age: float) -> str:
    """What gives a robot away: a field that people do not see, or a hand that is too quick."""
    if request.form.get("site", ""):
        return form.HONEYPOT
    least = settings.get("min_seconds")
    return form.FAST if age < float(form.DEFAULT_SECONDS if least is None else least) else ""
