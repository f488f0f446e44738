"""Channels: addresses to copy, settings of each kind, what came and what became of it; for the administrator."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.services import channels as verbs
from app.services.channels import connecting
from app.settings import SETTINGS, put, setting
from models.ground.refused import Refused
from reports import channels as report
from views.base import CrmView, committing, require
from views.channels.bodies import BodiesPages
from views.channels.card import CardPages
from views.channels.found import channel_or_404, common, kinds
from views.channels.state import StatePages
from views.shell import say

TARGETS = ("response_minutes", "duplicate_days")


class Channels(CardPages, BodiesPages, StatePages, CrmView):
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
            "kinds": kinds(),
            "targets": {key: (SETTINGS[key].sentence, typed.get(key, setting(key))) for key in TARGETS},
            "typed": typed,
            "refusal": refusal,
        }
        return self.page("channels/list.html", **values, **common())

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
        kind = request.form.get("kind", "site")
        name = request.form.get("name", "").strip() or {one[0]: one[1] for one in kinds()}.get(kind, "")
        with committing():
            channel = verbs.create(kind, name)
            key = channel.id
        say(_("The channel is there: what is still to be done stands on its page."))
        return redirect(url_for("Channels.card", pk=key))

    @expose("/<int:pk>/renew", methods=["POST"])
    @require("can_edit")
    def renew(self, pk: int) -> Any:
        """A new address: the old one stops."""
        with committing():
            channel = verbs.renew_token(channel_or_404(pk))
            connecting.connect(channel)
        say(_("The channel has a new address; the old one does not work any more."))
        return redirect(url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/switch", methods=["POST"])
    @require("can_edit")
    def switch(self, pk: int) -> Any:
        """Off or on again."""
        with committing():
            channel = channel_or_404(pk)
            is_on = not channel.active
            verbs.change(channel, {"active": is_on})
            connecting.connect(channel)
        off = _("The channel is switched off: nothing comes through it.")
        say(_("The channel is switched on.") if is_on else off, undo=url_for("Channels.switch", pk=pk))
        return redirect(url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/try", methods=["POST"])
    @require("can_edit")
    def try_out(self, pk: int) -> Any:
        """A sample goes the way of a real request."""
        with committing():
            verbs.try_out(channel_or_404(pk))
        say(_("A sample is sent through the channel: in a moment it is a lead."))
        return redirect(url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/check", methods=["POST"])
    @require("can_edit")
    def check(self, pk: int) -> Any:
        """Ask the provider how it is."""
        with committing():
            connecting.ask_check(channel_or_404(pk))
        say(_("The provider is asked: the answer stands here in a moment."))
        return redirect(url_for("Channels.card", pk=pk))
