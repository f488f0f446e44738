"""Channels: addresses to copy, the map of fields, what came, a trial; for the administrator."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import CHANNELS
from app.channels.site import FIELDS, PRESETS, names_of
from app.services import channels as verbs
from app.settings import SETTINGS, put, setting
from models.channels import Channel
from models.ground.actor import current_actor
from models.ground.base import db
from models.ground.refused import NotFound, Refused
from models.lowcode import choices
from models.messages import RawBody
from reports import channels as report
from views.base import CrmView, committing, require
from views.shell import say

TARGETS = ("response_minutes", "duplicate_days")
BIGGEST_CHANNEL, BIGGEST_BODY = 2**31 - 1, 2**63 - 1


class Channels(CrmView):
    """/channels/…"""

    route_base = "/channels"
    class_permission_name = "Channels"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """All channels with what came through them this week."""
        return self._list({})

    def _list(self, typed: Any, refusal: Refused | None = None) -> str:
        values = {
            "channels": report.channels(),
            "traffic": report.traffic(),
            "kinds": _kinds(),
            "targets": {key: (SETTINGS[key].sentence, typed.get(key, setting(key))) for key in TARGETS},
            "refusal": refusal,
        }
        return self.page("channels/list.html", **values, **_common())

    @expose("/targets", methods=["POST"])
    @require("can_edit")
    def targets(self) -> Any:
        """How soon a lead is answered, and how long a second request is a duplicate."""
        try:
            with committing():
                for key in TARGETS:
                    put(key, request.form.get(key, ""))
        except Refused as refusal:
            return self._list(request.form, refusal), 422
        say(_("Saved."))
        return redirect(url_for("Channels.list"))

    @expose("/add", methods=["POST"])
    @require("can_add")
    def add(self) -> Any:
        """A new channel with an address of its own."""
        with committing():
            channel = verbs.create(request.form.get("kind", "site"), request.form.get("name", ""))
            key = channel.id
        say(_("The channel is there: copy its address into the settings of the site."))
        return redirect(url_for("Channels.card", pk=key))

    @expose("/<int:pk>", methods=["GET", "POST"])
    @require("can_list")
    def card(self, pk: int) -> Any:
        """A channel: its address, its map of fields, its last deliveries; and its save."""
        if request.method == "GET":
            return self._card(channel_or_404(pk), {})
        if not current_actor().may("can_edit", "Channels"):
            abort(403)
        try:
            with committing():
                verbs.change(channel_or_404(pk), _typed())
        except NotFound:
            raise
        except Refused as refusal:
            return self._card(channel_or_404(pk), request.form, refusal), 422
        say(_("Saved."))
        return redirect(url_for("Channels.card", pk=pk))

    def _card(self, channel: Channel, typed: Any, refusal: Refused | None = None) -> str:
        preset = str(typed.get("preset") or channel.settings.get("preset") or "generic")
        names = {field.code: ", ".join(names_of(channel.settings, field.code)) for field in FIELDS}
        names |= {code: typed[f"map.{code}"] for code in names if f"map.{code}" in typed}
        values = {
            "channel": channel,
            "typed": typed,
            "refusal": refusal,
            "preset": preset,
            "presets": [(code, PRESET_WORDS.get(code, code)) for code in PRESETS],
            "usual": {code: {f: ", ".join(n) for f, n in fields.items()} for code, fields in PRESETS.items()},
            "fields": FIELDS,
            "names": names,
            "bodies": report.bodies(channel),
            "states": report.RAW_STATES,
            "sources": [(one.code, one.label(current_actor().language)) for one in choices.choices("source")],
        }
        return self.page("channels/card.html", **values, **_common())

    @expose("/<int:pk>/renew", methods=["POST"])
    @require("can_edit")
    def renew(self, pk: int) -> Any:
        """A new address: the old one stops."""
        with committing():
            verbs.renew_token(channel_or_404(pk))
        say(_("The channel has a new address; the old one does not work any more."))
        return redirect(url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/try", methods=["POST"])
    @require("can_edit")
    def try_out(self, pk: int) -> Any:
        """A sample goes the way of a real request."""
        with committing():
            verbs.try_out(channel_or_404(pk))
        say(_("A sample is sent through the channel: in a moment it is a lead."))
        return redirect(url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/bodies/<int:raw>")
    @require("can_list")
    def body(self, pk: int, raw: int) -> Any:
        """One delivery as it came."""
        channel = channel_or_404(pk)
        row = body_or_404(channel, raw)
        values = {"channel": channel, "row": row, "text": report.readable(row), "states": report.RAW_STATES}
        return self.page("channels/body.html", is_cut=row.size > report.GLANCE, **values)

    @expose("/<int:pk>/bodies/<int:raw>/again", methods=["POST"])
    @require("can_edit")
    def read_again(self, pk: int, raw: int) -> Any:
        """Try once more to understand it."""
        with committing():
            verbs.read_again(body_or_404(channel_or_404(pk), raw))
        say(_("It is read again."))
        return redirect(url_for("Channels.card", pk=pk))


PRESET_WORDS = {"generic": "JSON / HTML", "tilda": "Tilda"}


def channel_or_404(pk: int) -> Channel:
    """The channel with this key, if the actor may see it."""
    if pk > BIGGEST_CHANNEL:
        abort(404)
    channel = db.session.execute(select(Channel).where(Channel.id == pk)).scalar_one_or_none()
    return channel if channel is not None else abort(404)


def body_or_404(channel: Channel, raw: int) -> RawBody:
    """A delivery of the channel."""
    if raw > BIGGEST_BODY:
        abort(404)
    rows = select(RawBody).where(RawBody.id == raw, RawBody.channel_id == channel.id)
    row = db.session.execute(rows).scalar_one_or_none()
    return row if row is not None else abort(404)


def _common() -> dict[str, Any]:
    base = current_app.config["CRM"].BASE_URL
    return {"address_of": lambda channel: f"{base}/hooks/{channel.kind}/{channel.token}"}


def _kinds() -> list[tuple[str, str]]:
    return [(kind, str(provider.LABEL)) for kind, provider in CHANNELS.items()]


def _typed() -> dict[str, Any]:
    form = request.form
    values: dict[str, Any] = {name: form[name] for name in ("name", "source", "preset") if name in form}
    values["active"] = bool(form.get("active"))
    values["map"] = {field.code: form[f"map.{field.code}"] for field in FIELDS if f"map.{field.code}" in form}
    return values
