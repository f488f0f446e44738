"""The card of a channel: its address, the settings of its kind, the map of fields, its last deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import form as site_form
from app.channels import uis
from app.channels.site import FIELDS, PRESETS, names_of
from app.services import channels as verbs
from app.services.channels import connecting
from app.services.channels.settings import declared
from app.services.channels.site_form import consent_version
from models.channels import Channel
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.lowcode import choices
from models.lowcode.funnels import Funnel, Stage, StageKind
from models.staff import Person
from reports import channels as report
from views.base import committing, require
from views.channels.found import channel_or_404, common, has
from views.channels.state import state_of
from views.shell import say

PRESET_WORDS = {"generic": "JSON / HTML", "tilda": "Tilda"}


class CardPages:
    """/channels/<id>."""

    @expose("/<int:pk>", methods=["GET", "POST"])
    @require("can_list")
    def card(self, pk: int) -> Any:
        """The card, and its save."""
        if request.method == "GET":
            return self._card(channel_or_404(pk), {})
        if not current_actor().may("can_edit", "Channels"):
            abort(403)
        try:
            with committing():
                channel = channel_or_404(pk)
                verbs.change(channel, typed_of(channel))
                connecting.connect(channel)
        except NotFound:
            raise
        except Refused as refusal:
            return self._card(channel_or_404(pk), request.form, refusal), 422
        say(_("Saved."))
        return redirect(url_for("Channels.card", pk=pk))

    def _card(self, channel: Channel, typed: Any, refusal: Refused | None = None) -> str:
        language = current_actor().language
        values = {
            "channel": channel,
            "typed": typed,
            "refusal": refusal,
            "lines": declared(channel.kind),
            "given": verbs.given_secrets(channel),
            "bodies": report.bodies(channel),
            "counts": report.counts(channel),
            "states": report.RAW_STATES,
            "sources": [(one.code, one.label(language)) for one in choices.choices("source")],
            "can_check": has(channel, "check"),
            "can_try": not has(channel, "pull") or channel.kind == "telegram",
            **state_of(channel),
            **OF_KIND.get(channel.kind, lambda _channel, _typed: {})(channel, typed),
        }
        return self.page("channels/card.html", **values, **common())  # type: ignore[attr-defined,no-any-return]


def of_site(channel: Channel, typed: Any) -> dict[str, Any]:
    """The map of fields, with what the preset usually has."""
    names = {field.code: ", ".join(names_of(channel.settings, field.code)) for field in FIELDS}
    return {
        "preset": str(typed.get("preset") or channel.settings.get("preset") or "generic"),
        "presets": [(code, PRESET_WORDS.get(code, code)) for code in PRESETS],
        "usual": {code: {f: ", ".join(n) for f, n in fields.items()} for code, fields in PRESETS.items()},
        "fields": FIELDS,
        "names": names | {code: typed[f"map.{code}"] for code in names if f"map.{code}" in typed},
    }


def of_form(channel: Channel, typed: Any) -> dict[str, Any]:
    """The fields in their order with those that are not asked after them, the texts, the places of a deal."""
    language = current_actor().language
    chosen = _fields_of(typed) if typed else [
        {"code": asked.code, "must": must} for asked, must in site_form.asked(channel.settings)
    ]  # fmt: skip
    shown = {one["code"]: one["must"] for one in chosen}
    rest = [code for code in site_form.ASKED if code not in shown]
    return {
        "asked": [(site_form.ASKED[code], code in shown, bool(shown.get(code))) for code in (*shown, *rest)],
        "texts": _texts_of(typed) if typed else channel.settings.get("texts") or {},
        "consent_version": consent_version(channel.settings),
        "places": [("", _("As the usual one")), *_places(language)],
        "owners": [("", _("By turn, as all leads")), *_owners()],
        "place": typed["stage"] if "stage" in typed else channel.settings.get("stage") or "",
        "owner": typed["owner"] if "owner" in typed else channel.settings.get("owner") or "",
    }


def of_uis(_channel: Channel, _typed: Any) -> dict[str, Any]:
    """What is copied into the cabinet."""
    return {"notice": uis.TEMPLATE}


OF_KIND: dict[str, Callable[[Channel, Any], dict[str, Any]]] = {"site": of_site, "form": of_form, "uis": of_uis}


def _places(language: str) -> list[tuple[str, str]]:
    """Stages where a deal may begin, with their funnel."""
    rows = (
        select(Stage.id, Stage.names, Funnel.names)
        .join(Funnel, Funnel.id == Stage.funnel_id)
        .where(Funnel.active, Stage.kind == StageKind.OPEN)
        .order_by(Funnel.position, Funnel.id, Stage.position)
    )

    def label(names: dict[str, str]) -> str:
        return str(names.get(language) or next(iter(names.values()), ""))

    return [(str(key), f"{label(funnel)}: {label(stage)}") for key, stage, funnel in db.session.execute(rows)]


def _owners() -> list[tuple[str, str]]:
    rows = select(Person).where(Person.active, Person.takes_leads).order_by(Person.first_name, Person.last_name)
    return [(str(person.id), person.name) for person in db.session.execute(rows).scalars()]


def typed_of(channel: Channel) -> dict[str, Any]:
    """What the form of the card sent."""
    sent = request.form
    values: dict[str, Any] = {name: sent[name] for name in ("name", "source", "preset") if name in sent}
    values["active"] = bool(sent.get("active"))
    if channel.kind == "site":
        values["map"] = {field.code: sent[f"map.{field.code}"] for field in FIELDS if f"map.{field.code}" in sent}
    settings: dict[str, Any] = {}
    for line in declared(channel.kind):
        if line.kind == "flag":
            settings[line.code] = bool(sent.get(f"set.{line.code}")) if f"has.{line.code}" in sent else None
        elif f"set.{line.code}" in sent:
            settings[line.code] = sent[f"set.{line.code}"]
        if f"forget.{line.code}" in sent:
            settings[f"forget.{line.code}"] = True
    if channel.kind == "form":
        settings |= {"texts": _texts_of(sent), "fields": _fields_of(sent)} if "has.fields" in sent else {}
        settings |= {name: sent[name] for name in ("stage", "owner") if name in sent}
    values["settings"] = {code: value for code, value in settings.items() if value is not None}
    return values


def _fields_of(sent: Any) -> list[dict[str, Any]]:
    """In the order in which they stand on the page."""
    codes = [code for code in dict.fromkeys(sent.getlist("field")) if code in site_form.ASKED]
    return [{"code": code, "must": bool(sent.get(f"must.{code}"))} for code in codes if sent.get(f"ask.{code}")]


def _texts_of(sent: Any) -> dict[str, dict[str, str]]:
    return {
        language: {name: sent.get(f"{name}.{language}", "") for name in site_form.TEXTS}
        for language in site_form.LANGUAGES
    }
