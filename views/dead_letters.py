"""What did not work and waits for a person: jobs, letters, bodies; each with its reason and a way to try again."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select

from app.services import dead_letters as verbs
from app.services import notices
from models.ground.base import db
from models.notices import DeadLetter, Delivery
from reports import channels as report
from views.base import CrmView, committing, require
from views.shell import say

TABS = ("jobs", "letters", "bodies")
BIGGEST = 2**63 - 1


class DeadLetters(CrmView):
    """/dead-letters/…"""

    route_base = "/dead-letters"
    class_permission_name = "DeadLetters"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """Dead jobs, stuck letters, or bodies that were not understood."""
        tab = request.args.get("tab", "jobs")
        if tab not in TABS:
            abort(404)
        found: dict[str, Any] = {"jobs": [], "letters": [], "bodies": []}
        found[tab] = {
            "jobs": report.dead_jobs, "letters": report.stuck_letters, "bodies": report.unread_bodies,
        }[tab]()  # fmt: skip
        values = {"tab": tab, "counts": report.stuck(), "states": report.DELIVERY_STATES, "words": report.JOB_WORDS}
        return self.page("dead_letters/list.html", **found, **values)

    @expose("/<int:pk>/replay", methods=["POST"])
    @require("can_replay")
    def replay(self, pk: int) -> Any:
        """Run a job anew."""
        with committing():
            verbs.replay(_row(DeadLetter, pk))
        say(_("The job runs again."))
        return redirect(url_for("DeadLetters.list"))

    @expose("/<int:pk>/put-away", methods=["POST"])
    @require("can_replay")
    def put_away(self, pk: int) -> Any:
        """It is not needed any more."""
        with committing():
            verbs.put_away(_row(DeadLetter, pk))
        say(_("Put away."))
        return redirect(url_for("DeadLetters.list"))

    @expose("/letters/<int:pk>/send", methods=["POST"])
    @require("can_replay")
    def send(self, pk: int) -> Any:
        """Send a letter anew."""
        with committing():
            notices.send_again(_row(Delivery, pk))
        say(_("The letter is sent again."))
        return redirect(url_for("DeadLetters.list", tab="letters"))


def _row(model: Any, pk: int) -> Any:
    if pk > BIGGEST:
        abort(404)
    row = db.session.execute(select(model).where(model.id == pk)).scalar_one_or_none()
    return row if row is not None else abort(404)
