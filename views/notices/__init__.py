"""The bell: its fragment, its page, and what marks a notice as seen."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask_appbuilder import expose
from sqlalchemy import select

from app.services import notices as verbs
from models.ground.actor import current_actor
from models.ground.base import db
from models.notices import Notice
from reports import notices as report
from views.base import CrmView, committing, require
from views.crud.filters import whole
from views.deals.moving import is_fragment
from views.security import safe_next

BIGGEST = 2**63 - 1


class Notices(CrmView):
    """Everybody has their own."""

    route_base = "/notices"
    class_permission_name = "Notices"

    @expose("/list/")
    @expose("/")
    @require("can_list")
    def list(self) -> Any:
        """The page of all notices; for the bell its last ones."""
        if is_fragment():
            found = report.latest(report.IN_THE_BELL)
            days = report.by_day(found[: report.IN_THE_BELL])
            return render_template("notices/_bell.html", days=days, icon_of=report.icon_of)
        page = whole(request.args.get("page", "0"), 10_000)
        is_new = request.args.get("tab") == "new"
        found = report.latest(report.ON_A_PAGE, page * report.ON_A_PAGE, unread=is_new)
        shown = found[: report.ON_A_PAGE]
        values = {
            "days": report.by_day(shown), "count": len(shown), "number": page, "is_new": is_new,
            "is_more": len(found) > len(shown), "icon_of": report.icon_of,
        }  # fmt: skip
        return self.page("notices/list.html", size=report.ON_A_PAGE, **values)

    @expose("/<int:pk>")
    @require("can_list")
    def open(self, pk: int) -> Any:
        """Seen: on to what it is about."""
        notice = _own(pk)
        address = safe_next(notice.url or url_for("Notices.list"))
        with committing():
            verbs.mark_read(pk)
        return redirect(address)

    @expose("/read", methods=["POST"])
    @require("can_list")
    def read(self) -> Any:
        """All of them are seen."""
        with committing():
            verbs.mark_read()
        if is_fragment():
            return Response("", 200, {"HX-Refresh": "true"})
        return redirect(url_for("Notices.list"))


def _own(pk: int) -> Notice:
    if pk > BIGGEST:
        abort(404)
    mine = select(Notice).where(Notice.id == pk, Notice.person_id == (current_actor().person_id or 0))
    notice = db.session.execute(mine).scalar_one_or_none()
    return notice if notice is not None else abort(404)
