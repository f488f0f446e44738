"""What came through a channel: every body as it came, why it was not understood, and reading it again."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.channels.site import FIELDS
from app.services import channels as verbs
from models.messages import RawState
from reports import channels as report
from views.base import committing, require
from views.channels.found import body_or_404, channel_or_404, common
from views.shell import say

MOST_PAGES = 10_000


class BodiesPages:
    """/channels/<id>/bodies/…"""

    @expose("/<int:pk>/bodies/")
    @require("can_list")
    def bodies(self, pk: int) -> Any:
        """All deliveries of a channel, by what became of them."""
        channel = channel_or_404(pk)
        state = request.args.get("state", "")
        if state and state not in report.RAW_STATES:
            raise BadRequest
        page = _page()
        rows = report.bodies(channel, state, page)
        values = {"channel": channel, "rows": rows, "state": state, "page_number": page}
        words = {"states": report.RAW_STATES, "size": report.SHOWN, "counts": report.counts(channel)}
        return self.page("channels/bodies.html", **values, **words, **common())  # type: ignore[attr-defined]

    @expose("/<int:pk>/bodies/<int:raw>")
    @require("can_list")
    def body(self, pk: int, raw: int) -> Any:
        """One delivery as it came, and how it is understood now."""
        channel = channel_or_404(pk)
        row = body_or_404(channel, raw)
        values = {
            "channel": channel,
            "row": row,
            "sheet": report.sheet_of(row),
            "lead": report.lead_of(row),
            "seen": verbs.seen_now(channel, row),
            "states": report.RAW_STATES,
            "field_words": {field.code: field.label for field in FIELDS},
            "again": row.state in (RawState.FAILED, RawState.READ) and not verbs.is_press(channel, row),
        }
        return self.page("channels/body.html", **values)  # type: ignore[attr-defined]

    @expose("/<int:pk>/bodies/<int:raw>/again", methods=["POST"])
    @require("can_edit")
    def read_again(self, pk: int, raw: int) -> Any:
        """Try once more to understand it."""
        with committing():
            verbs.read_again(body_or_404(channel_or_404(pk), raw))
        say(_("It is read again."))
        stays = bool(request.form.get("stay"))
        return redirect(url_for("Channels.body", pk=pk, raw=raw) if stays else url_for("Channels.card", pk=pk))

    @expose("/<int:pk>/bodies/again", methods=["POST"])
    @require("can_edit")
    def read_all_again(self, pk: int) -> Any:
        """All that nobody understood, in the background."""
        with committing():
            work = verbs.read_all_again(channel_or_404(pk))
            key = work.id
        return redirect(url_for("Works.show", pk=key))


def _page() -> int:
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_PAGES:
        raise BadRequest
    return int(text)
