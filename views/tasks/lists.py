"""The lists of tasks: the table by urgency, the board by day, deals without a next step."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from app.services import tasks as verbs
from app.wording import zone
from models.ground.limits import clean_date
from models.tasks import Task
from reports import tasks as report
from reports.tasks import asked as filters
from reports.tasks import board, idle
from views.base import committing, require
from views.deals.found import common
from views.shell import say
from views.tasks.people import KINDS, kind_words
from views.tasks.typed import END_OF_DAY, REPEATS, task_or_404

LAST = 100_000


class TaskLists:
    """Table and board over one filter, and what is missing on deals."""

    @expose("/list/")
    @require("can_list")
    def list(self) -> Any:
        """Late, today, later."""
        return self._drawn("tasks/list.html")

    @expose("/now")
    @require("can_list")
    def now(self) -> Any:
        """The rows alone, for a page that keeps itself fresh."""
        return self._drawn("tasks/_rows.html")

    def _drawn(self, template: str) -> Any:
        asked = asked_or_400()
        return self.render_template(  # type: ignore[attr-defined]
            template, found=report.page(asked, skip()), **list_values(asked)
        )

    @expose("/board")
    @require("can_list")
    def board(self) -> Any:
        """By day."""
        return self._boarded("tasks/board.html")

    @expose("/board/now")
    @require("can_list")
    def board_now(self) -> Any:
        """The columns alone."""
        return self._boarded("tasks/_board.html")

    def _boarded(self, template: str) -> Any:
        asked = asked_or_400()
        return self.render_template(  # type: ignore[attr-defined]
            template, columns=board.board(asked), **list_values(asked)
        )

    @expose("/<int:pk>/day", methods=["POST"])
    @require("can_edit")
    def to_day(self, pk: int) -> Any:
        """Dropped on another day of the board: the hour stays. An empty day takes the date away."""
        task = task_or_404(pk)
        with committing():
            verbs.change(task, {"due_at": _on_day(task, request.form.get("day", ""))})
        say(_("Saved."))
        return Response("", 200, {"HX-Trigger": '{"v:changed": {}}'})

    @expose("/idle")
    @require("can_list")
    def idle(self) -> Any:
        """Open deals that nobody has anything to do on."""
        first = skip()
        return self.render_template(  # type: ignore[attr-defined]
            "tasks/idle.html", deals=idle.deals(first), count=idle.count(), first=first, shown=idle.SHOWN, **common()
        )


def _on_day(task: Task, text: str) -> dt.datetime | None:
    if not text:
        return None
    clock = task.due_at.astimezone(zone()).time() if task.due_at else END_OF_DAY
    return dt.datetime.combine(clean_date(text, "due_on"), clock, zone())


def asked_or_400() -> filters.Asked:
    """The filter of the address."""
    asked = filters.asked_of(request.args)
    if asked is None:
        raise BadRequest
    return asked


def list_values(asked: filters.Asked) -> dict[str, Any]:
    """What every list of tasks draws around its rows."""
    kept = {name: request.args[name] for name in ("view", "who", "kind", "important") if name in request.args}
    return {
        "asked": asked,
        "view": asked.view,
        "kept": kept,
        "sees_team": report.sees_team(),
        "people": filters.colleagues() if report.sees_team() else [],
        "kinds": KINDS,
        "repeat_words": dict(REPEATS),
        "kind_words": kind_words(),
        "idle": idle.count(),
        **common(),
    }


def skip() -> int:
    """How many rows are passed over."""
    text = request.args.get("skip", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 7 or int(text) > LAST:
        raise BadRequest
    return int(text)
