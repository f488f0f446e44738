"""My day: the first screen of managers and heads; it keeps itself fresh and is left for what one does."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import profile, worktime
from app.settings import setting
from app.wording import today, zone
from models.ground.actor import current_actor
from reports import day as report
from reports.day import nearest, pace, todo
from views.base import CrmView, committing, require
from views.deals.found import TASK_ICONS
from views.leads.found import common
from views.me import me
from views.shell import counters, say, settled


class Day(CrmView):
    """/day/."""

    route_base = "/day"
    default_view = "show"
    class_permission_name = "Day"

    @expose("/")
    @require("can_show")
    def show(self) -> Any:
        """The whole page."""
        return self.page("day/show.html", **values())

    @expose("/now")
    @require("can_show")
    def now(self) -> Any:
        """What changes on it: asked for after every change, and twice a minute."""
        return render_template("day/_now.html", **values())

    @expose("/takes-leads", methods=["POST"])
    @require("can_show")
    def takes_leads(self) -> Any:
        """New requests come to me, or go past me."""
        with committing():
            profile.take_leads(me(), "takes" in request.form)
        say(_("New requests come to you again.") if "takes" in request.form else _("New requests go past you now."))
        return settled(url_for("Day.show"))


def values() -> dict[str, Any]:
    """Everything that both the page and its fresh part show."""
    actor = current_actor()
    chosen = choice("tasks", tuple(todo.SPANS)), choice("plan", (pace.WEEK, pace.MONTH))
    hours = worktime.hours_of()
    over = pace.stretch(chosen[1], today(), zone(), lambda day: bool(hours.spans(day)))
    return common() | {
        "requests": report.requests(actor),
        "todo": todo.todo(actor, chosen[0]),
        "chats": report.chats(actor),
        "idle": report.idle_deals(actor),
        "nearest": nearest.nearest(actor),
        "progress": pace.progress(actor, over),
        "is_head": report.is_head(actor),
        "takes_leads": me().takes_leads,
        "norm_minutes": setting("response_minutes"),
        "task_icons": TASK_ICONS,
        "lang": actor.language,
        "counters": counters(),
        "spans": {"tasks": chosen[0], "plan": chosen[1]},
    }


def choice(name: str, known: tuple[str, ...]) -> str:
    """What the address chooses; without a word the first."""
    said = request.args.get(name, known[0])
    if said not in known:
        raise BadRequest
    return said
